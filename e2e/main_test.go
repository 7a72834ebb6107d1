package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

var (
	bin    string // where the programs are
	folder string // for everything the tests write; removed at the end
)

func TestMain(m *testing.M) { os.Exit(test(m)) }

// test runs the tests, checks that they covered the lifecycle, and cleans up.
func test(m *testing.M) (status int) {
	flag.Parse()
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder left behind does no harm
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	tested := make(chan int, 1)
	go func() { tested <- m.Run() }()
	select {
	case status = <-tested:
	case <-interrupted.Done():
		status = 1
	}
	shared.stop()
	if status == 0 && everything() {
		for _, gap := range walked.gaps() {
			fmt.Fprintln(os.Stderr, "e2e: no story", gap)
			status = 1
		}
	}
	return status
}

// prepare finds the programs and creates the folder.
func prepare() (err error) {
	if bin, err = filepath.Abs(filepath.Join("..", "bin")); err != nil {
		return err
	}
	for _, name := range []string{"terrace", "postgresd", "temporald"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return fmt.Errorf("%w: run “make build devstack” first", err)
		}
	}
	if folder, err = os.MkdirTemp("", "terrace-e2e-"); err != nil {
		return err
	}
	return os.Chmod(folder, 0o755)
}

// everything reports whether all tests run, with none filtered out.
func everything() bool {
	return flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.list").Value.String() == ""
}
