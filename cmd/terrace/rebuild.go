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
whose events are missing or cannot be applied is left as it is and named, and the
others are rebuilt.
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
			if left != nil {
				rebuilt -= len(left.Left)
				c.Printf("Left as they are: %s, whose events are missing or cannot be applied; see below.\n", number(len(left.Left), "aggregate", "aggregates"))
			}
			c.Printf("Rebuilt %s from the journal: their states, claims, lists and search words; and the sums of funds from the ledger.\n", number(rebuilt, "aggregate", "aggregates"))
			found, err := a.Differences(ctx, app.Verifying{RecordOnly: true}, step(c.ErrOrStderr(), "verify"))
			if err != nil {
				return fmt.Errorf("what was rebuilt could not be compared; run “terrace verify”: %w", err)
			}
			return differences(c, found, "It agrees with the journal and the ledger.")
		}),
	}
}
