// Terrace (梯田) orchestrates grant-funded pilot projects: see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// errFindings ends the program with status 1 after everything was said.
var errFindings = errors.New("there are findings")

// run is the program. Status 0 is fine, 1 a fault or a finding, 2 wrong usage.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(errs, "terrace: %v\nRun “terrace --help” to see what there is.\n", err)
		return 2
	case !errors.Is(err, errFindings):
		_, _ = fmt.Fprintf(errs, "terrace: %v\n", err)
	}
	return 1
}

// usageError is a call that the program does not understand.
type usageError struct{ error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "terrace",
		Short: "Orchestrates grant-funded pilot projects (梯田)",
		Long: `Terrace (梯田) carries a grant-funded pilot from application through approval,
public notice, agreements, village rollout and evaluation to the archive, and
keeps account of every fen.

Start here:
  terrace demo       a whole pilot on a virtual calendar, on this machine
  terrace doctor     what is set up and what is missing

In production, set TERRACE_DATABASE_URL and TERRACE_TEMPORAL_ADDRESS, then:
  terrace migrate    prepare the database
  terrace register   tell who works where
  terrace serve      answer requests and carry the workflows

Settings come from the environment; “terrace serve --help” lists them.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		demoCommand(), serveCommand(), apiCommand(), workerCommand(), migrateCommand(), registerCommand(),
		resumeCommand(), rebuildCommand(), verifyCommand(), reconcileCommand(), doctorCommand(), backupCommand(), restoreCommand(), bankCommand(), openapiCommand(), versionCommand(),
	)
	return root
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s does not take %q", c.CommandPath(), args[0])}
	}
	return nil
}

// version is set when a release is built.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "development"
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			c.Println("terrace", versionText())
			return nil
		},
	}
}
