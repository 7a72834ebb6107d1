package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

// SchemaVersion is the schema that this program works with.
func SchemaVersion() (int, error) {
	files, err := migrate.FindMigrations(Schema())
	return len(files), err
}

// Target is a database into which a record is to be restored, as it was found.
type Target struct {
	Server int      // major version of PostgreSQL
	User   string   // who connects
	Super  bool     // that may do everything
	Mark   bool     // whether User may mark the database, see UnsettledMark
	Member []string // roles that User is or may act as
	Roles  []string // that there are
	Holds  []string // tables, sequences, functions and the like, some of them; empty in an empty database
}

// InspectTarget looks at a database. It changes nothing.
func InspectTarget(ctx context.Context, url string) (t Target, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, `select current_setting('server_version_num')::integer / 10000, current_user::text, (select rolsuper from pg_roles where rolname = current_user),
		has_database_privilege(current_database(), 'create'),
		(select array_agg(rolname::text) from pg_roles where pg_has_role(current_user, oid, 'usage')),
		(select array_agg(rolname::text) from pg_roles),
		(select coalesce(array_agg(name), '{}') from (
			select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
				and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
			union all
			select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
			where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
				and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
			limit 5) found)`).Scan(&t.Server, &t.User, &t.Super, &t.Mark, &t.Member, &t.Roles, &t.Holds)
	return t, err
}

// Lacks are those of the roles that the server does not have.
func (t Target) Lacks(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return slices.Contains(t.Roles, r) })
}

// MayActAs tells whether whoever connects can make things that belong to the role.
func (t Target) MayActAs(role string) bool { return t.Super || slices.Contains(t.Member, role) }
