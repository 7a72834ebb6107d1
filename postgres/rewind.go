package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Rewound records that the record was restored to an earlier state (回退), and why: a backup was restored, the database
// was recovered to a point in time, or a lagging standby took over. Events that workflows have seen may be missing from
// the record. From now on, workflows treat whatever they read as newer than what they knew, and the relay signals or
// starts the workflow of every open aggregate. Rewound returns the number of open aggregates.
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

// Known returns which of the given aggregates are in the journal, including ended ones.
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
