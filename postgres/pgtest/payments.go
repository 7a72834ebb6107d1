package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// DoublePayments returns, as "payer/tranche", every tranche with more than one payment that is in progress or paid. It
// reads the payments themselves, and so finds duplicates even if the record's keys and triggers fail.
func DoublePayments(t testing.TB, database string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // read-only connection
	rows, err := conn.Query(t.Context(), `select payer || '/' || tranche from payment_row
		where stage not in ('voided', 'returned') group by payer, tranche having count(*) > 1 order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	tranches, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return tranches
}
