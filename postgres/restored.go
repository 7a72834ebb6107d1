package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// UnsettledMark is an empty schema that marks a database while a record is being restored into it. Its comment holds
// the number of rewinds in the backup: a record with no more rewinds than that has not been told that it was set back.
const UnsettledMark = "terrace_restored"

// MarkUnsettled marks a database into which a record with the given number of rewinds is about to be restored.
func MarkUnsettled(ctx context.Context, url string, rewinds int64) error {
	return alone(ctx, url, "create schema if not exists "+UnsettledMark, fmt.Sprintf("comment on schema %s is '%d'", UnsettledMark, rewinds))
}

// MarkSettled removes the mark.
func MarkSettled(ctx context.Context, url string) error {
	return alone(ctx, url, "drop schema if exists "+UnsettledMark)
}

// alone runs statements in one transaction on a connection of their own.
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

// ErrUnsettled means that a restore of the record did not finish. The record may be incomplete, and workflows that know
// more than it does would ignore its news as outdated.
var ErrUnsettled = errors.New("the restore of this record from a backup did not finish. Make a new, empty database and run “terrace restore” again; " +
	"to work with this one all the same, say so: terrace resume --replace --rewound \"WHY\"")

// Settled returns ErrUnsettled for a record that was restored and has not been told so yet.
func (s *Store) Settled(ctx context.Context) error {
	var unsettled bool
	err := s.care.QueryRow(ctx, `select exists (select from pg_namespace n where n.nspname = $1
		and (select count(*) from rewind) <= coalesce(obj_description(n.oid, 'pg_namespace'), '0')::bigint)`, UnsettledMark).Scan(&unsettled)
	if err == nil && unsettled {
		err = ErrUnsettled
	}
	return err
}
