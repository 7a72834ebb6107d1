package backup_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // the test makes roles and databases, and tries what the program never does

	"terrace/backup"
	"terrace/postgres"
	"terrace/postgres/pgtest"
)

// roles are an owner and a program's role on a test server, created as deploy/postgres/roles.sh does.
type roles struct {
	t              *testing.T
	server         string
	owner, program string
}

func newRoles(t *testing.T) *roles {
	t.Helper()
	suffix := strings.ToLower(rand.Text()[:8])
	r := &roles{t, pgtest.Empty(t), "owner_" + suffix, "program_" + suffix}
	must(t, postgres.MakeProgramRole(t.Context(), r.server))
	r.sql(r.server, "create role "+r.owner+" login", "create role "+r.program+" login in role "+postgres.ProgramRole)
	t.Cleanup(func() { r.sql(r.server, "drop role if exists "+r.owner+", "+r.program) })
	return r
}

// database creates an empty database that belongs to the owner.
func (r *roles) database() (asOwner string) {
	r.t.Helper()
	name := "roles_" + strings.ToLower(rand.Text())
	r.sql(r.server, "create database "+name+" owner "+r.owner+" template template0")
	r.t.Cleanup(func() { r.sql(r.server, "drop database "+name+" with (force)") })
	return r.as(r.owner, name)
}

func (r *roles) as(role, database string) string {
	r.t.Helper()
	u, err := url.Parse(r.server)
	must(r.t, err)
	u.User, u.Path = url.User(role), "/"+strings.TrimPrefix(database, "/")
	return u.String()
}

// other returns the URL of the same database for another role.
func (r *roles) other(role, at string) string {
	u, err := url.Parse(at)
	must(r.t, err)
	return r.as(role, u.Path)
}

func (r *roles) sql(at string, statements ...string) {
	r.t.Helper()
	for _, s := range statements {
		must(r.t, try(at, s))
	}
}

func try(at, statement string) error {
	ctx := context.Background() // stays valid after the test has ended
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // the error does not matter
	_, err = conn.Exec(ctx, statement)
	return err
}

// bypasses are statements that get around the journal or the ledger. The program's role must not be able to run any of
// them.
var bypasses = []string{
	"update journal set actor = 'x'", "delete from journal", "truncate journal cascade", "alter table journal disable trigger all",
	"update ledger_account set balance = 0", "insert into ledger_account (owner, name, floor, balance) values ('p', 'available', 0, 5)",
	"delete from ledger_line", "update ledger_entry set lines = 2", "insert into ledger_account_kind values ('x', 'grant', true, false)",
	"delete from bank_line", "delete from rewind", "update personal set value = ''", "delete from personal_change", "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
	"drop trigger journal_append_only on journal", "set session_replication_role = replica", "create table t (a int)", "create temporary table journal (a int)",
}

func TestAfterARestoreTheProgramsRoleCannotPassOverTheLedger(t *testing.T) {
	t.Parallel()
	r := newRoles(t)
	first := r.database()
	u, err := url.Parse(first)
	must(t, err)
	r.sql(r.server, "revoke all on database "+u.Path[1:]+" from public", "grant connect on database "+u.Path[1:]+" to "+r.program)
	must(t, postgres.Migrate(t.Context(), first))
	o := populate(t, openAs(t, r.other(r.program, first), r.other(r.program, first), t.TempDir()))
	source := o.source()
	source.Database = first
	folder := filepath.Join(t.TempDir(), "backup")
	_, err = backup.Make(t.Context(), source, folder, quietly)
	must(t, err)

	if _, err := backup.Make(t.Context(), o.source(), folder+"2", quietly); err == nil ||
		!strings.Contains(err.Error(), "set TERRACE_DATABASE_URL to the URL of "+r.owner+"\n") || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("as the program's role: %v", err)
	}
	for name, connected := range map[string]string{"as the owner": r.owner, "as a superuser": "postgres"} {
		second := r.database()
		u, err := url.Parse(second)
		must(t, err)
		r.sql(r.server, "revoke all on database "+u.Path[1:]+" from public", "grant connect on database "+u.Path[1:]+" to "+r.program)
		files := t.TempDir()
		differ, err := check(t, folder, nil).Restore(t.Context(), backup.Destination{Database: r.other(connected, second), Evidence: store(t, files)}, quietly)
		if err != nil || len(differ) > 0 {
			t.Fatalf("restored %s: %v, %v", name, differ, err)
		}
		back := openAs(t, r.other(r.program, second), r.other(r.program, second), files)
		if _, err := back.Execute(t.Context(), back.draft()); err != nil {
			t.Errorf("restored %s, the program refuses commands: %v", name, err)
		}
		for _, bypass := range bypasses {
			if err := try(back.url, bypass); err == nil {
				t.Errorf("restored %s, the program's role may: %s", name, bypass)
			}
		}
		for _, bypass := range bypasses[:3] {
			if err := try(second, bypass); err == nil {
				t.Errorf("restored %s, the owner may: %s", name, bypass)
			}
		}
		must(t, postgres.Migrate(t.Context(), second))
		back.Close()
	}
	o.Close()
	lacking(t, r, folder)
}

// lacking checks that the program's role cannot restore a backup, because it may not create objects owned by the owner.
func lacking(t *testing.T, r *roles, folder string) {
	t.Helper()
	third := r.database()
	to := backup.Destination{Database: r.other(r.program, third), Evidence: store(t, t.TempDir())}
	if _, err := check(t, folder, nil).Restore(t.Context(), to, quietly); err == nil || !strings.Contains(err.Error(), "may not create what must belong to "+r.owner) {
		t.Errorf("by the program's role: %v", err)
	}
}
