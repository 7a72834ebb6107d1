package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/tern/v2/migrate"
)

//go:embed schema/*.sql
var schema embed.FS

const (
	// versionTable is the table in which tern keeps the version of the schema.
	versionTable = "public.terrace_schema"
	// formerVersionTable is the table in which pre-release schemas kept their version. Their files were numbered
	// differently.
	formerVersionTable = "public.schema_version"
)

// ErrFormerSchema means that the database has a pre-release Terrace schema, whose record cannot be migrated.
var ErrFormerSchema = errors.New("the database has the schema of a Terrace from before the first release, whose record cannot be migrated: " +
	"keep it with the program that made it, set TERRACE_DATABASE_URL to a new, empty database and run this program's “terrace migrate”")

// ErrNoVersion means that the row was lost that gives the version of the database's schema.
var ErrNoVersion = errors.New("the only row of the table terrace_schema is missing, so the version of the database's tables is unknown: " +
	"restore a backup with “terrace restore” or, if you know which version it was, put the row back as the owner: insert into terrace_schema (version) values (…)")

// Schema returns the schema files, one per subject, in the order in which they are applied. Tests use it to keep a
// template database up to date.
func Schema() fs.FS {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // the folder is embedded under this name
	}
	return files
}

// Migrate brings the database to this program's schema. url must connect as the owner of the tables. If another process
// is migrating, Migrate waits for it. If the schema is up to date, Migrate does nothing.
//
// Errors: ErrFormerSchema; ErrNoVersion; *SchemaError if the schema is that of a newer program; *OwnerError if the role
// should not own the tables, or cannot create what the schema needs.
func Migrate(ctx context.Context, url string) error {
	return aloneOn(ctx, url, func(conn *pgx.Conn) error {
		if err := refuseFormer(ctx, conn); err != nil {
			return err
		}
		o, err := owners(ctx, conn)
		if err == nil {
			err = o.check()
		}
		if err == nil {
			err = migrateOn(ctx, conn)
		}
		if fault, ok := errors.AsType[*pgconn.PgError](err); ok && fault.Code == "42501" {
			return o.denied(err)
		}
		return err
	})
}

func migrateOn(ctx context.Context, conn *pgx.Conn) error {
	at, wants, err := schemaOf(ctx, conn)
	if err != nil {
		return err
	}
	if at > wants {
		return &SchemaError{at, wants}
	}
	if err := makeProgramRole(ctx, conn); err != nil {
		return err
	}
	m, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return err
	}
	if err := m.LoadMigrations(Schema()); err != nil {
		return err
	}
	return m.Migrate(ctx)
}

// querier is a connection, a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// refuseFormer returns ErrFormerSchema if the database has a pre-release schema.
func refuseFormer(ctx context.Context, from querier) error {
	var former bool
	err := from.QueryRow(ctx, "select to_regclass($1) is not null and to_regclass($2) is null", formerVersionTable, versionTable).Scan(&former)
	if err == nil && former {
		err = ErrFormerSchema
	}
	return err
}

// SchemaError means that the database has a different schema version from the one that this program needs.
type SchemaError struct{ At, Wants int }

func (e *SchemaError) Error() string {
	const migrate = "set TERRACE_DATABASE_URL to its owner's URL, such as postgres://OWNER:PASSWORD@HOST:5432/terrace, and run this program's “terrace migrate”"
	switch {
	case e.At == 0:
		return "the database has no tables yet: " + migrate
	case e.At < e.Wants:
		return fmt.Sprintf("the database's tables are older (version %d) than this program (version %d): %s", e.At, e.Wants, migrate)
	default:
		return fmt.Sprintf("the database's tables are newer (version %d) than this program (version %d): use the program that migrated them, or a newer one", e.At, e.Wants)
	}
}

// checkSchema returns a *SchemaError if the database does not have the schema version that this program needs.
func (s *Store) checkSchema(ctx context.Context) error {
	at, wants, err := schemaOf(ctx, s.care)
	if err == nil && at != wants {
		err = &SchemaError{at, wants}
	}
	return err
}

// schemaOf returns the database's schema version and the version that this program needs.
func schemaOf(ctx context.Context, from querier) (at, wants int, err error) {
	files, err := migrate.FindMigrations(Schema())
	if err != nil {
		return 0, 0, err
	}
	err = from.QueryRow(ctx, "select case when to_regclass($1) is null then 0 else 1 end", versionTable).Scan(&at)
	if err == nil && at > 0 {
		err = from.QueryRow(ctx, "select version from "+versionTable).Scan(&at)
		if errors.Is(err, pgx.ErrNoRows) {
			err = ErrNoVersion
		}
	}
	return at, len(files), err
}
