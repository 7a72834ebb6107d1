package main

import (
	"github.com/spf13/cobra"

	"terrace/app"
)

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "Run the workflows", Args: noArguments,
		Long: "Runs the Temporal workers and the relay, without the API. Run as many of them as you like.\n" + app.SettingsHelp("DATABASE_URL", "TEMPORAL_*", "PROGRAMMES", "LOG_LEVEL", "QUEUE_PREFIX", "SEARCH_ATTRIBUTES", "VIRTUAL_CALENDAR", "RELAY_SIGNALS", "GATEWAY", "BANK_*"),
		RunE: running(app.Parts{Worker: true}),
	}
}
