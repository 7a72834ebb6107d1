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

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable is where tern notes how far the schema is.
const versionTable = "public.schema_version"

// Migrations are the files of the schema, in order, for whoever keeps a ready-made database of the present one.
func Migrations() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded under this name
	}
	return files
}

// Migrate brings the database to this program's schema. It waits for another process that is migrating, and does nothing
// when there is nothing to do. A schema of a newer program is refused.
func Migrate(ctx context.Context, url string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	m, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return err
	}
	if err := m.LoadMigrations(Migrations()); err != nil {
		return err
	}
	if err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// checkSchema refuses a database that is not at this program's schema.
func (s *Store) checkSchema(ctx context.Context) error {
	files, err := migrate.FindMigrations(Migrations())
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
