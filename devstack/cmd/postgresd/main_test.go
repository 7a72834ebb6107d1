package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/devstack/internal/commandtest"
)

func TestMain(m *testing.M) { commandtest.Main(m, main) }

func start(t *testing.T, args ...string) (*commandtest.Command, readiness) {
	t.Helper()
	command := commandtest.Run(t, append([]string{"--durable=false"}, args...)...)
	var ready readiness
	command.Ready(t, &ready)
	return command, ready
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var value T
	if err := conn.QueryRow(ctx, sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// remember writes a mark to the database that later starts must find.
func remember(t *testing.T, url string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "SET synchronous_commit = on; CREATE TABLE mark (n int); INSERT INTO mark VALUES (41), (1)"); err != nil {
		t.Fatal(err)
	}
}

func wantRemembered(t *testing.T, url string) {
	t.Helper()
	if sum := query[int](t, url, "SELECT sum(n) FROM mark"); sum != 42 {
		t.Errorf("the data holds %d, want 42", sum)
	}
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Port()
}

func TestDataSurvivesTheServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end    func(*commandtest.Command, readiness)
		status int
	}{
		"a terminated postgresd stops its server": {
			end:    func(c *commandtest.Command, _ readiness) { c.Signal(syscall.SIGTERM) },
			status: 0,
		},
		"an interrupted postgresd stops its server": {
			end:    func(c *commandtest.Command, _ readiness) { c.Signal(syscall.SIGINT) },
			status: 0,
		},
		"killing postgresd ends its server": {
			end:    func(c *commandtest.Command, _ readiness) { c.Signal(syscall.SIGKILL) },
			status: -1,
		},
		"killing the server ends its postgresd": {
			end:    func(_ *commandtest.Command, r readiness) { _ = syscall.Kill(r.PID, syscall.SIGKILL) },
			status: 1,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "pg")
			command, first := start(t, "--data", data)
			remember(t, first.URL)

			test.end(command, first)
			if status := command.Status(t); status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			port := portOf(t, first.URL)
			_, second := start(t, "--data", data, "--port", port) // the server of a killed postgresd may still be ending

			if second.PID == first.PID || commandtest.Alive(first.PID) {
				t.Errorf("server %d still runs", first.PID)
			}
			if got := portOf(t, second.URL); got != port {
				t.Errorf("second start on port %s, want %s", got, port)
			}
			wantRemembered(t, second.URL)
		})
	}
}

func TestEndsWithItsParent(t *testing.T) {
	t.Parallel()
	t.Run("killing the parent ends postgresd and the server", func(t *testing.T) {
		t.Parallel()
		parent := commandtest.RunInParent(t, "--durable=false", "--with-parent", "--data", filepath.Join(t.TempDir(), "pg"))
		var ready readiness
		parent.Ready(t, &ready)
		parent.Signal(syscall.SIGKILL)
		commandtest.Ends(t, ready.PID)
	})
	t.Run("the end of standard input ends it", func(t *testing.T) {
		t.Parallel()
		command, ready := start(t, "--with-parent", "--data", filepath.Join(t.TempDir(), "pg"))
		command.CloseInput()
		if status := command.Status(t); status != 0 {
			t.Errorf("exit status %d, want 0", status)
		}
		if commandtest.Alive(ready.PID) {
			t.Errorf("server %d still runs", ready.PID)
		}
	})
	t.Run("without --with-parent the end of standard input is ignored", func(t *testing.T) {
		t.Parallel()
		command, ready := start(t, "--data", filepath.Join(t.TempDir(), "pg"))
		command.CloseInput()
		if got := query[int](t, ready.URL, "SELECT 1 FROM pg_sleep(0.3)"); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
	})
}

func TestASecondServerOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "pg")
	_, ready := start(t, "--data", data)

	second := commandtest.Run(t, "--data", data)

	if status := second.Status(t); status != 3 {
		t.Errorf("exit status %d, want 3", status)
	}
	for _, want := range []string{"already served", "pid " + strconv.Itoa(ready.PID), "port " + portOf(t, ready.URL), data} {
		if !strings.Contains(second.Errors(), want) {
			t.Errorf("standard error %q does not contain %q", second.Errors(), want)
		}
	}
	if got := query[string](t, ready.URL, "SELECT current_database()"); got != "terrace" {
		t.Errorf("the first server answers %q, want terrace", got)
	}
}

func TestTwoServersRunSideBySide(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, first := start(t, "--data", filepath.Join(dir, "one"), "--database", "first")
	_, second := start(t, "--data", filepath.Join(dir, "two"), "--database", "second")
	for url, want := range map[string]string{first.URL: "first", second.URL: "second"} {
		if got := query[string](t, url, "SELECT current_database()"); got != want {
			t.Errorf("%s answers %q, want %q", url, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want map[string]string
	}{
		"data is durable unless asked otherwise": {
			args: nil,
			want: map[string]string{
				"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200",
				"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "server_encoding": "UTF8", "lc_collate": "C.UTF-8",
			},
		},
		"--durable=false trades safety for speed": {
			args: []string{"--durable=false", "--max-connections", "33"},
			want: map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "33"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := commandtest.Run(t, append(test.args, "--data", filepath.Join(t.TempDir(), "pg"))...)
			var ready readiness
			command.Ready(t, &ready)
			for setting, want := range test.want {
				if got := query[string](t, ready.URL, "SELECT current_setting('"+setting+"')"); got != want {
					t.Errorf("%s is %q, want %q", setting, got, want)
				}
			}
		})
	}
}

func TestRefusesOtherArguments(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "pg")
	command := commandtest.Run(t, "--data", data, "surplus")
	if status := command.Status(t); status != 2 {
		t.Errorf("exit status %d, want 2", status)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a data directory was created")
	}
}
