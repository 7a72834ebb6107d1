// Command soak lets pilots run on the whole stack while everything is killed, cut, filled, moved, upgraded and lost, and judges what is
// left by itself: nothing lost, nothing double, nothing stuck. Every run begins on the program and schema of the commit that the
// file previous names, which is built from this repository's history: name the last release there.
//
//	go run ./soak                      one short run
//	go run ./soak -until-kills 1000 -until-pilots 10000 -until-payments 50000 -pilots 2500 -kills 250
//
// Several runs of one commit add up in a tally. Exit status: 0 nothing was found, 1 something was, 2 it could not be run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(command()) }

// goals are what the runs of a commit add up to.
type goals struct{ kills, pilots, payments int }

func (g goals) reached(t tally) bool {
	return t.Runs > 0 && t.Kills >= g.kills && t.Pilots >= g.pilots && t.Payments >= g.payments
}

func command() int {
	o, g, path, keep := options{Progress: bar(os.Stderr)}, goals{}, "", false
	flag.IntVar(&o.Pilots, "pilots", 60, "pilots of a run")
	flag.IntVar(&o.Kills, "kills", 44, "kills of a run, at least")
	flag.Uint64Var(&o.Seed, "seed", 1, "of the first run; each has the next")
	flag.DurationVar(&o.Day, "day", 1500*time.Millisecond, "how long a virtual day takes")
	flag.DurationVar(&o.Between, "between", 3*time.Second, "one fault and the next, on average")
	flag.IntVar(&o.Open, "open", 200, "pilots at once")
	flag.IntVar(&o.Clients, "clients", 32, "requests at once")
	flag.DurationVar(&o.Limit, "limit", 2*time.Hour, "for the people and the kills of one run; what has not come to its end by then is stuck")
	flag.BoolVar(&o.Calm, "calm", false, "break nothing, to see how fast it goes")
	flag.StringVar(&o.Folder, "folder", "", "where a run writes; a folder in memory when empty")
	flag.StringVar(&o.Program, "program", "", "the `program` that is tried [bin/terrace]")
	flag.BoolVar(&keep, "keep", false, "keep the folder")
	flag.StringVar(&path, "tally", "", "`file` that adds up the runs of a commit [bin/soak-tally.json]")
	flag.IntVar(&g.kills, "until-kills", 0, "run again until so many kills add up")
	flag.IntVar(&g.pilots, "until-pilots", 0, "likewise, pilots")
	flag.IntVar(&g.payments, "until-payments", 0, "likewise, payments")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t, err := runs(ctx, o, g, path, keep)
	if t.Runs > 0 {
		fmt.Println()
		t.print(os.Stdout)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		return 2
	case !t.good():
		return 1
	}
	return 0
}

// runs soaks until the goals are reached, at least once, and stops at the first run in which something is found.
func runs(ctx context.Context, o options, g goals, path string, keep bool) (t tally, err error) {
	if o.Repository, err = repository(); err != nil {
		return t, err
	}
	if o.Program == "" {
		o.Program = filepath.Join(o.Repository, "bin", "terrace")
	}
	if path == "" {
		path = filepath.Join(o.Repository, "bin", "soak-tally.json")
	}
	previous, err := os.ReadFile(filepath.Join(o.Repository, previousFile))
	if err != nil {
		return t, err
	}
	if t, err = readTally(path, commit(ctx, o.Repository), strings.TrimSpace(string(previous))); err != nil {
		return t, err
	}
	given := o.Folder
	for first := true; (first || !g.reached(t)) && ctx.Err() == nil; first = false {
		if o.Folder, err = folderOf(given); err != nil {
			return t, err
		}
		run := o
		run.Seed += uint64(t.Runs)
		v, err := once(ctx, run)
		switch {
		case err != nil && ctx.Err() != nil: // stopped by whoever started it
			return t, ctx.Err()
		case err != nil:
			t.abort(err)
			return t, fmt.Errorf("%w\nwhat was written is in %s", errors.Join(err, t.write(path)), o.Folder)
		}
		t.add(v)
		if err := t.write(path); err != nil {
			return t, err
		}
		v.print(os.Stdout)
		if !v.good() {
			return t, fmt.Errorf("what was written is in %s", o.Folder)
		}
		if !keep {
			if err := os.RemoveAll(o.Folder); err != nil {
				return t, err
			}
		}
	}
	return t, ctx.Err()
}

// once is one run from nothing to its verdict.
func once(ctx context.Context, o options) (v verdict, err error) {
	s, err := start(ctx, o)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	if err := s.live(); err != nil {
		return v, err
	}
	return s.judge()
}

// repository is the folder of this repository, from wherever in it one begins.
func repository() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; folder != "/"; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, previousFile)); err == nil {
			return folder, nil
		}
	}
	return "", errors.New("run it in Terrace's repository")
}

// commit names what is tried; with “+” when files differ from it.
func commit(ctx context.Context, repository string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", repository, "describe", "--always", "--dirty=+", "--exclude=*").Output() //nolint:gosec // our own words
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// folderOf is a new folder, in memory where there is such a file system: what is killed are programs, not the machine.
func folderOf(given string) (string, error) {
	if given != "" {
		return given, os.MkdirAll(given, 0o755) //nolint:gosec // a private Postgres may run as another user
	}
	parent := os.TempDir()
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	folder, err := os.MkdirTemp(parent, "terrace-soak-")
	if err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o755) //nolint:gosec // likewise
}
