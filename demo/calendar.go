// Package demo runs the demonstration: a whole pilot on a virtual calendar, driven entirely through the public HTTP
// API. Simulated users take each step on or before its due date. The calendar waits for them and for the workflows, so
// that every run produces the same dates on any machine.
package demo

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"terrace/domain"
	"terrace/postgres"
)

// Calendar advances the record's virtual calendar, but never beyond the time up to which it is allowed to run.
type Calendar struct {
	store *postgres.Store
	log   *slog.Logger

	moving sync.Mutex // held for a whole move, so that no move stores an older until after a newer one

	mu    sync.Mutex
	until time.Time
	held  domain.Text
}

// step is the interval at which the calendar advances.
const step = 10 * time.Millisecond

// NewCalendar returns a Calendar that controls the record's virtual calendar. Run advances it; it stands still until
// RunUntil allows it to run.
func NewCalendar(ctx context.Context, store *postgres.Store, log *slog.Logger) (*Calendar, error) {
	state, _, err := store.Calendar(ctx)
	return &Calendar{store: store, log: log, until: state.Now}, err
}

// RunUntil lets the calendar run up to the given time. When it returns, the record and Held know the new time.
func (c *Calendar) RunUntil(ctx context.Context, until time.Time) error {
	c.mu.Lock()
	c.until = until
	c.mu.Unlock()
	return c.move(ctx, 0)
}

// Held returns the reason why the calendar is not moving, or an empty text while it runs.
func (c *Calendar) Held() domain.Text {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

// Run advances the calendar until the context is cancelled. The calendar stands still while the record is unreachable.
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
		if err := c.move(ctx, elapsed); err != nil && ctx.Err() == nil {
			c.log.Warn("the calendar is stopped: the record is unavailable", "error", err)
		}
	}
}

func (c *Calendar) move(ctx context.Context, elapsed time.Duration) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.mu.Lock()
	until := c.until
	c.mu.Unlock()
	state, err := c.store.MoveCalendar(ctx, until, elapsed)
	if err != nil {
		state.Held = domain.T("数据库没有响应", "the database does not answer")
	}
	c.mu.Lock()
	c.held = state.Held
	c.mu.Unlock()
	return err
}
