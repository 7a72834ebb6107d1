package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// UnsettledMark is an empty schema that a database has from before a record is restored into it until that record is ready: its
// comment tells how many rewinds the backup knows. A record that has no more of them than that was never told that it was set back.
const UnsettledMark = "terrace_restored"

// MarkUnsettled marks a database into which a record with so many rewinds is about to be restored.
func MarkUnsettled(ctx context.Context, url string, rewinds int64) error {
	return alone(ctx, url, "create schema if not exists "+UnsettledMark, fmt.Sprintf("comment on schema %s is '%d'", UnsettledMark, rewinds))
}

// MarkSettled takes the mark away.
func MarkSettled(ctx context.Context, url string) error {
	return alone(ctx, url, "drop schema if exists "+UnsettledMark)
}

// alone runs statements on a connection of their own, in one transaction.
func alone(ctx context.Context, url string, statements ...string) error {
	return aloneOn(ctx, url, func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, s := range statements {
				if _, err := tx.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// ErrUnsettled tells of a record whose restore did not come to its end: it may lack something, and workflows that know more than
// it would take its news for old.
var ErrUnsettled = errors.New("the record was restored from a backup, and that did not come to its end. Make a new, empty database and run “terrace restore” again; " +
	"to work with this one all the same, say so: terrace resume --replace --rewound \"WHY\"")

// Settled answers ErrUnsettled for a record that was restored and never told so.
func (s *Store) Settled(ctx context.Context) error {
	var unsettled bool
	err := s.care.QueryRow(ctx, `select exists (select from pg_namespace n where n.nspname = $1
		and (select count(*) from rewind) <= coalesce(obj_description(n.oid, 'pg_namespace'), '0')::bigint)`, UnsettledMark).Scan(&unsettled)
	if err == nil && unsettled {
		err = ErrUnsettled
	}
	return err
}
