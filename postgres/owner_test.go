package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/postgres"
	"terrace/postgres/pgtest"
)

// owned is a database that belongs to its own role, on a test server.
type owned struct {
	t     *testing.T
	super string // URL of a superuser
	owner string
	other string
}

func newOwned(t *testing.T, database string) *owned {
	t.Helper()
	suffix := strings.ToLower(rand.Text()[:8])
	o := &owned{t, database, "owner_" + suffix, "other_" + suffix}
	must(t, postgres.MakeProgramRole(t.Context(), database))
	u, err := url.Parse(database)
	must(t, err)
	o.sql("create role "+o.owner+" login", "create role "+o.other+" login", "alter database "+u.Path[1:]+" owner to "+o.owner)
	t.Cleanup(func() {
		o.sql("drop owned by "+o.owner+", "+o.other, "reassign owned by "+o.owner+" to postgres", "drop role "+o.owner+", "+o.other)
	})
	return o
}

func (o *owned) sql(statements ...string) {
	o.t.Helper()
	ctx := context.Background() // stays valid after the test has ended
	conn, err := pgx.Connect(ctx, o.super)
	must(o.t, err)
	defer conn.Close(ctx) //nolint:errcheck // nothing depends on it
	for _, s := range statements {
		_, err := conn.Exec(ctx, s)
		must(o.t, err)
	}
}

func (o *owned) as(role string) string {
	u, err := url.Parse(o.super)
	must(o.t, err)
	u.User = url.User(role)
	return u.String()
}

// handingOver returns the statement with which a superuser hands the tables over, as given in docs/production.md.
func handingOver(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/production.md")
	must(t, err)
	found := regexp.MustCompile("(?s)Handing the tables over.*?```sql\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatal("docs/production.md does not show how")
	}
	return strings.ReplaceAll(string(found[1]), "terrace_owner", "{owner}")
}

func TestOnlyTheOwnerMigratesAndOthersAreToldWhoThatIs(t *testing.T) {
	t.Parallel()
	handOver := handingOver(t)
	takes := "set TERRACE_DATABASE_URL to the URL of {owner}"
	tests := map[string]struct {
		migrated bool     // whether a superuser migrated the database first
		sql      []string // statements that a superuser runs first
		as       string
		want     []string // parts of the error; empty if the migration succeeds
	}{
		"the owner":                {false, nil, "{owner}", nil},
		"the owner, again":         {true, []string{handOver}, "{owner}", nil},
		"a superuser":              {false, nil, "postgres", []string{"postgres is a superuser, and the database", takes}},
		"a role that owns nothing": {false, nil, "{other}", []string{"{other} may not create tables", "belongs to {owner}", takes, "permission denied"}},
		"another role, when the tables are there":   {true, []string{handOver}, "{other}", []string{"{other} does not own the tables; they belong to {owner}", takes}},
		"the owner, of a superuser's tables":        {true, nil, "{owner}", []string{"they belong to postgres", "to {owner}", "“Handing the tables over” in docs/production.md"}},
		"the owner, of one table of another":        {true, []string{handOver, "alter table receipt owner to {other}"}, "{owner}", []string{"they belong to {other}", "Handing the tables over"}},
		"the owner, beside an extension's tables":   {true, []string{handOver, "create extension if not exists plpgsql"}, "{owner}", nil},
		"an owner who may not create in the schema": {false, []string{"alter schema public owner to postgres"}, "{owner}", []string{"grant create on schema public to {owner}"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Empty(t)
			if test.migrated {
				database = pgtest.New(t)
			}
			o := newOwned(t, database)
			names := strings.NewReplacer("{owner}", o.owner, "{other}", o.other)
			for _, sql := range test.sql {
				o.sql(names.Replace(sql))
			}
			err := postgres.Migrate(t.Context(), o.as(names.Replace(test.as)))
			if len(test.want) == 0 {
				must(t, err)
				return
			}
			var refused *postgres.OwnerError
			if !errors.As(err, &refused) || refused.Role != names.Replace(test.as) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.want {
				if want = names.Replace(want); !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in: %v", want, err)
				}
			}
		})
	}
}

func TestAGroupRoleThatIsMissingIsCreatedByASuperuser(t *testing.T) {
	t.Parallel()
	o := newOwned(t, pgtest.Empty(t))
	group := "group_" + strings.ToLower(rand.Text()[:8])
	var refused *postgres.OwnerError
	if err := postgres.MakeRole(t.Context(), o.as(o.owner), group, "Have a superuser create it"); !errors.As(err, &refused) ||
		err.Error() != o.owner+" may not create the role "+group+", which the server lacks. Have a superuser create it" {
		t.Errorf("got %v", err)
	}
	o.sql("create role " + group)
	t.Cleanup(func() { o.sql("drop role " + group) })
	must(t, postgres.MakeRole(t.Context(), o.as(o.owner), group, ""))
}
