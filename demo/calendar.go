// Package demo drives the demonstration: a whole pilot on a virtual calendar, through the documented HTTP API alone. The
// people of the demonstration act on their due days. The calendar waits for them and for the workflows, so that the
// dates are the same on every machine.
package demo

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"terrace/postgres"
)

// Calendar moves the record's virtual calendar, never past the limit it was given.
type Calendar struct {
	store *postgres.Store
	log   *slog.Logger

	mu    sync.Mutex
	until time.Time
	held  string
}

// step is how often the calendar is moved.
const step = 10 * time.Millisecond

// NewCalendar returns the mover of a record's virtual calendar; Run moves it. It stands where it is until somebody lets
// it run.
func NewCalendar(ctx context.Context, store *postgres.Store, log *slog.Logger) (*Calendar, error) {
	state, _, err := store.Calendar(ctx)
	return &Calendar{store: store, log: log, until: state.Now}, err
}

// RunUntil lets the calendar run to a later moment and no further.
func (c *Calendar) RunUntil(_ context.Context, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = until
	return nil
}

// Held returns why the calendar stands still; empty while it runs.
func (c *Calendar) Held() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

// Run moves the calendar until the context ends. Time does not count while the record is unreachable.
func (c *Calendar) Run(ctx context.Context) {
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		elapsed := min(now.Sub(last), 10*step)
		last = now
		c.move(ctx, elapsed)
	}
}

func (c *Calendar) move(ctx context.Context, elapsed time.Duration) {
	c.mu.Lock()
	until := c.until
	c.mu.Unlock()
	state, err := c.store.MoveCalendar(ctx, until, elapsed)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn("the calendar stands: the record does not answer", "error", err)
		}
		state.Held = "the record does not answer"
	}
	c.mu.Lock()
	c.held = state.Held
	c.mu.Unlock()
}
