package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// Advice returns what to do when the database cannot be reached or has lost places, or an empty string for any other
// error.
func Advice(err error) string {
	if _, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		return "give TERRACE_DATABASE_URL a URL like postgres://terrace:PASSWORD@HOST:5432/terrace; in a password, write / as %2F and @ as %40"
	}
	if _, ok := errors.AsType[*PlacesError](err); ok {
		return "register the lost places again with “terrace register”, or restore a backup; “terrace verify --record-only” names everything that is missing"
	}
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		return ""
	}
	fault, _ := errors.AsType[*pgconn.PgError](err)
	if fault == nil {
		return "start Postgres, or correct host, port and sslmode in TERRACE_DATABASE_URL"
	}
	switch fault.Code {
	case "28P01", "28000":
		return "correct the user and the password in TERRACE_DATABASE_URL; if they are right, let the server's pg_hba.conf admit them"
	case "3D000":
		return "correct the database's name in TERRACE_DATABASE_URL, or create the database as deploy/postgres/roles.sh does"
	case "42501":
		return "have the database's owner admit the role: grant connect on database " + connect.Config.Database + " to " + connect.Config.User
	case "53300":
		return "raise the server's max_connections; docs/production.md says how many Terrace needs"
	default: // the server is starting, stopping or recovering
		return "wait until Postgres is ready; its log says why it is not"
	}
}
