package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"terrace/postgres"
	"terrace/worker"
)

// ErrFindings means that a check found faults and has already reported them.
var ErrFindings = errors.New("there are findings")

// Care opens the program, performs a maintenance task on the record, and closes the program.
func Care(ctx context.Context, s Settings, log *slog.Logger, do func(*App) error) error {
	a, err := Open(ctx, s, log)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// Migrate creates the record's tables in an empty database, or upgrades an older record to this version's schema.
func (s Settings) Migrate(ctx context.Context) error {
	if err := s.needDatabase(); err != nil {
		return err
	}
	return postgres.Migrate(ctx, s.DatabaseURL)
}

// Resume starts the workflow of every open aggregate that has none running; see worker.Resuming.Resume for replace. A
// non-empty rewound means that the record was restored to an earlier state, and gives the reason, which Resume records
// first.
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

// Verifying specifies what Differences checks.
type Verifying struct {
	Sample     int  // number of aggregates to rebuild, chosen at random; 0 for all of them
	RecordOnly bool // whether to check only the record, and not the workflows in Temporal
}

// Difference is an inconsistency, with advice on what to do about it.
type Difference struct {
	What string
	Next string // advice, the same for all differences of the same type
}

func (d Difference) String() string { return d.What }

// Advice for each type of difference; docs/operations.md has more detail.
const (
	historyDiffers = "journal, ledger, evidence, bank: stored history was changed or lost. Stop Terrace, restore a backup with “terrace restore”, and find out who changed it. Do not rebuild before: nothing else may show what was lost"
	resultDiffers  = "state, claim, list, sum: run “terrace rebuild”, which makes them again from the journal and the ledger"
	turnsOwed      = "turns: start “terrace worker” or “terrace serve”, which writes them at once; if one runs, its log says why it does not"
	besidesDiffers = "receipt, personal data, dossier: what is stored beside the journal was changed or lost, and cannot be rebuilt. Compare with a backup, and find out who changed it"
	placesLost     = "places: register them again with “terrace register” before anything is rebuilt, or restore a backup; until then nobody finds the pilots there"
	rowsLost       = "lost row: no backup of this record can be restored. Put the rows back, people and places with “terrace register” and others from an older backup, and find out who removed them"
	notRunning     = "no running workflow: run “terrace resume”, which starts them"
)

func nextOf(p postgres.Part) string {
	switch p {
	case postgres.JournalPart, postgres.LedgerPart, postgres.EvidencePart, postgres.BankPart:
		return historyDiffers
	case postgres.StatePart, postgres.ClaimPart, postgres.ListPart, postgres.SumPart:
		return resultDiffers
	case postgres.PlacePart:
		return placesLost
	case postgres.TurnPart:
		return turnsOwed
	case postgres.LostPart:
		return rowsLost
	case postgres.ReceiptPart, postgres.PersonalPart, postgres.DossierPart:
		return besidesDiffers
	}
	return ""
}

// Differences returns every inconsistency within the record, and between the record and the workflows.
func (a *App) Differences(ctx context.Context, v Verifying, progress func(done, total int)) ([]Difference, error) {
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
	lost := slices.ContainsFunc(found, func(d postgres.Difference) bool { return nextOf(d.Part) == historyDiffers })
	away := slices.ContainsFunc(found, func(d postgres.Difference) bool { return d.Part == postgres.PlacePart })
	var all []Difference
	for _, d := range found {
		next := nextOf(d.Part)
		if lost && next != turnsOwed { // restoring the history also fixes everything derived from it
			next = historyDiffers
		} else if away && next == resultDiffers { // rebuilt without the places, it would be lost
			next = placesLost
		}
		all = append(all, Difference{d.String(), next})
	}
	if v.RecordOnly {
		return all, nil
	}
	missing, err := worker.Missing(ctx, worker.NewRecord(a.Store), a.Temporal)
	if err != nil {
		return nil, fmt.Errorf("ask Temporal which workflows run, which --record-only leaves out: %w", err)
	}
	for _, ref := range missing {
		all = append(all, Difference{ref.String() + " is open and has no running workflow", notRunning})
	}
	return all, nil
}
