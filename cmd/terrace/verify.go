package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"terrace/app"
)

func verifyCommand() *cobra.Command {
	var check app.Verifying
	c := &cobra.Command{
		Use: "verify", Short: "Check the whole record for consistency", Args: noArguments,
		Long: `Rebuilds every state from the journal and compares it; checks the hash chains, the
ledger and the lists; and checks that everything open has its workflow. Prints
each difference; the status is 1 when there is one. Changes nothing. Checks what is
known of the uploaded files, but does not read them; “terrace backup” does. With
--sample N, only N random aggregates are rebuilt; sums and counts still cover
the whole record. With --record-only, Temporal is not asked.
` + app.SettingsHelp("DATABASE_URL", "TEMPORAL_*", "PROGRAMMES"),
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			if check.Sample < 0 {
				return fmt.Errorf("--sample %d: name how many aggregates to rebuild, or 0 for all of them", check.Sample)
			}
			found, err := a.Differences(ctx, check, step(c.ErrOrStderr(), "verify"))
			if err != nil {
				return err
			}
			return differences(c, found, "Nothing differs.")
		}),
	}
	c.Flags().IntVar(&check.Sample, "sample", 0, "rebuild only this many aggregates, chosen at random; 0: all of them")
	c.Flags().BoolVar(&check.RecordOnly, "record-only", false, "do not ask Temporal which workflows run")
	return c
}

// differences prints the differences with advice on what to do about them, or the text none if there are none. It
// returns ErrFindings if there are any.
func differences(c *cobra.Command, found []app.Difference, none string) error {
	if len(found) == 0 {
		c.Println(none)
		return nil
	}
	var next []string
	for _, d := range found {
		c.Printf("✗ %s\n", d.What)
		if !slices.Contains(next, d.Next) {
			next = append(next, d.Next)
		}
	}
	for _, n := range next {
		c.Printf("  → %s\n", n)
	}
	return app.ErrFindings
}
