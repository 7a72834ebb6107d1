package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"terrace/postgres"
	"terrace/worker"
)

// ErrFindings means that a check found faults, which have already been reported.
var ErrFindings = errors.New("there are findings")

// Care opens the program, performs a maintenance task on the record, and closes the program.
func Care(ctx context.Context, s Settings, log *slog.Logger, do func(*App) error) error {
	a, err := Open(ctx, s, log)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// Migrate creates the record's tables in an empty database, or brings an older record to this version's schema.
func (s Settings) Migrate(ctx context.Context) error {
	if err := s.needDatabase(); err != nil {
		return err
	}
	return postgres.Migrate(ctx, s.DatabaseURL)
}

// Register adds or updates places, organizations and people. If a person has no token yet and is given none, they get a
// new one. Register returns the new tokens by person id. The record keeps only their hashes.
func (a *App) Register(ctx context.Context, registry postgres.Registry) (fresh map[string]string, err error) {
	fresh = map[string]string{}
	for i, p := range registry.People {
		if p.Token != "" {
			continue
		}
		known, err := a.Store.HasToken(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if !known {
			registry.People[i].Token = "tr_" + rand.Text()
			fresh[p.ID] = registry.People[i].Token
		}
	}
	return fresh, a.Store.Register(ctx, registry)
}

// Resume starts the workflow of every open aggregate that has none. If rewound is not empty, the record was set back to
// an earlier state: Resume first records this, with rewound as the reason.
func (a *App) Resume(ctx context.Context, replace bool, rewound string, progress func(worker.Resumed)) (worker.Resumed, error) {
	if rewound != "" {
		if _, err := a.Store.Rewound(ctx, rewound); err != nil {
			return worker.Resumed{}, err
		}
	}
	if err := a.Store.Settled(ctx); err != nil {
		return worker.Resumed{}, err
	}
	resuming := worker.Resuming{Open: worker.NewRecord(a.Store), Client: a.Temporal, Prefix: a.Settings.QueuePrefix, Indexed: a.Settings.SearchAttributes}
	return resuming.Resume(ctx, replace, progress)
}

// Verifying says what Differences checks.
type Verifying struct {
	Sample     int  // rebuild only this many aggregates, chosen at random, or all of them if 0
	RecordOnly bool // check only the record and not the workflows in Temporal
}

// Differences returns every point on which the record contradicts itself or does not match the workflows.
func (a *App) Differences(ctx context.Context, v Verifying, progress func(done, total int)) ([]string, error) {
	verify := a.Store.Verify
	if v.Sample > 0 {
		verify = func(ctx context.Context, progress func(done, total int)) ([]postgres.Difference, error) {
			return a.Store.VerifySample(ctx, v.Sample, progress)
		}
	}
	found, err := verify(ctx, progress)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, d := range found {
		lines = append(lines, d.String())
	}
	if v.RecordOnly {
		return lines, nil
	}
	missing, err := worker.Missing(ctx, worker.NewRecord(a.Store), a.Temporal)
	if err != nil {
		return nil, fmt.Errorf("ask Temporal which workflows run: %w", err)
	}
	for _, ref := range missing {
		lines = append(lines, fmt.Sprintf("%s\tis open and has no running workflow; “terrace resume” starts it", ref))
	}
	return lines, nil
}
