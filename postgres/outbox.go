package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Changes to an aggregate in quick succession, at most quiet apart, are delivered together, but the first of them never
// waits longer than patience.
const (
	quiet    = 50 * time.Millisecond
	patience = 2 * time.Second
)

// birth is how long the relay waits before sending signals about an aggregate that a workflow has just created. By then
// the parent has usually started the aggregate's own workflow, which reads the new events itself (see Learn).
const birth = 2 * time.Second

// grace is how long a duty may remain outstanding before Resurface puts its aggregate back into the outbox: 30 seconds
// of real time or, on a virtual calendar, up to twenty of its days, but at least one second.
func (c clock) grace() time.Duration {
	const usual = 30 * time.Second
	if c.day == 0 {
		return usual
	}
	return min(usual, max(time.Second, 20*c.day))
}

// concerns reports whether the relay must signal a workflow about the change. No signal is needed for an aggregate
// without a workflow, nor after a workflow's command to its own aggregate, because the workflow learns from the response
// what changed. A signal is needed after a command from another aggregate's workflow.
func concerns(r request, before, after flow.Progress) bool {
	if r.about.Carried.Workflow == "" || r.Actor.ID == domain.Workflow.ID && !r.declared.Crosses && !r.declared.Creates {
		return false
	}
	return after.Stirs(before)
}

// held returns how long to delay signals because the workflow will probably read the change by itself.
func (d *decision) held() time.Duration {
	if d.fresh && d.request.Actor.ID == domain.Workflow.ID && d.request.about.Carried.Child {
		return birth
	}
	return 0
}

// Delivery is a pending signal to a workflow. Claim leases it to the caller, who must report it as Delivered before the
// lease expires. After that, others can claim it.
type Delivery struct {
	Ref     flow.Ref
	Version int64     // version of the outbox row, which increases with every change of the aggregate
	Since   time.Time // real time of the earliest undelivered change
	News    News
}

// Claim leases up to n deliveries, those that have waited longest first. No lock remains when it returns. An unreadable
// delivery does not block the others; it causes an error only if there is nothing else to claim.
func (s *Store) Claim(ctx context.Context, n int, lease time.Duration) ([]Delivery, error) {
	q := db.New(s.relay)
	rows, err := q.LeaseOutbox(ctx, db.LeaseOutboxParams{Lease: lease, Quiet: quiet, Patience: patience, Max: n})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	clock, err := readClock(ctx, q)
	if err != nil {
		return nil, err
	}
	var deliveries []Delivery
	var unreadable []error
	for _, r := range rows {
		ref := flow.Ref{Kind: r.Kind, ID: r.ID}
		state, err := s.load(ctx, q, ref)
		if err != nil {
			unreadable = append(unreadable, fmt.Errorf("news of %s: %w", ref, err))
			continue
		}
		deliveries = append(deliveries, Delivery{Ref: ref, Version: r.Version, Since: r.Since, News: clock.news(state)})
	}
	if len(deliveries) > 0 {
		return deliveries, nil
	}
	return nil, errors.Join(unreadable...)
}

// Delivered removes deliveries from the outbox. If an aggregate has changed since the claim, its row remains and is
// delivered again.
func (s *Store) Delivered(ctx context.Context, done []Delivery) error {
	var all queue
	q := db.New(&all)
	for _, d := range done {
		if err := q.DeleteDelivered(ctx, db.DeleteDeliveredParams{Kind: d.Ref.Kind, ID: d.Ref.ID, Version: d.Version}); err != nil {
			return err
		}
		if err := q.ReleaseChanged(ctx, db.ReleaseChangedParams{Kind: d.Ref.Kind, ID: d.Ref.ID, Version: d.Version}); err != nil {
			return err
		}
	}
	return all.send(ctx, s.relay)
}

// Learn returns the News for a workflow that is starting, and marks it as delivered. Later changes are delivered by the
// relay as usual.
//
// Errors: not-found.
func (s *Store) Learn(ctx context.Context, ref flow.Ref) (News, error) {
	q := db.New(s.activities)
	version, err := q.GetOutboxVersion(ctx, db.GetOutboxVersionParams{Kind: ref.Kind, ID: ref.ID})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return s.News(ctx, ref)
	case err != nil:
		return News{}, err
	}
	news, err := s.News(ctx, ref)
	if err != nil {
		return News{}, err
	}
	return news, q.DeleteDelivered(ctx, db.DeleteDeliveredParams{Kind: ref.Kind, ID: ref.ID, Version: version})
}

// Resurface puts an aggregate back into the outbox if its next due time has passed or it has outstanding duties, and no
// workflow has acted on them within the grace period (see grace). It returns the number of such aggregates.
func (s *Store) Resurface(ctx context.Context) (int, error) {
	q := db.New(s.relay)
	clock, err := readClock(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err := q.ResurfaceDue(ctx, clock.grace())
	return int(n), err
}
