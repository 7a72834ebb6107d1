package main

import (
	"context"

	"github.com/spf13/cobra"

	"terrace/app"
)

func rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebuild", Short: "Rebuild states and lists from the journal", Args: noArguments,
		Long: `Rebuilds states, claims, lists, search words and the sums of funds from the
journal and the ledger, beside live traffic. Journal, ledger and receipts are
never changed.
` + app.SettingsHelp,
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			return a.Store.Rebuild(ctx, step(c.ErrOrStderr(), "rebuild"))
		}),
	}
}
