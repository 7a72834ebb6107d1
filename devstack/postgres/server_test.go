package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func startFor(t *testing.T, data string) *Server {
	t.Helper()
	server, err := tryStart(t, data)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func tryStart(t *testing.T, data string) (*Server, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := Start(ctx, Config{Data: data, Volatile: true})
	if err == nil {
		t.Cleanup(server.Stop)
	}
	return server, err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestForeignDataIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, reason string }{
		"a folder with other files is refused":            {"diary.txt", "dear diary", "no PostgreSQL cluster"},
		"a cluster of a version without binaries is kept": {"PG_VERSION", "9\n", "written by PostgreSQL 9"},
		"a cluster of an unreadable version is kept":      {"PG_VERSION", "fifteen\n", "invalid syntax"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "pg")
			write(t, filepath.Join(data, test.file), test.text)

			_, err := tryStart(t, data)

			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("error %v, want one that contains %q", err, test.reason)
			}
			if text, err := os.ReadFile(filepath.Join(data, test.file)); err != nil || string(text) != test.text {
				t.Errorf("%s contains %q, %v; want %q", test.file, text, err, test.text)
			}
			if entries, err := os.ReadDir(data); err != nil || len(entries) != 1 {
				t.Errorf("the folder contains %v, %v; want one file", entries, err)
			}
		})
	}
}

func TestStartsAfterAnInterruptedRun(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, data string){
		"an empty data directory": func(t *testing.T, data string) {
			if err := os.Mkdir(data, 0o755); err != nil {
				t.Fatal(err)
			}
		},
		"a partial cluster of a killed initdb": func(t *testing.T, data string) {
			write(t, filepath.Join(data+".initdb-unfinished", "base", "1", "112"), "half")
		},
		"a postmaster.pid of a process that is gone": func(t *testing.T, data string) {
			startFor(t, data).Stop()
			leavePostmaster(t, data, endedProcess(t))
		},
		"an empty postmaster.pid of a crashed machine": func(t *testing.T, data string) {
			startFor(t, data).Stop()
			write(t, filepath.Join(data, "postmaster.pid"), "")
		},
		"a postmaster.pid whose PID was reused": func(t *testing.T, data string) {
			startFor(t, data).Stop()
			leavePostmaster(t, data, strangerOf(t, data))
		},
	}
	for name, leave := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "pg")
			leave(t, data)

			server := startFor(t, data)

			if pid, port, err := readPostmaster(data); err != nil || pid != server.PID || port != server.Port {
				t.Errorf("postmaster.pid names pid %d, port %d, %v; want %d, %d", pid, port, err, server.PID, server.Port)
			}
			if _, err := os.Stat(data + ".initdb-unfinished"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an unfinished cluster is left: %v", err)
			}
		})
	}
}

func leavePostmaster(t *testing.T, data string, pid int) {
	t.Helper()
	write(t, filepath.Join(data, "postmaster.pid"), fmt.Sprintf("%d\n%s\n%d\n5432\n\n127.0.0.1\n", pid, data, time.Now().Unix()))
}

func endedProcess(t *testing.T) int {
	t.Helper()
	process := exec.Command("true")
	if err := process.Run(); err != nil {
		t.Fatal(err)
	}
	return process.Process.Pid
}

// strangerOf runs a process under the server's account, which PostgreSQL would take for a live postmaster.
func strangerOf(t *testing.T, data string) int {
	t.Helper()
	process := exec.Command("sleep", "600")
	process.SysProcAttr = &syscall.SysProcAttr{Credential: accountFor(data).credential()}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	return process.Process.Pid
}

func TestALiveServerKeepsItsData(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "pg")
	server := startFor(t, data)

	_, err := tryStart(t, data)

	var served *AlreadyServedError
	if !errors.As(err, &served) || served.PID != server.PID || served.Port != server.Port || served.Data != data {
		t.Errorf("error %#v, want already served by pid %d on port %d", err, server.PID, server.Port)
	}
	server.Stop()
	startFor(t, data)
}

func TestATakenPortIsReported(t *testing.T) {
	t.Parallel()
	server := startFor(t, filepath.Join(t.TempDir(), "pg"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	other, err := Start(ctx, Config{Data: filepath.Join(t.TempDir(), "pg"), Port: server.Port, Volatile: true})

	if err == nil {
		other.Stop()
		t.Fatal("two servers share a port")
	}
	if !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("error %q does not give the reason", err)
	}
}

func TestBinariesAreFound(t *testing.T) {
	found, err := findBinaries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("TERRACE_POSTGRES_BIN comes first", func(t *testing.T) {
		own := filepath.Join(t.TempDir(), "bin")
		for _, name := range []string{"initdb", "postgres"} {
			write(t, filepath.Join(own, name), "#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n")
			if err := os.Chmod(filepath.Join(own, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("TERRACE_POSTGRES_BIN", own)
		if bin, err := findBinaries(t.Context(), 0); err != nil || bin != (binaries{dir: own, major: 99}) {
			t.Errorf("found %+v, %v; want version 99 in %s", bin, err, own)
		}
	})
	t.Run("a folder without a server is reported", func(t *testing.T) {
		t.Setenv("TERRACE_POSTGRES_BIN", t.TempDir())
		if _, err := findBinaries(t.Context(), 0); !errors.Is(err, errNoBinaries) {
			t.Errorf("error %v, want %v", err, errNoBinaries)
		}
	})
	t.Run("PATH comes before Debian's folders", func(t *testing.T) {
		t.Setenv("PATH", found.dir)
		if bin, err := findBinaries(t.Context(), found.major); err != nil || bin != found {
			t.Errorf("found %+v, %v; want %+v", bin, err, found)
		}
	})
}
