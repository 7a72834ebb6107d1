package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"terrace/child"
	record "terrace/postgres"
)

// patience is the time limit of every wait. It is ample even for a slow machine.
const patience = time.Minute

// look is the polling interval.
const look = 5 * time.Millisecond

// process is a program that a test started. It ends no later than the test, even if the test process is killed.
type process struct {
	name   string
	cmd    *exec.Cmd
	input  io.Closer
	output *safeBuffer // its standard output
	errors *safeBuffer // its standard error
	ended  chan struct{}
	status int // -1 after a signal; valid once ended is closed
}

// launch starts a program from bin/ with variables added to the environment.
func launch(name string, env []string, args ...string) (*process, error) {
	p := &process{name: name, cmd: exec.Command(filepath.Join(bin, name), args...), output: &safeBuffer{}, errors: &safeBuffer{}, ended: make(chan struct{})}
	if name == "terrace" && len(args) > 0 && !slices.Contains(ofTheOwner, args[0]) {
		env = asProgram(env)
	}
	p.cmd.Env = append(child.Environment(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.errors
	p.cmd.WaitDelay = time.Second // a killed program may leave children that hold its output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := child.Start(p.cmd, syscall.SIGTERM); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // the status is read below
		p.status = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	return p, nil
}

// ofTheOwner lists the commands that need the database URL of the tables' owner.
var ofTheOwner = []string{"demo", "migrate", "backup", "restore"}

// asProgram gives a command the database URL of the role that the program uses in production.
func asProgram(env []string) []string {
	env = slices.Clone(env)
	for i, setting := range env {
		if owner, is := strings.CutPrefix(setting, "TERRACE_DATABASE_URL="); is {
			if program, _ := record.TrialURL(context.Background(), owner); program != "" { // the server may be down on purpose
				env[i] = "TERRACE_DATABASE_URL=" + program
			}
		}
	}
	return env
}

// run runs a terrace command to its end, and returns its exit status and output.
func run(t *testing.T, env []string, args ...string) (status int, text string) {
	t.Helper()
	p, err := launch("terrace", env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return p.wait(t, patience), p.output.String() + p.errors.String()
}

// running reports whether the program is still running.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the program immediately, like kill -9.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// stop asks the program to stop, and kills it if it does not.
func (p *process) stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
	}
}

func (p *process) end(s syscall.Signal) {
	p.signal(s)
	<-p.ended
}

func (p *process) signal(s syscall.Signal) {
	if p.running() {
		_ = p.cmd.Process.Signal(s) // it may already have ended
	}
}

// wait waits for the program to end and returns its exit status.
func (p *process) wait(t *testing.T, limit time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.status
	case <-time.After(limit):
		text := p.tail()
		p.kill()
		t.Fatalf("%s has not ended after %v:\n%s", p.name, limit, text)
		return 0
	}
}

// tail returns the end of the output.
func (p *process) tail() string {
	text := p.output.String() + p.errors.String()
	if most := 4000; len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// firstLine waits for the first line on standard output.
func (p *process) firstLine() (string, error) {
	for deadline := time.Now().Add(3 * patience); ; time.Sleep(look) {
		line, _, whole := strings.Cut(p.output.String(), "\n")
		switch {
		case whole:
			return line, nil
		case !p.running() || time.Now().After(deadline):
			return "", fmt.Errorf("%s did not become ready:\n%s", p.name, p.tail())
		}
	}
}

// eventually waits until the condition holds. If it never does, the test fails and reports what.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	eventuallyWithin(t, patience, what, condition)
}

func eventuallyWithin(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(look) {
		if time.Now().After(deadline) {
			t.Fatalf("not met within %v: %s", limit, what)
		}
	}
}

type safeBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}
