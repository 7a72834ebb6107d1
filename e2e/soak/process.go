package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"terrace/child"
)

// patience is the time limit for everything that should take almost no time. It is ample even for a slow machine. look
// is the polling interval.
const (
	patience = 2 * time.Minute
	look     = 20 * time.Millisecond
)

// process is a separate program, which ends no later than this process.
type process struct {
	name   string
	cmd    *exec.Cmd
	input  io.Closer
	output *tail
	ended  chan struct{}
	status int // -1 after a signal; valid once ended is closed
}

// launch starts a program with env added to this process's environment without Terrace's settings.
func launch(path string, env []string, args ...string) (*process, error) {
	p := &process{name: path, cmd: exec.Command(path, args...), output: &tail{}, ended: make(chan struct{})} //nolint:noctx,gosec // ended by signals; the user names the programs
	p.cmd.Env = append(child.Environment(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
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

// run runs a program to its end and returns its whole output. A nonzero status is an error.
func run(ctx context.Context, path string, env []string, args ...string) (string, error) {
	p, err := launch(path, env, args...)
	if err != nil {
		return "", err
	}
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.end(syscall.SIGKILL)
		return "", ctx.Err()
	}
	if p.status != 0 {
		return p.output.String(), fmt.Errorf("%s %s exits with %d:\n%s", path, strings.Join(args, " "), p.status, p.output)
	}
	return p.output.String(), nil
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// end sends the signal and waits. A program that ignores SIGTERM is killed.
func (p *process) end(s syscall.Signal) {
	if p.running() {
		_ = p.cmd.Process.Signal(s) // it may already have ended
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// says waits until the program has written what. After ten seconds it returns anyway, because something that the
// program needs is probably down.
func (p *process) says(what string) error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(look) {
		switch {
		case strings.Contains(p.output.String(), what):
			return nil
		case !p.running():
			return fmt.Errorf("%s ended:\n%s", p.name, p.output)
		}
	}
	return nil
}

// tail keeps the beginning and the end of the output; a soak is long, and most of its output is of no interest.
type tail struct {
	mutex sync.Mutex
	first bytes.Buffer
	rest  []byte
}

const tailBytes = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if room := tailBytes - t.first.Len(); room > 0 {
		t.first.Write(p[:min(room, len(p))])
		t.rest = append(t.rest, p[min(room, len(p)):]...)
	} else {
		t.rest = append(t.rest, p...)
	}
	if extra := len(t.rest) - tailBytes; extra > tailBytes {
		t.rest = append([]byte(nil), t.rest[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.first.String() + string(t.rest)
}

// service is a program that is restarted whenever it ends, as in production.
type service struct {
	name   string
	kind   string // the kind under which its kills are counted
	launch func() (*process, error)
	strike func(*process) // performs kill -9; nil kills the process itself

	up     atomic.Pointer[process] // nil while it is down
	paused atomic.Bool             // suspends restarts
	kills  atomic.Int64
	last   atomic.Pointer[string] // output of the previous run
	used   atomic.Int64           // CPU time of earlier runs
}

// keep restarts the program whenever it ends. When the context ends, it stops the program.
func (s *service) keep(ctx context.Context) {
	for ctx.Err() == nil {
		if s.paused.Load() {
			rest(ctx)
			continue
		}
		p, err := s.launch()
		if err != nil { // something it needs is down
			text := err.Error()
			s.last.Store(&text)
			rest(ctx)
			continue
		}
		s.up.Store(p)
		select {
		case <-p.ended:
		case <-ctx.Done():
			p.end(syscall.SIGTERM)
		}
		s.up.Store(nil)
		s.used.Add(int64(p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()))
		text := p.output.String()
		s.last.Store(&text)
	}
}

// wrote returns the output of the current run, or else of the previous one.
func (s *service) wrote() string {
	if p := s.up.Load(); p != nil {
		return p.output.String()
	}
	if text := s.last.Load(); text != nil {
		return *text
	}
	return ""
}

// kill waits until the program is up and ends it with kill -9.
func (s *service) kill(ctx context.Context) {
	if p := s.await(ctx); p != nil {
		if s.strike != nil {
			s.strike(p)
		} else {
			_ = p.cmd.Process.Kill()
		}
		<-p.ended
		s.kills.Add(1)
	}
}

// replace stops the program as an operator would, and waits for its next run.
func (s *service) replace(ctx context.Context) {
	p := s.await(ctx)
	if p == nil {
		return
	}
	p.end(syscall.SIGTERM)
	for ctx.Err() == nil {
		if next := s.up.Load(); next != nil && next != p {
			return
		}
		rest(ctx)
	}
}

// await waits for the program to be running and returns it, or nil if the context ends first.
func (s *service) await(ctx context.Context) *process {
	for ctx.Err() == nil {
		if p := s.up.Load(); p != nil && p.running() {
			return p
		}
		rest(ctx)
	}
	return nil
}

// rest waits briefly between two polls, unless the context ends.
func rest(ctx context.Context) { pause(ctx, 2*look) }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// freeAddress returns a local address on which nothing is listening.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String(), nil
}
