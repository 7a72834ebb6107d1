package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/calendar"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

func TestMigratingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	before := r.counts()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := postgres.Migrate(t.Context(), r.url); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if after := r.counts(); !maps.Equal(before, after) {
		t.Errorf("rows were %v and are %v", before, after)
	}
}

func TestADatabaseOfAnotherSchemaIsNotOpened(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"never migrated":              "drop table terrace_schema",
		"not migrated to the end":     "update terrace_schema set version = 1",
		"migrated by a newer program": "update terrace_schema set version = version + 1",
	}
	set, err := programmes.Builtin()
	must(t, err)
	for name, sql := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &record{t: t, url: pgtest.New(t)}
			r.sql(sql)
			store, err := postgres.Open(t.Context(), postgres.Config{URL: r.url, Programmes: set, Calendar: calendar.Published()})
			if err == nil {
				store.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), "terrace migrate") {
				t.Errorf("it does not say what to do: %v", err)
			}
		})
	}
}

func TestADatabaseOfTheFormerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	r := &record{t: t, url: pgtest.New(t)}
	r.sql("drop table terrace_schema", "create table schema_version (version integer)", "insert into schema_version values (14)")
	if err := postgres.Migrate(t.Context(), r.url); !errors.Is(err, postgres.ErrFormerSchema) {
		t.Errorf("migrated: %v", err)
	}
	if one[bool](r, "select to_regclass('terrace_schema') is not null") {
		t.Error("something was written")
	}
	set, err := programmes.Builtin()
	must(t, err)
	if _, err := postgres.Open(t.Context(), postgres.Config{URL: r.url, Programmes: set, Calendar: calendar.Published()}); !errors.Is(err, postgres.ErrFormerSchema) {
		t.Errorf("opened: %v", err)
	}
	snapshot, err := postgres.TakeSnapshot(t.Context(), r.url)
	must(t, err)
	defer func() { _ = snapshot.Close() }() // it was only read
	if _, err := snapshot.Contents(t.Context()); !errors.Is(err, postgres.ErrFormerSchema) {
		t.Errorf("backed up: %v", err)
	}
}

func TestAnOwnerWithoutFurtherRightsKeepsTheRecord(t *testing.T) {
	t.Parallel()
	superuser := &record{t: t, url: pgtest.New(t)}
	owner := "owner_" + strings.ToLower(rand.Text())
	superuser.sql("create role "+owner, "drop schema public cascade", "create schema public authorization "+owner)
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), superuser.url)
		must(t, err)
		defer conn.Close(context.Background()) //nolint:errcheck // nothing depends on it
		_, err = conn.Exec(context.Background(), "drop owned by "+owner+" cascade")
		must(t, err)
		_, err = conn.Exec(context.Background(), "drop role "+owner)
		must(t, err)
	})
	u, err := url.Parse(superuser.url)
	must(t, err)
	query := u.Query()
	query.Set("role", owner)
	u.RawQuery = query.Encode()
	must(t, postgres.Migrate(t.Context(), u.String()))

	r := inhabit(t, u.String())
	must(t, r.StartCalendar(t.Context(), callDay, 100*time.Millisecond))
	if got := one[string](r, "select current_user"); got != owner {
		t.Fatalf("acting as %s", got)
	}
	r.inPayment()
	must(t, r.Rebuild(t.Context(), quietly))
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
