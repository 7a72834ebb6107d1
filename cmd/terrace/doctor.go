package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"terrace/app"
)

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Report what is set up, what is missing and what to do", Args: noArguments,
		Long: `Checks the settings, the database, Temporal, the evidence store and the payment
gateway, and says what to do about whatever is missing. Run it with the settings of
the API or the worker: TERRACE_DATABASE_URL is the program's, not the owner's.
Changes nothing, but creates the evidence folder if it is missing. The status is 1
when something is missing.
` + app.SettingsHelp("DATABASE_URL", "TEMPORAL_*", "EVIDENCE_URL", "PROGRAMMES", "VIRTUAL_CALENDAR", "GATEWAY", "BANK_*"),
		RunE: func(c *cobra.Command, _ []string) error {
			s, _, err := settings(c, slog.LevelWarn)
			if err != nil {
				return err
			}
			healthy := true
			err = s.Examine(c.Context(), func(check app.Check) {
				if check.Err == nil {
					c.Printf("✓ %s\n", check.What)
					return
				}
				healthy = false
				c.Printf("✗ %s: %v\n", check.What, check.Err)
				if check.Next != "" {
					c.Printf("  → %s\n", check.Next)
				}
			})
			if err == nil && !healthy {
				return app.ErrFindings
			}
			return err
		},
	}
}
