// Command withstack runs another command with a throw-away Postgres and a throw-away Temporal:
//
//	withstack -- go test ./...
//
// The command finds them in TERRACE_TEST_DATABASE_URL and TERRACE_TEST_TEMPORAL. Withstack cleans up however the command
// ends, and exits with the command's status.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// readyTime is the maximum time that a server may take to start, even on a slow machine.
const readyTime = 3 * time.Minute

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) (status int) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withstack -- COMMAND …")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	status, err := with(ctx, args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withstack:", err)
		return 1
	}
	return status
}

func with(ctx context.Context, args []string) (status int, err error) {
	folder, err := os.MkdirTemp("", "terrace-test-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // a private Postgres may run as another user
		return 0, err
	}
	var database struct{ URL string }
	postgres, err := start(ctx, &database, "postgresd", "--with-parent", "--data", filepath.Join(folder, "postgres"), "--durable=false", "--max-connections", "500")
	defer end(postgres)
	if err != nil {
		return 0, err
	}
	var temporal struct{ Address string }
	temporald, err := start(ctx, &temporal, "temporald", "--with-parent", "--in-memory")
	defer end(temporald)
	if err != nil {
		return 0, err
	}
	command := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // the user's command; it gets the terminal's signals itself
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "TERRACE_TEST_DATABASE_URL="+database.URL, "TERRACE_TEST_TEMPORAL="+temporal.Address)
	err = command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// start runs a server program from this program's folder and waits for its first line.
func start(ctx context.Context, ready any, name string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	server := exec.Command(filepath.Join(filepath.Dir(self), name), args...) //nolint:noctx // our own program, ended by end
	server.Stderr = os.Stderr
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the command; the servers stop after it
	out, err := server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if _, err := server.StdinPipe(); err != nil { // end of file tells the server that this process is gone
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	line := make(chan []byte, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadBytes('\n')
		line <- text
	}()
	select {
	case <-ctx.Done():
		return server, ctx.Err()
	case <-time.After(readyTime):
		return server, fmt.Errorf("%s was not ready within %v", name, readyTime)
	case text := <-line:
		if err := json.Unmarshal(text, ready); err != nil {
			return server, fmt.Errorf("%s did not start: its messages are above", name)
		}
		return server, nil
	}
}

func end(server *exec.Cmd) {
	if server != nil && server.Process != nil {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
	}
}
