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
		Use: "resume", Short: "Start the workflow of everything open that has none", Args: noArguments,
		Long: `Starts the workflow of every open pilot, project and unfinished payment that has
none: after Temporal's data were lost or restored. With --replace it also ends
runs of an older story and starts them anew on the present code, and ends runs
of what the record knows nothing of. Nothing is lost and nothing is done twice;
safe to repeat.

When the record itself was set back to an earlier state, workflows may know of
what no longer happened. “terrace restore” tells them. After a point-in-time
recovery, or when a standby that lagged behind took over, say so once:
  terrace resume --replace --rewound "recovered to 14:05"
` + app.SettingsHelp,
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
	c.Flags().BoolVar(&replace, "replace", false, "also restart runs that began on an older story, and end those of what the record knows nothing of")
	c.Flags().StringVar(&rewound, "rewound", "", "the record was set back, for this `reason`, which is noted")
	return c
}
