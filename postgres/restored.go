package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// UnsettledMark is the name of an empty schema that marks a database into which a record is being restored. Its comment
// holds the number of times that the record had been restored to an earlier state when the backup was made. The restore
// is complete only when Rewound has been called, which makes the record's own number higher.
const UnsettledMark = "terrace_restored"

// MarkUnsettled marks a database into which a record is about to be restored. rewinds is the number of times that the
// record had already been restored to an earlier state.
func MarkUnsettled(ctx context.Context, url string, rewinds int64) error {
	return alone(ctx, url, "create schema if not exists "+UnsettledMark, fmt.Sprintf("comment on schema %s is '%d'", UnsettledMark, rewinds))
}

// MarkSettled removes the mark from a database.
func MarkSettled(ctx context.Context, url string) error {
	return alone(ctx, url, "drop schema if exists "+UnsettledMark)
}

// alone runs statements in one transaction, over a connection of its own.
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

// ErrUnsettled means that a restore did not finish. The record may be incomplete, and a workflow that has already seen
// events missing from the record would ignore new signals as outdated.
var ErrUnsettled = errors.New("the restore of this record from a backup did not finish. Make a new, empty database and run “terrace restore” again; " +
	"to use this one anyway, run: terrace resume --replace --rewound \"WHY\"")

// Settled returns ErrUnsettled if the record was restored but Rewound has not been called since.
func (s *Store) Settled(ctx context.Context) error {
	var unsettled bool
	err := s.care.QueryRow(ctx, `select exists (select from pg_namespace n where n.nspname = $1
		and (select count(*) from rewind) <= coalesce(obj_description(n.oid, 'pg_namespace'), '0')::bigint)`, UnsettledMark).Scan(&unsettled)
	if err == nil && unsettled {
		err = ErrUnsettled
	}
	return err
}
