package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away reports whether an error means only that the record could not be reached, or that the connection broke. The
// request may be sent again.
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
		// The server is shutting down, has crashed or is starting, or the connection failed.
		return strings.HasPrefix(server.Code, "57P0") || strings.HasPrefix(server.Code, "08")
	}
	return false
}

// errBusy means that somebody has waited for others as long as anyone may.
var errBusy = errors.New("the records, turn or connection needed were held by others for too long")

// Busy reports whether an error means that somebody waited in vain for a lock, a turn or a connection. Nothing was
// done, and the request may be sent again; if the error is also Away, the outcome is unknown.
func Busy(err error) bool { return errors.Is(err, errBusy) || held(err) }

// held reports whether a statement was canceled because of locks: it waited too long for one, or for several in a row.
func held(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "55P03" || server.Code == "57014")
}
