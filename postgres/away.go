package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away reports whether an error means nothing more than that the record could not be reached or the connection broke.
// The request may then be sent again.
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

// errBusy means that somebody has waited for others as long as anybody may.
var errBusy = errors.New("the records, turn or connection needed were held by others for too long")

// Busy reports whether an error means that somebody waited in vain for a lock, for their turn or for a connection.
// Nothing was done then, and the request may be sent again. If the error is also Away, it is unknown whether anything
// was done.
func Busy(err error) bool { return errors.Is(err, errBusy) || held(err) }

// held reports whether the server cancelled a statement because it waited too long for a lock, or for several locks one
// after another.
func held(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "55P03" || server.Code == "57014")
}
