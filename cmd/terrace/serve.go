package main

import (
	"github.com/spf13/cobra"

	"terrace/app"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Answer requests and run the workflows, in one process", Args: noArguments,
		Long: "Runs the API, the workers and the relay in one process until it gets SIGTERM or Ctrl-C.\n" + app.SettingsHelp("*"),
		RunE: running(app.Parts{API: true, Worker: true}),
	}
}
