package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// DefaultData is the default data directory: terrace/postgres in the user's cache folder. For root it is
// /var/lib/terrace/postgres, because root's home is usually closed to the account that runs the server.
func DefaultData() string {
	cache, err := os.UserCacheDir()
	data := filepath.Join(cache, "terrace", "postgres")
	switch {
	case os.Geteuid() == 0 && (err != nil || len(accountFor(data).blocked(data)) > 0):
		return "/var/lib/terrace/postgres"
	case err != nil:
		return filepath.Join(os.TempDir(), fmt.Sprintf("terrace-%d", os.Geteuid()), "postgres")
	}
	return data
}

// clusterMajor returns the major version of the cluster in data, or 0 if there is no cluster yet. A folder that holds
// anything else is an error.
func clusterMajor(data string) (int, error) {
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		return strconv.Atoi(strings.TrimSpace(string(version)))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	entries, err := os.ReadDir(data)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s holds files but no PostgreSQL cluster: choose an empty or new folder", data)
	}
	return 0, err
}

// createCluster creates a cluster in a missing or empty data directory. initdb works in a folder beside it, which is
// moved into place when complete. If initdb is killed, it therefore leaves no partial cluster, only a folder that the
// next attempt removes.
func createCluster(ctx context.Context, bin binaries, as account, data string, durable bool) error {
	unfinished := data + ".initdb-unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := as.take(unfinished); err != nil {
		return err
	}
	args := []string{"--pgdata=" + unfinished, "--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"}
	if !durable {
		args = append(args, "--no-sync")
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin.dir, "initdb"), args...)
	initdb.Env = serverEnvironment()
	initdb.Dir = unfinished
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as.credential(), Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if output, err := onOwnThread(initdb.CombinedOutput); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) { // removes an empty folder and keeps a filled one
		return err
	}
	return os.Rename(unfinished, data)
}

// onOwnThread calls run, which runs a child process that must die with this process, on a thread that lives as long as
// the child, because the kernel watches the thread that started the child.
func onOwnThread(run func() ([]byte, error)) (output []byte, err error) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		output, err = run()
		close(done)
	}()
	<-done
	return output, err
}

// serverEnvironment returns this process's environment without the PG… variables, which would override the server's
// settings.
func serverEnvironment() []string {
	env := []string{"LC_ALL=C.UTF-8", "TZ=UTC"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
