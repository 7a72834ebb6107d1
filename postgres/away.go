package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away reports whether the only problem is that the database could not be reached or the connection broke, so that the
// caller may retry the request.
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

// errBusy means that others held what a caller needs for too long, or that too many callers are already waiting for it.
var errBusy = errors.New("the records, turn or connection needed were held by others for too long")

// Busy reports whether the caller waited too long for a lock, for its turn or for a connection. The request then had no
// effect, and the caller may retry it. If the error is also Away, it is unknown whether the request took effect.
func Busy(err error) bool { return errors.Is(err, errBusy) || held(err) }

// held reports whether the server cancelled a statement because it waited too long for a lock, or spent too long
// waiting for several locks in succession.
func held(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "55P03" || server.Code == "57014")
}
