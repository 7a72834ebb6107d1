package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// serverVariable is the name of the environment variable with the URL of a shared server. If it is not set, each test
// process starts its own server.
const serverVariable = "TERRACE_TEST_DATABASE_URL"

// shared holds the server of this test process.
var shared struct {
	sync.Mutex
	url  string
	err  error
	stop func()
}

// Main runs the tests of a package that uses New, and stops any server that was started for them:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	defer func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.stop != nil {
			shared.stop()
		}
	}()
	return m.Run()
}

// serverURL returns the URL of a server on which tests have superuser rights. The first call starts the server.
func serverURL() (string, error) {
	if url := os.Getenv(serverVariable); url != "" {
		return url, nil
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.url == "" && shared.err == nil {
		shared.url, shared.stop, shared.err = start()
	}
	return shared.url, shared.err
}

// housekeeping is a shell script that runs a program and removes its folder ($1) when the program ends. It cleans up
// even if this process cannot, as when a test panics.
const housekeeping = `trap : INT TERM HUP; folder=$1; shift; "$@"; rm -rf "$folder"`

// start runs bin/postgresd in a temporary folder. The server stops when its standard input is closed, which happens
// however this process ends.
func start() (url string, stop func(), err error) {
	program, err := findProgram()
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp("", "terrace-pgtest-")
	if err != nil {
		return "", nil, err
	}
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // the server's account needs to reach its own folder below
		return "", nil, errors.Join(err, os.Remove(folder))
	}
	server := exec.CommandContext(context.Background(), "sh", "-c", housekeeping, "sh", folder, //nolint:gosec // the module's own program
		program, "-data", filepath.Join(folder, "cluster"), "-durable=false", "-max-connections", "400", "-with-parent")
	server.Stderr = os.Stderr
	lifeline, err := server.StdinPipe()
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(folder))
	}
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(folder))
	}
	stop = func() {
		_ = lifeline.Close()
		_ = server.Wait() // its exit status no longer matters
	}
	var ready struct{ URL string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		stop()
		return "", nil, fmt.Errorf("%s did not start: %w", program, err)
	}
	return ready.URL, stop, nil
}

// findProgram finds bin/postgresd in the folder of the module.
func findProgram() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
			continue
		}
		program := filepath.Join(folder, "bin", "postgresd")
		if _, err := os.Stat(program); err == nil {
			return program, nil
		}
	}
	return "", fmt.Errorf("no PostgreSQL for tests: run “make bin/postgresd”, or set %s to a server where databases may be made", serverVariable)
}
