package postgres_test

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"terrace/demo/zhuanglang"
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
		t.Errorf("rows were %v and now are %v", before, after)
	}
}

func TestADatabaseOfAnotherSchemaIsNotOpened(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sql, says string }{
		"never migrated":              {"drop table terrace_schema", "run this program's “terrace migrate”"},
		"not fully migrated":          {"update terrace_schema set version = 1", "run this program's “terrace migrate”"},
		"of an unknown version":       {"delete from terrace_schema", "restore a backup with “terrace restore”"},
		"migrated by a newer program": {"update terrace_schema set version = version + 1", "use the program that migrated them"},
	}
	set, err := programmes.Builtin()
	must(t, err)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &record{t: t, url: pgtest.New(t)}
			r.sql(test.sql)
			store, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, r.url), Programmes: set, Calendar: calendar.Published()})
			if err == nil {
				store.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), test.says) {
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
	if _, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, r.url), Programmes: set, Calendar: calendar.Published()}); !errors.Is(err, postgres.ErrFormerSchema) {
		t.Errorf("opened: %v", err)
	}
	snapshot, err := postgres.TakeSnapshot(t.Context(), r.url)
	must(t, err)
	defer func() { _ = snapshot.Close() }() // opened for reading only
	if _, err := snapshot.Contents(t.Context()); !errors.Is(err, postgres.ErrFormerSchema) {
		t.Errorf("backed up: %v", err)
	}
}

// A program from before uploads were kept may still run during an upgrade.
func TestAFileRecordedByAnOlderProgramHasItsUpload(t *testing.T) {
	t.Parallel()
	r := open(t)
	sha := strings.Repeat("a", 64)
	_, err := r.connect().Exec(t.Context(), "insert into evidence (sha256, media_type, size, name, uploaded_by, uploaded_at) values ('"+sha+"', 'image/png', 4, 'a', '"+zhuanglang.CountyOfficer+"', now())")
	must(t, err)
	if own, err := r.MayName(t.Context(), r.who[zhuanglang.CountyOfficer], sha); err != nil || !own {
		t.Errorf("its uploader may name it: %v, %v", own, err)
	}
}
