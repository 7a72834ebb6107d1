package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"terrace/postgres"
	"terrace/worker"
)

// checkTime is how long Examine waits for answers.
const checkTime = 5 * time.Second

// Check is the check of one part of the setup: what should hold, why it does not, and what to do about it.
type Check struct {
	What string
	Err  error  // nil when it holds
	Next string // empty when Err already says it
}

// Examine checks the settings, the database, Temporal, the evidence store and the payment gateway. It changes nothing.
func (s Settings) Examine(ctx context.Context, tell func(Check)) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	a, err := Open(ctx, s, slog.New(slog.DiscardHandler))
	tell(Check{"the database answers and has this version's schema", err, nextFor(err)})
	if err != nil {
		return nil
	}
	now, err := a.Store.Now(ctx)
	if err == nil && time.Until(now).Abs() > time.Minute {
		err = fmt.Errorf("the database's clock says %s", now.Format(time.DateTime))
	}
	tell(Check{"the database's clock is right", err, "a virtual calendar belongs to “terrace demo”; otherwise set the server's clock"})
	err = (&worker.Runs{Client: a.Temporal}).Healthy(ctx)
	tell(Check{"Temporal answers at " + s.temporal(), err, "start it, or set TERRACE_TEMPORAL_ADDRESS; commands are accepted meanwhile"})
	a.evidence, err = s.openEvidence(ctx)
	tell(Check{"evidence can be stored at " + s.EvidenceURL, err, "set TERRACE_EVIDENCE_URL to a folder this user may write"})
	err = s.askGateway(ctx)
	tell(Check{"payments can go by TERRACE_GATEWAY=" + s.Gateway, err, "terrace serve and worker need it; “terrace serve --help” lists the settings"})
	return a.Close()
}

// nextFor says what to do when the record cannot be opened.
func nextFor(err error) string {
	var role *postgres.RoleError
	var schema *postgres.SchemaError
	if errors.As(err, &role) || errors.As(err, &schema) || errors.Is(err, postgres.ErrFormerSchema) {
		return ""
	}
	return "see that it runs, and that TERRACE_DATABASE_URL names it and who may reach it"
}
