package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// CreateDatabase creates a database on the server, unless it already exists, and returns its URL. A new database is
// empty; Migrate creates its tables.
func CreateDatabase(ctx context.Context, serverURL, name string) (databaseURL string, created bool, err error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Host == "" {
		return "", false, errors.New("the server's address is not a URL like postgres://user@host:5432/postgres")
	}
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	u.Path = "/" + name
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return u.String(), false, err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	var fault *pgconn.PgError
	if errors.As(err, &fault) && (fault.Code == "42P04" || fault.Code == "23505") { // another session created it first
		return u.String(), false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("create database %s: %w", name, err)
	}
	return u.String(), true, nil
}
