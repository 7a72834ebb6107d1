package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"terrace/child"
)

// patience is the time limit of every wait for a program; look is the polling interval.
const (
	patience = 2 * time.Minute
	look     = 5 * time.Millisecond
)

// Process is a started program, which ends no later than this process.
type Process struct {
	Name string
	PID  int

	cmd   *exec.Cmd
	input io.Closer
	out   string // file with its standard output
	errs  string // file with its standard error
	ended chan struct{}
}

// Run starts a program from bin/ with env added to this process's environment without Terrace's settings.
func (s *Stack) Run(name string, env []string, args ...string) (*Process, error) {
	p, err := s.launch(name, env, args...)
	if err == nil {
		s.started = append(s.started, p)
	}
	return p, err
}

func (s *Stack) launch(name string, env []string, args ...string) (*Process, error) {
	folder, err := s.Folder()
	if err != nil {
		return nil, err
	}
	p := &Process{Name: name, out: filepath.Join(folder, "out"), errs: filepath.Join(folder, "errors"), ended: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(s.bin, name), args...) //nolint:gosec,noctx // our own program, ended by Stop
	p.cmd.Env = append(child.Environment(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := os.Create(p.out)
	if err != nil {
		return nil, err
	}
	defer out.Close() //nolint:errcheck // the child has its own handle
	errs, err := os.Create(p.errs)
	if err != nil {
		return nil, err
	}
	defer errs.Close() //nolint:errcheck // likewise
	p.cmd.Stdout, p.cmd.Stderr = out, errs
	if err := child.Start(p.cmd, syscall.SIGTERM); err != nil {
		return nil, err
	}
	p.PID = p.cmd.Process.Pid
	go func() {
		_ = p.cmd.Wait() // how it ended no longer matters
		close(p.ended)
	}()
	return p, nil
}

// Running reports whether the program is still running.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Stop asks the program to stop, and kills it if it does not.
func (p *Process) Stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.Kill()
	}
}

// Kill ends the program as kill -9 does.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

func (p *Process) signal(s syscall.Signal) {
	if p.Running() {
		_ = p.cmd.Process.Signal(s) // it may already have ended
	}
}

// Wait waits for a program that ends by itself, and returns its exit status and output.
func (p *Process) Wait(ctx context.Context) (status int, text string, err error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), p.Text(), nil
	case <-ctx.Done():
		p.Kill()
		return -1, p.Text(), ctx.Err()
	}
}

// Text returns the output: standard output, then standard error.
func (p *Process) Text() string {
	out, outErr := os.ReadFile(p.out)
	errs, errsErr := os.ReadFile(p.errs)
	if err := errors.Join(outErr, errsErr); err != nil {
		return err.Error()
	}
	return string(out) + string(errs)
}

// await waits until the output matches the expression, and returns the submatches.
func (p *Process) await(ctx context.Context, expression *regexp.Regexp) ([]string, error) {
	for deadline := time.Now().Add(patience); ; {
		if found := expression.FindStringSubmatch(p.Text()); found != nil {
			return found, nil
		}
		if !p.Running() || time.Now().After(deadline) {
			return nil, fmt.Errorf("%s did not become ready:\n%s", p.Name, p.Text())
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(look):
		}
	}
}

var wholeLine = regexp.MustCompile(`(?m)^(\{.*\})$`)

// ready parses the line in which a server reports its address.
func (p *Process) ready(ctx context.Context, into any) error {
	line, err := p.await(ctx, wholeLine)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(line[1]), into)
}
