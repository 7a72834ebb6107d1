package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// MakeRole creates a group role unless the server has it.
func MakeRole(ctx context.Context, url, role, next string) error {
	return aloneOn(ctx, url, func(conn *pgx.Conn) error { return makeRole(ctx, conn, role, "nologin", next) })
}
