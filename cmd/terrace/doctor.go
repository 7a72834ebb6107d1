package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"terrace/worker"
)

// checkTime is how long the doctor waits for one answer.
const checkTime = 5 * time.Second

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Tell what is set up, what is missing and what to do", Args: noArguments,
		Long: "Looks at the settings, the database, Temporal, the evidence store and the payment gateway. Changes\nnothing; status 1 when something is missing.\n" + settingsHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := readSettings(os.Environ())
			if err != nil {
				return err
			}
			if !examine(c.Context(), c, s) {
				return errFindings
			}
			return nil
		},
	}
}

// examine prints one line for each part, with the next step where one is needed.
func examine(ctx context.Context, c *cobra.Command, s settings) (healthy bool) {
	healthy = true
	tell := func(what string, err error, next string) {
		if err == nil {
			c.Printf("✓ %s\n", what)
			return
		}
		healthy = false
		c.Printf("✗ %s: %v\n  → %s\n", what, err, next)
	}
	limit, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	h, err := s.open(limit, slog.New(slog.DiscardHandler))
	tell("the database answers and has this version's schema", err, "set TERRACE_DATABASE_URL and run “terrace migrate”")
	if err != nil {
		return false
	}
	defer h.close()
	now, err := h.store.Now(limit)
	if err == nil && time.Until(now).Abs() > time.Minute {
		err = fmt.Errorf("the database's clock says %s", now.Format(time.DateTime))
	}
	tell("the database's clock is right", err, "a virtual calendar belongs to “terrace demo”; otherwise set the server's clock")
	tell("Temporal answers at "+s.temporal(), (&worker.Runs{Client: h.temporal}).Healthy(limit), "start it, or set TERRACE_TEMPORAL_ADDRESS; commands are accepted meanwhile")
	tell("evidence can be stored at "+s.EvidenceURL, h.openEvidence(limit), "set TERRACE_EVIDENCE_URL to a folder this user may write")
	tell("payments can go by TERRACE_GATEWAY="+s.Gateway, s.askGateway(limit), "terrace serve and worker need it; “terrace serve --help” lists the settings")
	return healthy
}

// askGateway asks about an order that was never given.
func (s settings) askGateway(ctx context.Context) error {
	gateway, err := s.gateway()
	if err != nil {
		return err
	}
	_, err = gateway.Ask(ctx, "doctor")
	return err
}
