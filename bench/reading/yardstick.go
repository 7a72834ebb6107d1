package reading

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"terrace/bench/result"
	"terrace/bench/stack"
)

// The yardstick is “pgbench -S”: it reads one row by key with a prepared statement, on the same server, from about as
// many rows as the record has projects, but at least pgbench's minimum of 100,000.
const rowsOfAScale = 100_000

// yardstick measures “pgbench -S” with the same numbers of clients.
func (m *measurement) yardstick(ctx context.Context, s *stack.Stack, sh *shelf) (err error) {
	program, err := pgbench()
	if err != nil {
		return err
	}
	scale := max(1, sh.projects/rowsOfAScale)
	database, err := s.NewDatabase(ctx, "pgbench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.DropDatabase(context.WithoutCancel(ctx), database)) }()
	if out, err := exec.CommandContext(ctx, program, "-q", "-i", "-s", strconv.Itoa(scale), database).CombinedOutput(); err != nil { //nolint:gosec // PostgreSQL's own program
		return fmt.Errorf("pgbench -i: %w: %s", err, out)
	}
	for _, n := range clients {
		folder, err := s.Folder()
		if err != nil {
			return err
		}
		seconds := max(1, int(m.each.Seconds()))
		begun := time.Now()
		run := exec.CommandContext(ctx, program, "-n", "-S", "-M", "prepared", "-c", strconv.Itoa(n), "-j", "1", "-T", strconv.Itoa(seconds), "-l", database) //nolint:gosec // likewise
		run.Dir = folder
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("pgbench -S: %w: %s", err, out)
		}
		took := time.Since(begun)
		l, err := latencies(folder)
		if err != nil {
			return err
		}
		m.note(fmt.Sprintf("pgbench -S, scale %d, %d clients", scale, n), sh.projects, took, l)
	}
	return nil
}

// latencies reads the latencies in pgbench's log: microseconds, in the third column.
func latencies(folder string) (l *result.Latencies, err error) {
	l = &result.Latencies{}
	logs, err := filepath.Glob(filepath.Join(folder, "pgbench_log.*"))
	if err != nil {
		return nil, err
	}
	for _, path := range logs {
		file, err := os.Open(path) //nolint:gosec // in our own folder
		if err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			columns := strings.Fields(lines.Text())
			if len(columns) < 3 {
				continue
			}
			took, err := strconv.Atoi(columns[2])
			if err != nil {
				return nil, errors.Join(err, file.Close())
			}
			l.Note(time.Duration(took) * time.Microsecond)
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// pgbench finds the program in PATH or where Debian installs it.
func pgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err == nil && len(found) == 0 {
		err = errors.New("pgbench not found; it comes with PostgreSQL")
	}
	if err != nil {
		return "", err
	}
	return slices.Max(found), nil
}
