package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/worker"
)

func resumeCommand() *cobra.Command {
	replace, rewound := false, ""
	c := &cobra.Command{
		Use: "resume", Short: "Start the missing workflows of open aggregates", Args: noArguments,
		Long: `Starts the missing workflows of open pilots, projects, payments, recoveries and
differences, after Temporal's data were lost or restored. With --replace it also
restarts runs of an older workflow version on the current code, and ends orphaned
workflows, whose aggregates are not in the record. Nothing is lost and nothing is
done twice. Safe to repeat.

When the record itself was set back to an earlier state, workflows may know of
things that no longer happened. “terrace restore” tells them. After a
point-in-time recovery, or when a lagging standby took over, say so once:
  terrace resume --replace --rewound "recovered to 14:05"
` + app.SettingsHelp("DATABASE_URL", "TEMPORAL_*", "PROGRAMMES", "QUEUE_PREFIX", "SEARCH_ATTRIBUTES"),
		PreRunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("rewound") && strings.TrimSpace(rewound) == "" {
				return app.Misused(errors.New("--rewound is empty: say why the record was set back"))
			}
			return nil
		},
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			done, err := a.Resume(ctx, replace, rewound, func(r worker.Resumed) {
				if terminal(c.ErrOrStderr()) {
					c.PrintErrf("%s\r", r)
				}
			})
			if err != nil {
				return err
			}
			c.Println(done)
			return nil
		}),
	}
	c.Flags().BoolVar(&replace, "replace", false, "also restart runs of an older workflow version, and end orphaned workflows")
	c.Flags().StringVar(&rewound, "rewound", "", "say that the record was set back, and record the `reason`")
	return c
}
