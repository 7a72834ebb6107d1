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

// Changes within the quiet time are delivered together, unless the first has waited longer than patience.
const (
	quiet    = 50 * time.Millisecond
	patience = 2 * time.Second
)

// birth is how long the relay leaves an aggregate alone after a workflow has created it: its parent is about to start its
// workflow, which reads the news itself (see Learn).
const birth = 2 * time.Second

// grace is how long an aggregate may owe something before Resurface asks again: half a minute in real time; on a
// virtual calendar at most twenty of its days, but at least a second.
func (c clock) grace() time.Duration {
	const usual = 30 * time.Second
	if c.day == 0 {
		return usual
	}
	return min(usual, max(time.Second, 20*c.day))
}

// concerns reports whether the relay must tell a workflow about the change. An aggregate that no workflow carries has
// none to tell. A workflow learns the effects of its own commands on its own aggregate from their answers, but not
// those of commands from other aggregates.
func concerns(r request, before, after flow.Progress) bool {
	if r.about.Carried.Workflow == "" || r.Actor.ID == domain.Workflow.ID && !r.declared.Crosses && !r.declared.Creates {
		return false
	}
	return after.Stirs(before)
}

// held returns how long to hold news back while somebody else is expected to deliver it.
func (d *decision) held() time.Duration {
	if d.fresh && d.request.Actor.ID == domain.Workflow.ID && d.request.about.Carried.Child {
		return birth
	}
	return 0
}

// Delivery is news for a workflow. It is leased: the holder reports it Delivered, or after the lease expires somebody
// else claims it.
type Delivery struct {
	Ref     flow.Ref
	Version int64     // of the outbox row; changes whenever the aggregate does
	Since   time.Time // real time of the earliest undelivered change
	News    News
}

// Claim leases up to n deliveries, longest waiting first. It holds no lock after it returns. An unreadable delivery
// never blocks the others: it is an error only when nothing else could be claimed.
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

// Delivered removes the deliveries from the outbox. An aggregate that has changed in the meantime stays and is
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

// Resurface puts aggregates back into the outbox when their next moment has come or a duty is owed, and nobody has
// acted on it for half a minute (less on a virtual calendar). It returns how many.
func (s *Store) Resurface(ctx context.Context) (int, error) {
	q := db.New(s.relay)
	clock, err := readClock(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err := q.ResurfaceDue(ctx, clock.grace())
	return int(n), err
}
