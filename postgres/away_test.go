package postgres_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"terrace/domain"
	"terrace/postgres"
)

func TestAwayTellsOutagesFromFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		away bool
	}{
		"nobody listens":                       {&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		"the connection breaks during a query": {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"the server was killed":                {&pgconn.PgError{Code: "57P02"}, true},
		"the server is starting":               {&pgconn.PgError{Code: "57P03"}, true},
		"a query is wrong":                     {&pgconn.PgError{Code: "42601"}, false},
		"a rule refuses":                       {domain.Refuse("not-found", ""), false},
		"nothing is wrong":                     {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := postgres.Away(test.err); got != test.away {
				t.Errorf("away: %t, want %t", got, test.away)
			}
		})
	}
}
