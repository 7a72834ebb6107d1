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

// What changes within the quiet time is delivered as one, unless it has waited for as long as patience.
const (
	quiet    = 50 * time.Millisecond
	patience = 2 * time.Second
)

// birth is how long the relay leaves an aggregate alone that a workflow has brought into being: its parent is about to start
// its workflow, which reads the news itself (see Learn).
const birth = 2 * time.Second

// grace is how long an aggregate may owe something before Resurface asks again: half a minute, and on a virtual calendar no
// more than twenty of its days, though at least a second.
func (c clock) grace() time.Duration {
	const usual = 30 * time.Second
	if c.day == 0 {
		return usual
	}
	return min(usual, max(time.Second, 20*c.day))
}

// concerns reports whether a workflow must hear of the change by the relay. What no workflow carries, none hears of. What a workflow
// did to its own aggregate it knows from the answer; what crosses from one aggregate to another it does not.
func concerns(r request, before, after flow.Progress) bool {
	if r.about.Carried.Workflow == "" || r.Actor.ID == domain.Workflow.ID && !r.declared.Crosses && !r.declared.Creates {
		return false
	}
	return after.Stirs(before)
}

// held is how long news is kept back while somebody else is expected to bring it.
func (d *decision) held() time.Duration {
	if d.fresh && d.request.Actor.ID == domain.Workflow.ID && d.request.about.Carried.Child {
		return birth
	}
	return 0
}

// Delivery is news that a workflow must get. It is leased: whoever claimed it says Delivered, or the next one takes it when
// the lease has run out.
type Delivery struct {
	Ref     flow.Ref
	Version int64     // of the outbox row; changes with every change of the aggregate
	Since   time.Time // real time of the first change not yet delivered
	News    News
}

// Claim leases up to n deliveries, the longest waiting first. No lock is held when it returns. One that cannot be read never
// keeps others back: it is an error only when nothing else was claimed with it.
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

// Delivered takes the deliveries off the list. An aggregate that changed meanwhile stays on it and is delivered again.
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

// Learn is News for a workflow that begins. What the relay would have brought it is thereby delivered; what changes from now on is not.
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

// Resurface puts back the aggregates whose next moment has come or whose duty is owed, when nobody has acted on it for half a
// minute (sooner on a virtual calendar), and tells how many.
func (s *Store) Resurface(ctx context.Context) (int, error) {
	q := db.New(s.relay)
	clock, err := readClock(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err := q.ResurfaceDue(ctx, clock.grace())
	return int(n), err
}
