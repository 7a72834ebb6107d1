// Package temporaltest gives tests a shared, real Temporal server: the one at $TERRACE_TEST_TEMPORAL (host:port, with a
// namespace "terrace"). If that is not set, the first test of a process starts bin/temporald, with its data in memory,
// which ends with the process.
package temporaltest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"terrace/worker"
)

// Namespace is the namespace that tests use.
const Namespace = "terrace"

// Dial connects to the shared server. The connection is closed when the test ends.
func Dial(t testing.TB) client.Client {
	t.Helper()
	c, err := worker.Dial(Address(t), Namespace, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Address returns the host:port of the shared server.
func Address(t testing.TB) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return server.Address
}

// Prefix returns a new prefix for the task queues of a test.
func Prefix() string { return uuid.NewString()[:8] + "-" }

// Server is a Temporal server for a single test, which may kill it.
type Server struct {
	Address string
	process *exec.Cmd
}

// Start runs bin/temporald, with its data in memory, until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return startFor(t, os.Stderr)
}

// StartSilent is like Start, but drops the server's log. It is for tests that make workflow tasks fail on purpose, so that
// a warning in the log of any other test means something.
func StartSilent(t testing.TB) *Server {
	t.Helper()
	return startFor(t, io.Discard)
}

// StartAt is like Start, but reuses the address of a server that was killed.
func StartAt(t testing.TB, address string) *Server {
	t.Helper()
	_, port, _ := strings.Cut(address, ":")
	return startFor(t, os.Stderr, "--port", port)
}

func startFor(t testing.TB, log io.Writer, flags ...string) *Server {
	t.Helper()
	s, err := start(log, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// Kill ends the server at once. All its data is lost.
func (s *Server) Kill() {
	if s.process.ProcessState == nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait() // the error is the kill itself
	}
}

// shared finds or starts the server that all tests of a process share.
var shared = sync.OnceValues(func() (*Server, error) {
	if given := os.Getenv("TERRACE_TEST_TEMPORAL"); given != "" {
		return &Server{Address: given}, nil
	}
	return start(os.Stderr)
})

// start runs bin/temporald with its data in memory. Its standard input is closed when this process ends, which ends the
// server.
func start(log io.Writer, flags ...string) (*Server, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	flags = append([]string{"--in-memory", "--with-parent", "--namespace", Namespace}, flags...)
	process := exec.CommandContext(context.Background(), path, flags...) //nolint:gosec // bin/temporald of this repository
	process.Stderr = log
	if _, err := process.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	kill := time.AfterFunc(time.Minute, func() { _ = process.Process.Kill() })
	defer kill.Stop()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var ready struct{ Address string }
	if err := json.Unmarshal(line, &ready); err != nil {
		_ = process.Process.Kill()
		return nil, fmt.Errorf("%s said %q instead of where it is: %w", path, line, errors.Join(err, process.Wait()))
	}
	return &Server{Address: ready.Address, process: process}, nil
}

// binary returns the path of bin/temporald in the module's folder.
func binary() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			path := filepath.Join(folder, "bin", "temporald")
			if _, err := os.Stat(path); err != nil {
				return "", fmt.Errorf("%w: build devstack first, or set TERRACE_TEST_TEMPORAL to a server's host:port", err)
			}
			return path, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no go.mod above the test")
		}
	}
}
