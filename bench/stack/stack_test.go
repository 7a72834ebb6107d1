package stack_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/bench/stack"
)

func TestTerraceAnswersFromARecordOnTheStack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s, err := stack.Up(ctx, "../../bin")
	must(t, err)
	t.Cleanup(func() { must(t, s.Down()) })
	record, err := s.NewRecord(ctx, "record")
	must(t, err)
	api, url, err := s.API(ctx, record)
	must(t, err)
	if url == "" || !api.Running() {
		t.Fatal("the API does not answer")
	}

	before, err := s.PostgresUsage()
	must(t, err)
	conn, err := pgx.Connect(ctx, record)
	must(t, err)
	_, err = conn.Exec(ctx, "select count(*) from generate_series(1, 3000000)")
	must(t, err)
	during, err := s.PostgresUsage()
	must(t, err)
	must(t, conn.Close(ctx))
	if spent := during.CPU - before.CPU; spent < 20*time.Millisecond {
		t.Errorf("a busy backend took %v", spent)
	}
	if during.Memory < 10<<20 {
		t.Errorf("the server uses %d bytes", during.Memory)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
