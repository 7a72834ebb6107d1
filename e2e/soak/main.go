// Command soak runs pilots on the whole stack while it kills processes, cuts links, fills the disk, moves the calendar,
// upgrades the program and loses Temporal's data. It then checks that nothing was lost, duplicated or left stuck. Every
// run begins on the program and schema of the commit named in the file previous, built from this repository's history:
// name the last release there.
//
//	go run ./soak                      one short run
//	go run ./soak -until-kills 1000 -until-pilots 10000 -until-payments 50000 -pilots 2500 -kills 250
//
// Several runs of one commit add up in a tally. Exit status: 0 nothing was found, 1 something was found, 2 the soak
// could not run.
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

// goals are the totals that the runs of a commit must reach.
type goals struct{ kills, pilots, payments int }

func (g goals) reached(t tally) bool {
	return t.Runs > 0 && t.Kills >= g.kills && t.Pilots >= g.pilots && t.Payments >= g.payments
}

func command() int {
	o, g, path, keep := options{Progress: bar(os.Stderr)}, goals{}, "", false
	flag.IntVar(&o.Pilots, "pilots", 60, "pilots in a run")
	flag.IntVar(&o.Kills, "kills", 44, "minimum number of kills in a run")
	flag.Uint64Var(&o.Seed, "seed", 1, "of the first run; each has the next")
	flag.DurationVar(&o.Day, "day", 1500*time.Millisecond, "real time of a virtual day")
	flag.DurationVar(&o.Between, "between", 3*time.Second, "average time between faults")
	flag.IntVar(&o.Open, "open", 200, "number of pilots open at once")
	flag.IntVar(&o.Clients, "clients", 32, "number of requests at once")
	flag.DurationVar(&o.Limit, "limit", 2*time.Hour, "time limit for the people and kills of one run; whatever has not ended by then counts as stuck")
	flag.BoolVar(&o.Calm, "calm", false, "break nothing, to measure the speed")
	flag.StringVar(&o.Folder, "folder", "", "folder for the output of a run; in memory when empty")
	flag.StringVar(&o.Program, "program", "", "`program` to test [bin/terrace]")
	flag.BoolVar(&keep, "keep", false, "keep the folder")
	flag.StringVar(&path, "tally", "", "`file` with the tally of a commit's runs [bin/soak-tally.json]")
	flag.IntVar(&g.kills, "until-kills", 0, "repeat until this many kills add up")
	flag.IntVar(&g.pilots, "until-pilots", 0, "likewise for pilots")
	flag.IntVar(&g.payments, "until-payments", 0, "likewise for payments")
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

// runs performs at least one run, and more until the goals are reached or a run has a finding.
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
		case err != nil && ctx.Err() != nil: // interrupted by the user
			return t, ctx.Err()
		case err != nil:
			t.abort(err)
			return t, fmt.Errorf("%w\nthe output is in %s", errors.Join(err, t.write(path)), o.Folder)
		}
		t.add(v)
		if err := t.write(path); err != nil {
			return t, err
		}
		v.print(os.Stdout)
		if !v.good() {
			return t, fmt.Errorf("the output is in %s", o.Folder)
		}
		if !keep {
			if err := os.RemoveAll(o.Folder); err != nil {
				return t, err
			}
		}
	}
	return t, ctx.Err()
}

// once performs one run from scratch and returns its verdict.
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

// repository returns the root of this repository, found from the working folder.
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
	return "", errors.New("run this inside Terrace's repository")
}

// commit returns the hash of the tested commit, followed by “+” if files differ from it.
func commit(ctx context.Context, repository string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", repository, "describe", "--always", "--dirty=+", "--exclude=*").Output() //nolint:gosec // fixed arguments
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// folderOf returns a new folder, in memory if possible, because a soak kills programs, not the machine.
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
