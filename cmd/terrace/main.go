// Terrace (梯田) manages grant-funded pilot projects from application to archive. See README.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"terrace/app"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the program and returns its exit status: 0 for success, 1 for failure or if faults were found, and 2 for
// incorrect usage.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	printed := &printer{to: out}
	root.SetOut(printed)
	root.SetErr(errs)
	command, err := root.ExecuteContextC(ctx)
	if printed.failed != nil && (err == nil || errors.Is(err, app.ErrFindings)) {
		err = fmt.Errorf("the command ended, but its output was lost: %w", printed.failed)
	}
	var wrong app.UsageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(errs, "terrace: %v\nRun “%s --help” to see what it takes.\n", err, command.CommandPath())
		return 2
	case !errors.Is(err, app.ErrFindings):
		_, _ = fmt.Fprintf(errs, "terrace: %v\n", err)
		if next := advice(command, err); next != "" {
			_, _ = fmt.Fprintf(errs, "  → %s\n", next)
		}
	}
	return 1
}

// advice returns what to do about an error of a command, or an empty string if the error says enough.
func advice(c *cobra.Command, err error) string {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return app.Advice(err)
	}
	by := "TERRACE_LISTEN"
	if c.Flags().Lookup("listen") != nil {
		by = "--listen"
	}
	if c.Flags().Lookup("admin") != nil {
		by += " or --admin"
	}
	return "stop what answers there, or choose another address with " + by
}

// printer remembers the first error in writing the output, because cobra's commands ignore it.
type printer struct {
	to     io.Writer
	failed error
}

func (p *printer) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.failed = cmp.Or(p.failed, err)
	return n, err
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "terrace",
		Short: "Orchestrates grant-funded pilot projects (梯田)",
		Long: `Terrace (梯田) carries a grant-funded pilot from application through approval,
public notice, agreements, village rollout and evaluation to the archive, and
accounts for every fen.

Start here:
  terrace demo       a whole pilot on a virtual calendar, on this machine
  terrace doctor     what is set up and what is missing

In production, set TERRACE_DATABASE_URL and TERRACE_TEMPORAL_ADDRESS, then:
  terrace migrate    prepare the database, as its owner; all else uses the program's role
  terrace register   say who works where
  terrace serve      answer requests and run the workflows

Settings come from the environment; “terrace serve --help” lists them.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return app.Misused(expected(err)) })
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Try it:", []*cobra.Command{demoCommand(), bankCommand()}},
		{"Set it up and run it:", []*cobra.Command{migrateCommand(), registerCommand(), serveCommand(), apiCommand(), workerCommand()}},
		{"Look after it:", []*cobra.Command{
			doctorCommand(), verifyCommand(), reconcileCommand(), rebuildCommand(), resumeCommand(), backupCommand(), restoreCommand(),
		}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	root.AddCommand(openapiCommand(), versionCommand())
	return root
}

// needs says which values a flag accepts, for types that cannot be parsed from every string.
var needs = map[string]string{
	"int":      "it needs a whole number, such as 100",
	"bool":     "it must be true or false",
	"duration": "it needs a duration, such as 100ms or 2s",
}

// expected replaces the error for a flag's value with one that says what the flag accepts.
func expected(err error) error {
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	need, known := needs[wrong.GetFlag().Value.Type()]
	if !known {
		return err
	}
	return fmt.Errorf("--%s is %q: %s", wrong.GetFlag().Name, wrong.GetValue(), need)
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("%s does not take %q", c.CommandPath(), args[0])
	c.SuggestionsMinimumDistance = 2 // letters
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean “%s %s”?", err, c.CommandPath(), near[0])
	}
	return app.Misused(err)
}

// number returns a count with its noun, such as “1 chain” or “2 chains”.
func number[N int | int64](n N, one, more string) string {
	if n == 1 {
		more = one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// settings reads the settings from environment variables. It also returns a logger, with least as its minimum level.
func settings(c *cobra.Command, least slog.Level) (app.Settings, *slog.Logger, error) {
	s, err := app.ReadSettings(os.Environ())
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: max(s.LogLevel, least)}))
	if c.Name() != "doctor" { // which lists them itself
		for _, what := range s.Unknown {
			log.Warn(what)
		}
	}
	return s, log, err
}

// running returns a command that runs parts of the program until it is interrupted.
func running(parts app.Parts) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		s, log, err := settings(c, slog.LevelDebug)
		if err != nil {
			return err
		}
		return app.Run(c.Context(), s, log, parts)
	}
}

// caring returns a command that performs a single maintenance task on the record.
func caring(do func(ctx context.Context, c *cobra.Command, a *app.App) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		s, log, err := settings(c, slog.LevelWarn)
		if err != nil {
			return err
		}
		return app.Care(c.Context(), s, log, func(a *app.App) error { return do(c.Context(), c, a) })
	}
}
