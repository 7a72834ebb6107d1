package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"terrace/child"
)

// stack is the pair of Postgres and Temporal servers that the demonstration uses: either those in the settings, or
// private ones that stop when this process ends.
type stack struct {
	data     string // folder that keeps the data between runs
	log      io.Writer
	children []*exec.Cmd
}

// readyTime is the time allowed for a private server to start, even on a slow machine.
const readyTime = 3 * time.Minute

// postgres returns the URL of the Postgres server in the settings, or starts a private one.
func (s *stack) postgres(ctx context.Context, set string) (url string, err error) {
	if set != "" {
		return set, nil
	}
	program, err := beside("postgresd")
	if err != nil {
		return "", fmt.Errorf("没有 Postgres：请设置 DATABASE_URL，或执行“make devstack”构建自带的 / no Postgres: set DATABASE_URL, or build the private one with “make devstack” (%w)", err)
	}
	ready := struct {
		URL string `json:"url"`
	}{}
	err = s.start(ctx, &ready, func() string { return ready.URL }, program, "--with-parent", "--data", filepath.Join(s.data, "postgres"))
	return ready.URL, err
}

// temporal returns the address of the Temporal server in the settings, or starts one: with the temporal command if it
// is installed, and otherwise as a private server.
func (s *stack) temporal(ctx context.Context, set, database, namespace string) (address string, err error) {
	if set != "" {
		return set, nil
	}
	if program, err := exec.LookPath("temporal"); err == nil {
		return s.temporalCommand(ctx, program, namespace)
	}
	program, err := beside("temporald")
	if err != nil {
		return "", fmt.Errorf("没有 Temporal：请设置 TERRACE_TEMPORAL_ADDRESS，或执行“make devstack”构建自带的 / "+
			"no Temporal: set TERRACE_TEMPORAL_ADDRESS, or build the private one with “make devstack” (%w)", err)
	}
	ready := struct {
		Address string `json:"address"`
	}{}
	err = s.start(ctx, &ready, func() string { return ready.Address }, program, "--with-parent", "--postgres", database, "--namespace", namespace)
	return ready.Address, err
}

// temporalCommand runs the development server of the temporal command, which stores its data in a file.
func (s *stack) temporalCommand(ctx context.Context, program, namespace string) (string, error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	server := s.command(program, "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", strconv.Itoa(port),
		"--namespace", namespace, "--db-filename", filepath.Join(s.data, "temporal.db"), "--log-level", "error",
		"--search-attribute", "TerraceStage=Keyword", "--search-attribute", "TerracePlace=Keyword", "--search-attribute", "TerraceDue=Datetime")
	if err := child.Start(server, syscall.SIGTERM); err != nil { // it does not watch its parent
		return "", err
	}
	s.children = append(s.children, server)
	return address, waitFor(ctx, address)
}

// beside finds one of Terrace's own programs in the folder of this program or in PATH.
func beside(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

// command returns a command that runs in its own process group, so that Ctrl-C does not reach it. Terrace's own servers
// stop on their own when this process ends, however that happens.
func (s *stack) command(program string, args ...string) *exec.Cmd {
	child := exec.Command(program, args...) //nolint:gosec,noctx // our own programs; they end with us, not with a context
	child.Stderr = s.log
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: the child stops after us
	return child
}

// start runs a private server. If a server left over from a killed demonstration is still using the data, start waits
// for that server to stop.
func (s *stack) start(ctx context.Context, ready any, got func() string, program string, args ...string) error {
	for deadline := time.Now().Add(leftoverTime); ; {
		err := s.startOnce(ctx, ready, got, program, args...)
		if !errors.Is(err, errInUse) {
			return err
		}
		if time.Now().After(deadline) {
			return inUseBy("上一次演示的服务", "a server of an earlier demonstration", s.data)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// leftoverTime is the time allowed for the servers of a killed demonstration to stop.
const leftoverTime = 20 * time.Second

// startOnce runs a program and reads its address from the first line of its output.
func (s *stack) startOnce(ctx context.Context, ready any, got func() string, program string, args ...string) error {
	child := s.command(program, args...)
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if _, err := child.StdinPipe(); err != nil { // end of file tells the child that this process is gone
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	s.children = append(s.children, child)
	lines := make(chan []byte, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadBytes('\n')
		lines <- line
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(readyTime):
		return fmt.Errorf("%[1]s 在 %[2]v 内未就绪 / %[1]s was not ready within %[2]v", filepath.Base(program), readyTime)
	case line := <-lines:
		if err := json.Unmarshal(line, ready); err != nil || got() == "" {
			return s.failed(child)
		}
		return nil
	}
}

// inUse is the exit status of a private server whose data is in use by another server.
const inUse = 3

var errInUse = errors.New("another server is using this data")

// failed returns an error that explains why a private server did not start.
func (s *stack) failed(child *exec.Cmd) error {
	s.children = s.children[:len(s.children)-1]
	_ = child.Wait()
	if child.ProcessState.ExitCode() == inUse {
		return errInUse
	}
	return fmt.Errorf("%[1]s 未能启动，原因见 %[2]s / %[1]s did not start; %[2]s says why", filepath.Base(child.Path), filepath.Join(s.data, "terrace.log"))
}

// stop stops the private servers in reverse order of starting.
func (s *stack) stop() {
	for _, child := range slices.Backward(s.children) {
		_ = child.Process.Signal(syscall.SIGTERM)
		_ = child.Wait()
	}
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// waitFor waits until a server is listening on the address.
func waitFor(ctx context.Context, address string) error {
	limit, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(limit, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-limit.Done():
			return errors.Join(fmt.Errorf("%[1]s 没有服务 / nothing is listening at %[1]s", address), limit.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
