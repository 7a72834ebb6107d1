package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/postgres"
)

func rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebuild", Short: "Rebuild states and lists from the journal", Args: noArguments,
		Long: `Rebuilds states, claims, lists, turns, search words and the sums of funds from the
journal and the ledger, beside live traffic. Journal, ledger and receipts are
never changed. Then compares the whole record, like “terrace verify --record-only”,
and prints what still differs; the status is 1 when something does. An aggregate
whose events are missing or cannot be applied, or that another session keeps locked,
is left as it is and named, and the others are rebuilt. While the ledger is damaged,
the sums of funds are left too.
Safe to repeat.
` + app.SettingsHelp("DATABASE_URL", "PROGRAMMES"),
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			rebuilt, show := 0, step(c.ErrOrStderr(), "rebuild")
			err := a.Store.Rebuild(ctx, func(done, total int) {
				rebuilt = done
				show(done, total)
			})
			left, _ := errors.AsType[*postgres.LeftError](err)
			if err != nil && left == nil {
				return fmt.Errorf("the rebuild stopped; what it had rebuilt stays, and it can be run again: %w", err)
			}
			if left == nil {
				left = &postgres.LeftError{}
			}
			if lost := len(left.Left); lost > 0 {
				c.Printf("Left as they are: %s, whose events are missing or cannot be applied; see below.\n", number(lost, "aggregate", "aggregates"))
			}
			for _, held := range left.Held {
				c.Printf("Left as it is: %s. Run “terrace rebuild” again when that session has ended.\n", held)
			}
			sums := "; and the sums of funds from the ledger"
			if left.Sums != nil {
				sums = ""
				c.Printf("Left as they are: the sums of funds, which would become wrong because of the %s.\n", left.Sums)
			}
			rebuilt -= len(left.Left) + len(left.Held)
			c.Printf("Rebuilt %s from the journal: their states, claims, lists and search words%s.\n", number(rebuilt, "aggregate", "aggregates"), sums)
			found, err := a.Differences(ctx, app.Verifying{RecordOnly: true}, step(c.ErrOrStderr(), "verify"))
			if err != nil {
				return fmt.Errorf("what was rebuilt could not be compared; run “terrace verify”: %w", err)
			}
			if err := differences(c, found, "It agrees with the journal and the ledger."); err != nil || len(left.Held) == 0 {
				return err
			}
			return app.ErrFindings
		}),
	}
}
