package main

import (
	"github.com/spf13/cobra"

	"terrace/app"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			c.Println("terrace", app.Version())
			return nil
		},
	}
}
