package main

import (
	"context"

	"github.com/spf13/cobra"

	"terrace/app"
)

func rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebuild", Short: "Refill states and projections from the journal", Args: noArguments,
		Long: `Makes states, claims, lists, searches and the sums of funds anew from the
journal and the ledger, beside live traffic. Journal, ledger and receipts are
never touched.
` + app.SettingsHelp,
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			return a.Store.Rebuild(ctx, step(c.ErrOrStderr(), "rebuild"))
		}),
	}
}
