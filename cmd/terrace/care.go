package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"terrace/api"
	"terrace/postgres"
	"terrace/worker"
)

// caring runs a command that looks after the record and ends.
func caring(do func(ctx context.Context, c *cobra.Command, h *house) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		s, err := readSettings(os.Environ())
		if err != nil {
			return err
		}
		h, err := s.open(c.Context(), slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: max(s.LogLevel, slog.LevelWarn)})))
		if err != nil {
			return err
		}
		defer h.close()
		return do(c.Context(), c, h)
	}
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Prepare the database, or bring it up to this version", Args: noArguments,
		Long: "Applies the migrations that the database lacks. Safe to repeat.\n" + settingsHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := readSettings(os.Environ())
			if err != nil {
				return err
			}
			if err := s.needDatabase(); err != nil {
				return err
			}
			if err := postgres.Migrate(c.Context(), s.DatabaseURL); err != nil {
				return err
			}
			c.Println("The database is ready.")
			return nil
		},
	}
}

func registerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "register FILE", Short: "Register places, organizations and people",
		Long: `Reads a JSON file with "places", "organizations" and "people", and adds or
updates them. A person given without a token gets a new one, printed once.
docs/operations.md shows the form. Safe to repeat.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("register takes one file")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return caring(func(ctx context.Context, c *cobra.Command, h *house) error {
				return register(ctx, c, h.store, args[0])
			})(c, nil)
		},
	}
}

func register(ctx context.Context, c *cobra.Command, store *postgres.Store, path string) error {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	registry, err := readRegistry(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fresh := map[string]string{}
	for i, p := range registry.People {
		if p.Token != "" {
			continue
		}
		known, err := store.HasToken(ctx, p.ID)
		if err != nil {
			return err
		}
		if !known {
			registry.People[i].Token = "tr_" + rand.Text()
			fresh[p.ID] = registry.People[i].Token
		}
	}
	if err := store.Register(ctx, registry); err != nil {
		return err
	}
	c.Printf("Registered %d places, %d organizations and %d people.\n", len(registry.Places), len(registry.Organizations), len(registry.People))
	for id, token := range fresh {
		c.Printf("%s\t%s\n", id, token)
	}
	return nil
}

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
` + settingsHelp,
		PreRunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("rewound") && strings.TrimSpace(rewound) == "" {
				return usageError{errors.New("--rewound is empty: say why the record was set back")}
			}
			return nil
		},
		RunE: caring(func(ctx context.Context, c *cobra.Command, h *house) error {
			if rewound != "" {
				if _, err := h.store.Rewound(ctx, rewound); err != nil {
					return err
				}
			}
			if err := h.store.Settled(ctx); err != nil {
				return err
			}
			resuming := worker.Resuming{Open: worker.NewRecord(h.store), Client: h.temporal, Prefix: h.QueuePrefix, Indexed: h.SearchAttributes}
			done, err := resuming.Resume(ctx, replace, func(r worker.Resumed) { c.PrintErrf("\r%s", r) })
			c.PrintErrln()
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

func rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebuild", Short: "Refill states and projections from the journal", Args: noArguments,
		Long: `Makes states, claims, lists, searches and the sums of funds anew from the
journal and the ledger, beside live traffic. Journal, ledger and receipts are
never touched.
` + settingsHelp,
		RunE: caring(func(ctx context.Context, c *cobra.Command, h *house) error {
			err := h.store.Rebuild(ctx, func(done, total int) { c.PrintErrf("\rrebuilt %d of %d", done, total) })
			c.PrintErrln()
			return err
		}),
	}
}

func verifyCommand() *cobra.Command {
	var check verifying
	c := &cobra.Command{
		Use: "verify", Short: "Check the whole record against itself", Args: noArguments,
		Long: `Recomputes every state from the journal, checks the hash chains, the ledger and
the projections, and that everything open has its workflow. Prints each
difference; status 1 when there is one. Changes nothing. With --sample N only N
aggregates, taken at random, are made anew; sums and counts are over the whole
record all the same. With --record-only Temporal is not asked.
` + settingsHelp,
		RunE: caring(func(ctx context.Context, c *cobra.Command, h *house) error {
			found, err := h.differences(ctx, check, func(done, total int) { c.PrintErrf("\rverified %d of %d", done, total) })
			c.PrintErrln()
			if err != nil {
				return err
			}
			if len(found) == 0 {
				c.Println("Nothing differs.")
				return nil
			}
			table := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, line := range found {
				_, _ = fmt.Fprintln(table, line)
			}
			_ = table.Flush()
			return errFindings
		}),
	}
	c.Flags().IntVar(&check.sample, "sample", 0, "make only so many aggregates anew, taken at random; 0: all of them")
	c.Flags().BoolVar(&check.recordOnly, "record-only", false, "do not ask Temporal which workflows run")
	return c
}

// verifying is how much “terrace verify” looks at.
type verifying struct {
	sample     int
	recordOnly bool
}

// differences are everything that does not agree: in the record, and between it and the workflows.
func (h *house) differences(ctx context.Context, check verifying, progress func(done, total int)) ([]string, error) {
	var lines []string
	verify := h.store.Verify
	if check.sample > 0 {
		verify = func(ctx context.Context, progress func(done, total int)) ([]postgres.Difference, error) {
			return h.store.VerifySample(ctx, check.sample, progress)
		}
	}
	found, err := verify(ctx, progress)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		lines = append(lines, d.String())
	}
	if check.recordOnly {
		return lines, nil
	}
	missing, err := worker.Missing(ctx, worker.NewRecord(h.store), h.temporal)
	if err != nil {
		return nil, fmt.Errorf("ask Temporal which workflows run: %w", err)
	}
	for _, ref := range missing {
		lines = append(lines, fmt.Sprintf("%s\tis open and has no running workflow; “terrace resume” starts it", ref))
	}
	return lines, nil
}

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the OpenAPI document of the API", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			document, err := api.OpenAPI()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(document)
			return err
		},
	}
}
