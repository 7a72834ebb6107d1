package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away reports whether an error says nothing of the record but that it could not be
// reached, or broke off: whatever was asked may be asked again.
func Away(err error) bool {
	var (
		network *net.OpError
		connect *pgconn.ConnectError
		server  *pgconn.PgError
		broken  *brokenError
	)
	switch {
	case errors.As(err, &network), errors.As(err, &connect), errors.As(err, &broken),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	case errors.As(err, &server):
		// The server shuts down, crashed, or starts; or the connection failed.
		return strings.HasPrefix(server.Code, "57P0") || strings.HasPrefix(server.Code, "08")
	}
	return false
}

// errBusy is that somebody waited for others as long as anybody may.
var errBusy = errors.New("others hold what is needed here, and did not let go of it in time")

// Busy reports whether an error says that somebody waited in vain for what others hold. Nothing was done, and the same may be asked
// again; unless it is Away too, which says that nobody knows.
func Busy(err error) bool { return errors.Is(err, errBusy) || held(err) }

// held reports whether a statement was given up because of a lock: it waited too long for one, or for many in a row.
func held(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "55P03" || server.Code == "57014")
}
