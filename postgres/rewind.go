package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Rewound notes that the record was set back to an earlier state (回退), and why, after it was: a backup was restored, or
// the database recovered to a moment, or went over to a standby that lagged. What the workflows knew by then may never have
// happened. From now on whatever they are told counts as newer than that, and everything open is told, or started, by the
// relay; it answers how many aggregates those are.
func (s *Store) Rewound(ctx context.Context, reason string) (open int, err error) {
	err = pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.InsertRewind(ctx, reason); err != nil {
			return err
		}
		n, err := q.TellAll(ctx)
		open = int(n)
		return err
	})
	return open, err
}

// Known are those of the aggregates that the journal knows, which may have ended.
func (s *Store) Known(ctx context.Context, refs []flow.Ref) (map[flow.Ref]bool, error) {
	ids := map[flow.Kind][]string{}
	for _, ref := range refs {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	known := make(map[flow.Ref]bool, len(refs))
	for kind, named := range ids {
		found, err := db.New(s.care).ListKnown(ctx, db.ListKnownParams{Kind: kind, Ids: named})
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			known[flow.Ref{Kind: kind, ID: id}] = true
		}
	}
	return known, nil
}
