package postgres

import (
	"context"
	"fmt"
)

// OwnerError means that a role does not own the record, or that it cannot create what the record needs.
type OwnerError struct {
	Role string // the role that connects
	Why  string
	Next string
	Err  error // what the server said; nil if nothing was asked of it
}

func (e *OwnerError) Error() string {
	text := fmt.Sprintf("%s %s. %s", e.Role, e.Why, e.Next)
	if e.Err != nil {
		text += fmt.Sprintf("\n  %v", e.Err)
	}
	return text
}

func (e *OwnerError) Unwrap() error { return e.Err }

// ownership says to whom the database and its tables belong.
type ownership struct {
	role     string // the role that connects
	super    bool   // whether that role is a superuser
	database string
	owner    string // the owner of the database
	tables   string // the owner of record tables that do not belong to role; empty if they all do
}

func owners(ctx context.Context, from querier) (o ownership, err error) {
	err = from.QueryRow(ctx, `
		select r.rolname::text, r.rolsuper, d.datname::text, pg_get_userbyid(d.datdba)::text, coalesce((
			select pg_get_userbyid(c.relowner)::text from pg_class c
			where to_regclass($1) is not null and c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relowner <> r.oid
				and not exists (select from pg_depend e where e.objid = c.oid and e.deptype = 'e')
			order by c.relname limit 1), '')
		from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`, versionTable).
		Scan(&o.role, &o.super, &o.database, &o.owner, &o.tables)
	return o, err
}

// check returns an *OwnerError if migrating with this role would leave the tables with more than one owner, so that
// none of them could migrate or back up all tables.
func (o ownership) check() error {
	switch {
	case o.super && o.role != o.owner:
		return &OwnerError{o.role, "is a superuser, and the database " + o.database + " belongs to " + o.owner, takesURLOf(o.owner), nil}
	case o.tables == o.owner && o.tables != "":
		return &OwnerError{o.role, "does not own the tables; they belong to " + o.owner, takesURLOf(o.owner), nil}
	case o.tables != "":
		return &OwnerError{
			o.role, "does not own the tables; they belong to " + o.tables + ", and the database " + o.database + " to " + o.owner,
			"One role must own them all. Have a superuser hand the tables over to " + o.owner + ": “Handing the tables over” in docs/production.md shows how", nil,
		}
	}
	return nil
}

// denied returns the error for a role that the server did not allow to create something.
func (o ownership) denied(err error) error {
	if o.role == o.owner {
		return &OwnerError{
			o.role, "owns the database " + o.database + " but may not create tables in it",
			"Have a superuser allow it, in this database: grant create on schema public to " + o.role, err,
		}
	}
	return &OwnerError{o.role, "may not create tables in the database " + o.database + ", which belongs to " + o.owner, takesURLOf(o.owner), err}
}

// takesURLOf says what to do when a command needs the owner's URL.
func takesURLOf(owner string) string {
	return "“terrace migrate”, “backup” and “restore” take the owner's URL, everything else the program's: set TERRACE_DATABASE_URL to the URL of " + owner
}
