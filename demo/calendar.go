// Package demo drives the demonstration: a whole pilot on a virtual calendar, entirely through the public HTTP API. The
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

// Calendar moves the record's virtual calendar, but never past the moment up to which it may run.
type Calendar struct {
	store *postgres.Store
	log   *slog.Logger

	mu    sync.Mutex
	until time.Time
	held  string
}

// step is the pause between two movements of the calendar.
const step = 10 * time.Millisecond

// NewCalendar returns the mover of a record's virtual calendar; Run moves it. It stands where it is until somebody lets
// it run.
func NewCalendar(ctx context.Context, store *postgres.Store, log *slog.Logger) (*Calendar, error) {
	state, _, err := store.Calendar(ctx)
	return &Calendar{store: store, log: log, until: state.Now}, err
}

// RunUntil lets the calendar run until the given moment.
func (c *Calendar) RunUntil(_ context.Context, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = until
	return nil
}

// Held says why the calendar stands still, and is empty while it runs.
func (c *Calendar) Held() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

// Run moves the calendar until the context ends. The calendar stands still while the record cannot be reached.
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
