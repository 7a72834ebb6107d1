package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

// SchemaVersion returns the version of the schema that this program needs.
func SchemaVersion() (int, error) {
	files, err := migrate.FindMigrations(Schema())
	return len(files), err
}

// Target describes a database into which a record may be restored.
type Target struct {
	Name   string
	Server int      // the major version of PostgreSQL
	User   string   // the role of the connection
	Super  bool     // whether User is a superuser
	Mark   bool     // whether User may create the schema UnsettledMark
	Member []string // the roles whose rights User has
	Roles  []string // all roles on the server
	Holds  []string // names of some existing tables, functions and the like; empty if the database is empty
}

// InspectTarget examines a database. It changes nothing.
func InspectTarget(ctx context.Context, url string) (t Target, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, `select current_database()::text, current_setting('server_version_num')::integer / 10000, current_user::text, (select rolsuper from pg_roles where rolname = current_user),
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
			limit 5) found)`).Scan(&t.Name, &t.Server, &t.User, &t.Super, &t.Mark, &t.Member, &t.Roles, &t.Holds)
	return t, err
}

// Lacks returns which of the roles do not exist on the server.
func (t Target) Lacks(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return slices.Contains(t.Roles, r) })
}

// MayActAs reports whether User can create objects owned by the role.
func (t Target) MayActAs(role string) bool { return t.Super || slices.Contains(t.Member, role) }
