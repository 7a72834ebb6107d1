package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Plant stores a state, and everything that the product derives from it, as if its events had led there. The journal
// gets only the first event.
func (s *Store) Plant(ctx context.Context, state flow.State, at time.Time) error {
	ref, common := flow.RefOf(state), state.Common()
	common.Version, common.Seq = 1, 1
	event := state.Aggregate().Events[0]
	data, err := json.Marshal(event.New())
	if err != nil {
		return err
	}
	head := sha256.Sum256([]byte(ref.ID))
	return pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
			select pg_current_xact_id()::text::bigint * 1000 + shift, $1, $2, $3, 1, $4, $5, $6, $6::timestamptz::date, 'terrace', false, $7, $8 from journal_origin`,
			ref.Kind, ref.ID, rootOf(state), event.Name, event.Version, at, data, head[:])
		if err != nil {
			return err
		}
		var all queue
		if err := (image{state: state, head: head[:], created: at, updated: at}).putAll(ctx, db.New(&all), ref, true); err != nil {
			return err
		}
		return all.send(ctx, tx)
	})
}

// PlantUse records that an aggregate names a file.
func (s *Store) PlantUse(ctx context.Context, sha256 string, ref flow.Ref) error {
	_, err := s.care.Exec(ctx, "insert into evidence_use (sha256, kind, id) values ($1, $2, $3)", sha256, ref.Kind, ref.ID)
	return err
}

// IDs returns the ids that a query finds on behalf of a reader, filtered only by the database's policies.
func (s *Store) IDs(ctx context.Context, reader flow.Reader, sql string, args ...any) ([]string, error) {
	rows, err := s.readingFor(reader).Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
