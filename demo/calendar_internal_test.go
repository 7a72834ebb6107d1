package demo

import (
	"log/slog"
	"testing"
	"time"

	"terrace/postgres"
	"terrace/postgres/pgtest"
)

func TestTheClockKnowsItsNewLimitAtOnce(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, pgtest.New(t))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	start := time.Date(2017, 9, 11, 1, 0, 0, 0, time.UTC)
	if err := store.StartCalendar(t.Context(), start, time.Second); err != nil {
		t.Fatal(err)
	}
	calendar, err := NewCalendar(t.Context(), store, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		until time.Time
		held  string
	}{{start, "it is allowed no further"}, {start.AddDate(0, 0, 1), ""}} {
		if err := calendar.RunUntil(t.Context(), step.until); err != nil {
			t.Fatal(err)
		}
		state, _, err := store.Calendar(t.Context())
		if err != nil || !state.Until.Equal(step.until) || !state.Now.Equal(start) || calendar.Held().EN != step.held {
			t.Errorf("it runs from %s until %s, held by %q, %v; want %+v", state.Now, state.Until, calendar.Held(), err, step)
		}
	}
}
