// Package stack starts what the benchmark runs on: one private PostgreSQL server for all engines, Temporal with its
// data in it, and Terrace's programs, each as a process whose CPU time and memory can be read.
package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
)

// Stack is a running PostgreSQL server and the programs started beside it. The caller must call Down.
type Stack struct {
	bin    string // folder of the programs
	folder string // folder for all output; removed with the stack

	postgres *Process
	server   string // URL of the server's first database
	pid      int    // PID of PostgreSQL itself, below postgresd
	settings map[string]string

	temporal *Process
	address  string // Temporal's address; kept across restarts

	databases atomic.Int64
	started   []*Process
}

// Up starts PostgreSQL with the settings that every engine runs on. bin is the folder of postgresd, temporald and
// terrace.
func Up(ctx context.Context, bin string) (*Stack, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"terrace", "postgresd", "temporald"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return nil, fmt.Errorf("%w: run “make build devstack” first", err)
		}
	}
	folder, err := os.MkdirTemp("", "terrace-bench-")
	if err != nil {
		return nil, err
	}
	s := &Stack{bin: bin, folder: folder}
	err = os.Chmod(folder, 0o755) //nolint:gosec // the server's account passes through it
	if err == nil {
		err = s.startPostgres(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Down())
	}
	return s, nil
}

// Down ends every process and removes what they wrote.
func (s *Stack) Down() error {
	for _, p := range slices.Backward(s.started) {
		p.Stop()
	}
	if s.temporal != nil {
		s.temporal.Stop()
	}
	if s.postgres != nil {
		s.postgres.Stop()
	}
	return os.RemoveAll(s.folder)
}

// Folder creates an empty folder that is removed with the stack.
func (s *Stack) Folder() (string, error) { return os.MkdirTemp(s.folder, "files-") }
