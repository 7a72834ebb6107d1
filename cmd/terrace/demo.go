package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/demo"
)

func demoCommand() *cobra.Command {
	d := &demo.Demonstration{}
	c := &cobra.Command{
		Use: "demo", Short: "Run a whole pilot on a virtual calendar, on this machine", Args: noArguments,
		Long: `Drives the Zhuanglang pilot (演示数据, demonstration data) from the application in
September 2017 to the archive in June 2019, through the HTTP API, with real
workflows, deadlines, notices and payments. A virtual day takes 100 ms.

It uses the Postgres of TERRACE_DATABASE_URL (or DATABASE_URL) and the Temporal of
TERRACE_TEMPORAL_ADDRESS if they are set, and otherwise private servers with their
data in --data. The database's URL must be a superuser's, which migrates it and
creates the role that the program connects as. A shell that has read the
terrace.env of a demonstration names that one's servers: start another one in a
new shell. You can stop it at any time, even with kill -9:
the next “terrace demo” continues. Once the pilot is archived, or has ended without a
grant, the next run starts a new pilot in a new database, or, with a database in the
settings, shows the finished one. It acts on no pilot that somebody else began, such
as yours of --people=false: it leaves that database alone and starts another one.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.Day < time.Millisecond {
				return app.Misused(errors.New("--day must be at least 1ms"))
			}
			err := app.CheckAddress(d.Listen)
			if err != nil {
				return app.Misused(fmt.Errorf("--listen is %w", err))
			}
			if d.Settings, _, err = settings(c, slog.LevelWarn); err != nil {
				return err
			}
			d.Out = c.OutOrStdout()
			return d.Run(c.Context())
		},
	}
	c.Flags().DurationVar(&d.Day, "day", 100*time.Millisecond, "how long a virtual day takes")
	c.Flags().BoolVar(&d.Exit, "exit-when-closed", false, "exit when the pilot is archived: with status 0 if every check holds, else 1")
	c.Flags().BoolVar(&d.People, "people", true, "let the people of the demonstration act; with --people=false you act through HTTP, and run the calendar with PUT /v1/clock")
	c.Flags().StringVar(&d.Listen, "listen", "127.0.0.1:8080", "where the API answers; port 0 picks a free one")
	c.Flags().StringVar(&d.Data, "data", defaultData(), "folder that keeps the data between runs")
	return c
}

func defaultData() string {
	cache, err := os.UserCacheDir()
	if err != nil || os.Geteuid() == 0 { // a private Postgres runs as another user, who must be able to access its data
		return "/var/lib/terrace/demo"
	}
	return filepath.Join(cache, "terrace", "demo")
}
