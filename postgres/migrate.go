package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

//go:embed schema/*.sql
var schema embed.FS

const (
	// versionTable is where tern notes how far the schema is.
	versionTable = "public.terrace_schema"
	// formerVersionTable is where it noted that for the schema before this one, whose files were numbered differently.
	formerVersionTable = "public.schema_version"
)

// ErrFormerSchema is a database with the schema of a Terrace before the first release. Its record cannot be carried over.
var ErrFormerSchema = errors.New("the database has the schema of a Terrace before the first release, and its record cannot be carried over: " +
	"keep it with the program that made it, set TERRACE_DATABASE_URL to a new, empty database and run “terrace migrate”")

// Schema is the folder of the schema: a file for each noun, in the order in which they are applied. It serves whoever keeps a
// ready-made database.
func Schema() fs.FS {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // the folder is embedded under this name
	}
	return files
}

// Migrate brings the database to this program's schema, as the owner of the tables. It waits for another process that is migrating, and does nothing
// when there is nothing to do. A schema of a newer program is refused.
func Migrate(ctx context.Context, url string) error {
	return aloneOn(ctx, url, func(conn *pgx.Conn) error {
		if err := refuseFormer(ctx, conn); err != nil {
			return err
		}
		if err := makeRole(ctx, conn, ProgramRole, "nologin"); err != nil {
			return err
		}
		m, err := migrate.NewMigrator(ctx, conn, versionTable)
		if err != nil {
			return err
		}
		if err := m.LoadMigrations(Schema()); err != nil {
			return err
		}
		if err := m.Migrate(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// querier is a connection, a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// refuseFormer answers ErrFormerSchema for a database of the schema before this one.
func refuseFormer(ctx context.Context, from querier) error {
	var former bool
	err := from.QueryRow(ctx, "select to_regclass($1) is not null and to_regclass($2) is null", formerVersionTable, versionTable).Scan(&former)
	if err == nil && former {
		err = ErrFormerSchema
	}
	return err
}

// checkSchema refuses a database that is not at this program's schema.
func (s *Store) checkSchema(ctx context.Context) error {
	files, err := migrate.FindMigrations(Schema())
	if err != nil {
		return err
	}
	var version int
	err = s.care.QueryRow(ctx, "select case when to_regclass($1) is null then 0 else 1 end", versionTable).Scan(&version)
	if err == nil && version > 0 {
		err = s.care.QueryRow(ctx, "select version from "+versionTable).Scan(&version)
	}
	if err != nil {
		return err
	}
	if version != len(files) {
		return fmt.Errorf("the database is at schema %d and this program works with %d: run “terrace migrate” of the newer one", version, len(files))
	}
	return nil
}
