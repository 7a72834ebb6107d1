// Command bench measures Terrace against a hand-written floor and its peers, all on one PostgreSQL in one run. It prints
// the table with ratios and goals, and writes bench.json. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"terrace/bench/commands"
	"terrace/bench/driving"
	"terrace/bench/holding"
	"terrace/bench/reading"
	"terrace/bench/result"
	"terrace/bench/stack"
)

func main() { os.Exit(run()) }

// section is one part of the benchmark.
type section struct {
	name    string
	measure func(context.Context, *stack.Stack, stack.Size, stack.Progress, *result.Report) error
}

// sections lists the parts in the order in which they are measured.
var sections = []section{
	{"commands", func(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress, r *result.Report) (err error) {
		r.Commands, err = commands.Run(ctx, s, size, progress)
		return err
	}},
	{"driving", func(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress, r *result.Report) (err error) {
		r.Driving, err = driving.Run(ctx, s, size, progress)
		return err
	}},
	{"holding", func(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress, r *result.Report) (err error) {
		r.Holding, err = holding.Run(ctx, s, size, progress)
		return err
	}},
	{"reading", func(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress, r *result.Report) (err error) {
		r.Reading, err = reading.Run(ctx, s, size, progress)
		return err
	}},
}

func run() (status int) {
	full := flag.Bool("full", false, "measure at full size")
	only := flag.String("only", "commands,driving,holding,reading", "sections to measure")
	rounds := flag.Int("rounds", 3, "rounds of each measurement; the report gives their medians")
	out := flag.String("out", "out/bench.json", "file for the figures")
	bin := flag.String("bin", "../bin", "folder with terrace, postgresd and temporald")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 {
		fmt.Fprintln(os.Stderr, "bench: takes only flags, and needs at least one round")
		return 2
	}
	debug.SetGCPercent(400) // as Terrace's programs set it; every engine in this process benefits alike
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report := &result.Report{Size: "short", Rounds: *rounds, Began: time.Now().UTC().Format(time.RFC3339)}
	if *full {
		report.Size = "full"
	}
	err := measure(ctx, report, *bin, strings.Split(*only, ","), stack.Size{Full: *full, Rounds: *rounds})
	report.Judge()
	if err = errors.Join(err, report.Print(os.Stdout), report.Write(*out)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// measure measures the requested sections. If one fails, it reports that and continues with the next.
func measure(ctx context.Context, report *result.Report, bin string, only []string, size stack.Size) (err error) {
	begun := time.Now()
	progress := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%6.1f s  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	progress("bring up PostgreSQL")
	s, err := stack.Up(ctx, bin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Down()) }()
	report.Machine = s.Machine()
	var failed error
	for _, part := range sections {
		if !slices.Contains(only, part.name) || ctx.Err() != nil {
			continue
		}
		progress("%s", part.name)
		if err := part.measure(ctx, s, size, progress, report); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", part.name, err))
			report.Missing = append(report.Missing, part.name+": "+err.Error())
		}
	}
	report.Seconds = time.Since(begun).Seconds()
	return errors.Join(failed, ctx.Err())
}
