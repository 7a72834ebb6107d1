package postgres

import (
	"context"
	"fmt"
)

// OwnerError means that a role does not own the record, or cannot create what the record needs.
type OwnerError struct {
	Role string // the role of the connection
	Why  string
	Next string
	Err  error // the server's error; nil if the server was not asked
}

func (e *OwnerError) Error() string {
	text := fmt.Sprintf("%s %s. %s", e.Role, e.Why, e.Next)
	if e.Err != nil {
		text += fmt.Sprintf("\n  %v", e.Err)
	}
	return text
}

func (e *OwnerError) Unwrap() error { return e.Err }

// ownership describes who owns the database and its tables.
type ownership struct {
	role     string // the role of the connection
	super    bool   // whether that role is a superuser
	database string
	owner    string // the owner of the database
	tables   string // the owner of the tables that role does not own; empty if role owns all of them
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

// check returns an *OwnerError if migrating as this role would leave the tables with more than one owner. No single
// role could then migrate or back up all of them.
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

// denied returns the error for a role that the server does not allow to create an object.
func (o ownership) denied(err error) error {
	if o.role == o.owner {
		return &OwnerError{
			o.role, "owns the database " + o.database + " but may not create tables in it",
			"Have a superuser allow it, in this database: grant create on schema public to " + o.role, err,
		}
	}
	return &OwnerError{o.role, "may not create tables in the database " + o.database + ", which belongs to " + o.owner, takesURLOf(o.owner), err}
}

// takesURLOf returns the advice to run the command with the owner's URL.
func takesURLOf(owner string) string {
	return "“terrace migrate”, “backup” and “restore” take the owner's URL, everything else the program's: set TERRACE_DATABASE_URL to the URL of " + owner
}
