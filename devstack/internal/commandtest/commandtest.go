// Package commandtest runs the command under test as a separate process, by re-executing the test binary.
package commandtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is the time limit of every wait. It is ample even for a slow machine.
const Patience = time.Minute

const role = "TERRACE_COMMANDTEST"

// Main runs the tests or, in a process started by them, the command's own main function.
func Main(m *testing.M, command func()) {
	switch os.Getenv(role) {
	case "command":
		command()
	case "parent":
		parent()
	default:
		os.Exit(m.Run())
	}
}

// Command is a process of the command under test.
type Command struct {
	PID   int
	input io.Closer

	lines  chan string // lines of standard output
	ended  chan struct{}
	status int
	errors *safeBuffer
}

// Run starts the command with its standard input held open. The process ends no later than the test.
func Run(t *testing.T, args ...string) *Command {
	t.Helper()
	return start(t, "command", args)
}

// RunInParent starts the command as the child of another process, and returns a Command with that parent's PID. The
// command's standard input is not a pipe from that process, so only the parent's death can end it.
func RunInParent(t *testing.T, args ...string) *Command {
	t.Helper()
	return start(t, "parent", args)
}

func start(t *testing.T, as string, args []string) *Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(context.WithoutCancel(t.Context()), self, args...)
	process.Env = append(os.Environ(), role+"="+as)
	input, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &Command{input: input, lines: make(chan string, 100), ended: make(chan struct{}), errors: &safeBuffer{}}
	process.Stderr = c.errors
	process.WaitDelay = time.Second // a killed command may leave children that hold its standard error
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	c.PID = process.Process.Pid
	go func() {
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			c.lines <- scanner.Text()
		}
		close(c.lines)
		_ = process.Wait()
		c.status = process.ProcessState.ExitCode()
		close(c.ended)
	}()
	t.Cleanup(func() {
		c.Signal(syscall.SIGTERM)
		c.Status(t)
		if t.Failed() {
			t.Logf("standard error of %s:\n%s", strings.Join(args, " "), c.errors)
		}
	})
	return c
}

// parent starts the command, passes its output on, and waits to be killed.
func parent() {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	command := exec.CommandContext(context.Background(), self, os.Args[1:]...) //nolint:gosec // the arguments come from our own tests
	command.Env = append(os.Environ(), role+"=command")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		panic(err)
	}
	_ = command.Wait()
}

// Ready waits for the readiness line and decodes it into into.
func (c *Command) Ready(t *testing.T, into any) {
	t.Helper()
	select {
	case line, ok := <-c.lines:
		if !ok {
			t.Fatalf("ended without a readiness line; standard error:\n%s", c.errors)
		}
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(into); err != nil {
			t.Fatalf("readiness line %q: %v", line, err)
		}
	case <-time.After(Patience):
		t.Fatalf("no readiness line; standard error:\n%s", c.errors)
	}
}

// Signal sends a signal to the process, which may already have ended.
func (c *Command) Signal(signal syscall.Signal) {
	select {
	case <-c.ended:
	default:
		_ = syscall.Kill(c.PID, signal)
	}
}

// CloseInput closes the command's standard input.
func (c *Command) CloseInput() { _ = c.input.Close() }

// Status waits for the process to end and returns its exit status, or -1 if a signal ended it. It fails the test if
// anything but the readiness line was printed.
func (c *Command) Status(t *testing.T) int {
	t.Helper()
	select {
	case <-c.ended:
	case <-time.After(Patience):
		t.Errorf("the command does not end; standard error:\n%s", c.errors)
		_ = syscall.Kill(c.PID, syscall.SIGKILL)
		return -1
	}
	for line := range c.lines {
		t.Errorf("an extra line on standard output: %q", line)
	}
	return c.status
}

// Errors returns what the command has written to standard error.
func (c *Command) Errors() string { return c.errors.String() }

// Eventually waits until the condition holds.
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not met within %v: %s", Patience, what)
		}
	}
}

// Ends waits for a process that is not a child of the test to end. If it does not end in time, Ends kills it and fails
// the test.
func Ends(t *testing.T, pid int) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() && Alive(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	Eventually(t, "process "+strconv.Itoa(pid)+" ends", func() bool { return !Alive(pid) })
}

// Alive reports whether a process is still running.
func Alive(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !isZombie(pid)
}

func isZombie(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
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
