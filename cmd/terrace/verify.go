package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"terrace/app"
)

func verifyCommand() *cobra.Command {
	var check app.Verifying
	c := &cobra.Command{
		Use: "verify", Short: "Check the whole record against itself", Args: noArguments,
		Long: `Recomputes every state from the journal, checks the hash chains, the ledger and
the projections, and that everything open has its workflow. Prints each
difference; status 1 when there is one. Changes nothing. With --sample N only N
aggregates, taken at random, are made anew; sums and counts are over the whole
record all the same. With --record-only Temporal is not asked.
` + app.SettingsHelp,
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			found, err := a.Differences(ctx, check, step(c.ErrOrStderr(), "verify"))
			if err != nil {
				return err
			}
			if len(found) == 0 {
				c.Println("Nothing differs.")
				return nil
			}
			table := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, line := range found {
				_, _ = fmt.Fprintln(table, line)
			}
			_ = table.Flush()
			return app.ErrFindings
		}),
	}
	c.Flags().IntVar(&check.Sample, "sample", 0, "make only so many aggregates anew, taken at random; 0: all of them")
	c.Flags().BoolVar(&check.RecordOnly, "record-only", false, "do not ask Temporal which workflows run")
	return c
}
