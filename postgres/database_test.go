package postgres_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/postgres"
	"terrace/postgres/pgtest"
)

func TestADatabaseIsCreatedOnce(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t)
	name := "Test-" + rand.Text()
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		must(t, err)
		defer conn.Close(context.Background()) //nolint:errcheck // nothing depends on it
		_, err = conn.Exec(context.Background(), `drop database "`+name+`" with (force)`)
		must(t, err)
	})
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			url, created, err := postgres.CreateDatabase(t.Context(), server, name)
			if err != nil || !strings.Contains(url, "/"+name) {
				t.Errorf("%s, %v", url, err)
			}
			if created {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("created %d times", made.Load())
	}
	url, created, err := postgres.CreateDatabase(t.Context(), server, name)
	must(t, err)
	if created {
		t.Error("created again")
	}
	must(t, postgres.Migrate(t.Context(), url))
	if _, _, err := postgres.CreateDatabase(t.Context(), "host=127.0.0.1", name); err == nil {
		t.Error("an address that is not a URL is accepted")
	}
}
