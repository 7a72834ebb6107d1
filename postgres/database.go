package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// duplicateDatabase is what a server answers when the database is there.
const duplicateDatabase = "42P04"

// CreateDatabase makes a database on the server of a postgres:// URL where it is
// missing, and answers its URL.
func CreateDatabase(ctx context.Context, server, name string) (database string, created bool, err error) {
	place, err := url.Parse(server)
	if err != nil {
		return "", false, fmt.Errorf("the server's URL: %w", err)
	}
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	place.Path = "/" + name
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == duplicateDatabase {
		return place.String(), false, nil
	}
	return place.String(), err == nil, err
}
