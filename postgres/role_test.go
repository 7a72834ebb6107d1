package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/domain/calendar"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

func TestOnlyARoleWithExactlyTheProgramsRightsOpensTheRecord(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sql  []string // {role} connects, {other} is another role
		want string   // part of the error; empty if the record opens
	}{
		"a member of the group":                   {[]string{"create role {role} login in role terrace_program"}, ""},
		"a superuser":                             {[]string{"create role {role} login superuser in role terrace_program"}, "is a superuser"},
		"a role that may act as a superuser":      {[]string{"create role {other} superuser", "create role {role} login in role terrace_program, {other}"}, "may act as {other}, which is a superuser"},
		"a role that bypasses row-level security": {[]string{"create role {role} login bypassrls in role terrace_program"}, "bypasses row-level security"},
		"the owner of a table":                    {[]string{"create role {role} login in role terrace_program", "alter table receipt owner to {role}"}, "owns the tables"},
		"a role that may act as the owner": {
			[]string{"create role {other}", "alter table receipt owner to {other}", "create role {role} login noinherit in role terrace_program, {other}"},
			"may act as {other}, which owns the tables",
		},
		"a role outside the group": {[]string{"create role {role} login"}, "is not a member of terrace_program"},
	}
	set, err := programmes.Builtin()
	must(t, err)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &record{t: t, url: pgtest.New(t)}
			role := "role_" + strings.ToLower(rand.Text())
			names := strings.NewReplacer("{role}", role, "{other}", role+"_other")
			t.Cleanup(func() { // before the database is dropped
				conn, err := pgx.Connect(context.Background(), r.url)
				must(t, err)
				defer conn.Close(context.Background()) //nolint:errcheck // nothing depends on it
				for _, sql := range []string{"alter table receipt owner to current_user", "drop role if exists {role}, {other}"} {
					_, err := conn.Exec(context.Background(), names.Replace(sql))
					must(t, err)
				}
			})
			for _, sql := range test.sql {
				r.sql(names.Replace(sql))
			}
			u, err := url.Parse(r.url)
			must(t, err)
			u.User = url.User(role)
			store, err := postgres.Open(t.Context(), postgres.Config{URL: u.String(), Programmes: set, Calendar: calendar.Published()})
			if err == nil {
				defer store.Close()
			}
			if test.want == "" {
				must(t, err)
				return
			}
			var refused *postgres.RoleError
			if !errors.As(err, &refused) || refused.Role != role || !strings.Contains(err.Error(), names.Replace(test.want)) {
				t.Errorf("got %v, want %q", err, names.Replace(test.want))
			}
		})
	}
}

func TestARecordWithoutItsPoliciesIsNotOpened(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.sql("alter table personal disable row level security")
	set, err := programmes.Builtin()
	must(t, err)
	_, err = postgres.Open(t.Context(), postgres.Config{URL: r.as, Programmes: set, Calendar: calendar.Published()})
	if err == nil || !strings.Contains(err.Error(), "row-level security is switched off on personal") {
		t.Errorf("it was opened: %v", err)
	}
}
