package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"terrace/app"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Prepare the database, or bring it up to this version", Args: noArguments,
		Long: "Applies the schema files that the database lacks. Safe to repeat.\n\n" +
			"TERRACE_DATABASE_URL must name the role that owns the tables. Every other command\nexcept backup and restore connects as a member of terrace_program, which owns nothing.\n" + app.SettingsHelp("DATABASE_URL"),
		RunE: func(c *cobra.Command, _ []string) error {
			s, _, err := settings(c, slog.LevelWarn)
			if err != nil {
				return err
			}
			if err := s.Migrate(c.Context()); err != nil {
				return err
			}
			c.Println("The database is ready.")
			return nil
		},
	}
}
