package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// AlreadyServedError means that a running server already uses the data directory.
type AlreadyServedError struct {
	Data string
	PID  int // PID of the postmaster; 0 while another postgresd is still preparing
	Port int // 0 while unknown
}

func (e *AlreadyServedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("another postgresd is just starting on data directory %s", e.Data)
	}
	return fmt.Sprintf("data directory %s is already served by PostgreSQL pid %d on port %d (%s)",
		e.Data, e.PID, e.Port, url(e.Port, "postgres"))
}

// occupy keeps any other postgresd out of the data directory until release is called or this process ends.
func occupy(data string) (release func(), err error) {
	lock, err := os.OpenFile(data+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = alreadyServed(data)
	}
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	return func() { _ = lock.Close() }, nil
}

func alreadyServed(data string) error {
	pid, port, err := readPostmaster(data)
	if err != nil || !serves(pid, data) {
		pid, port = 0, 0
	}
	return &AlreadyServedError{Data: data, PID: pid, Port: port}
}

// orphanPatience is how long to wait for the server of a killed postgresd to shut down by itself.
const orphanPatience = 10 * time.Second

// awaitVacancy waits for the postmaster of a killed run, which the kernel has told to shut down. A postmaster that does
// not was started by something else, and causes an error. A postmaster.pid that is truncated, or whose PID now belongs
// to an unrelated process, would keep PostgreSQL from starting, so awaitVacancy removes it. If the process no longer
// exists, PostgreSQL handles the file itself, after checking that no backend is still running.
func awaitVacancy(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	for {
		pid, _, err := readPostmaster(data)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return dropPostmaster(data)
		}
		if !serves(pid, data) {
			if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				return nil
			}
			return dropPostmaster(data)
		}
		select {
		case <-ctx.Done():
			if _, err := placeOf(pid); errors.Is(err, fs.ErrNotExist) { // a zombie, in a container whose init does not reap
				return dropPostmaster(data)
			}
			return alreadyServed(data)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func dropPostmaster(data string) error {
	err := os.Remove(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readPostmaster reads the PID and the port from postmaster.pid (its first and fourth lines).
func readPostmaster(data string) (pid, port int, err error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, 0, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 4 {
		return 0, 0, fmt.Errorf("postmaster.pid of %s is incomplete", data)
	}
	if pid, err = strconv.Atoi(lines[0]); err != nil {
		return 0, 0, err
	}
	port, err = strconv.Atoi(lines[3])
	return pid, port, err
}

// serves reports whether the process is a postgres whose working folder is the data directory, as a postmaster's is. If
// the working folder cannot be read (root in a container without CAP_SYS_PTRACE, or a process that is just ending), any
// postgres counts.
func serves(pid int, data string) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return false
	}
	place, err := placeOf(pid)
	return err != nil || place == data
}

// placeOf returns a process's working folder. It returns an error if the process has ended.
func placeOf(pid int) (string, error) {
	return os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
}
