package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away tells that an error says nothing of the record but that it could not be
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
