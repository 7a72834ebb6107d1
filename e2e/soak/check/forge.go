package check

import (
	"context"

	"github.com/jackc/pgx/v5" //nolint:depguard // it forges copies of records to test the checker
)

// Forge renumbers the events of an aggregate and reseals its hash chain, as an attacker would to hide that an event was
// changed, inserted or removed. It is meant for copies of a record on which the checker is tested.
func Forge(ctx context.Context, record *pgx.Conn, kind, id string) error {
	var events []event
	err := each(ctx, record, func(e event) { events = append(events, e) }, `
		select position, kind, id, seq, name, version, at, day, actor, late, data::text, hash from journal where kind = $1 and id = $2 order by seq`, kind, id)
	if err != nil {
		return err
	}
	var before []byte
	for i := range events {
		e := &events[i]
		e.Seq = i + 1
		e.Hash = sealed(before, *e)
		before = e.Hash
		if _, err := record.Exec(ctx, `update journal set seq = $2, hash = $3 where position = $1`, e.Position, e.Seq, e.Hash); err != nil {
			return err
		}
		if _, err := record.Exec(ctx, `update ledger_entry set seq = $2 where position = $1`, e.Position, e.Seq); err != nil {
			return err
		}
	}
	_, err = record.Exec(ctx, `update aggregate set seq = $3, head = $4 where kind = $1 and id = $2`, kind, id, len(events), before)
	return err
}
