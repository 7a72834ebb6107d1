package main

import (
	"github.com/spf13/cobra"

	"terrace/app"
)

func apiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "api", Short: "Answer requests", Args: noArguments,
		Long: "Runs only the API. It accepts commands even while Temporal is unreachable.\n" + app.SettingsHelp("DATABASE_URL", "TEMPORAL_*", "LISTEN", "EVIDENCE_URL", "PROGRAMMES", "LOG_LEVEL", "VIRTUAL_CALENDAR"),
		RunE: running(app.Parts{API: true}),
	}
}
