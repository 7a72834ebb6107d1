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

// Changes that follow one another within quiet are delivered together, unless the first of them has waited longer than
// patience.
const (
	quiet    = 50 * time.Millisecond
	patience = 2 * time.Second
)

// birth is how long the relay waits before it tells anybody of an aggregate that a workflow has created. By then, the
// parent has usually started the aggregate's workflow, which reads the news itself (see Learn).
const birth = 2 * time.Second

// grace is how long an aggregate may owe something before Resurface puts it back into the outbox. It is half a minute
// of real time. On a virtual calendar it is at most twenty days of that calendar, but at least a second.
func (c clock) grace() time.Duration {
	const usual = 30 * time.Second
	if c.day == 0 {
		return usual
	}
	return min(usual, max(time.Second, 20*c.day))
}

// concerns reports whether the relay must tell a workflow of the change. No workflow needs to be told of an aggregate
// that none carries. A workflow learns from the answer what its own command did to its own aggregate, but not what
// commands from other aggregates did.
func concerns(r request, before, after flow.Progress) bool {
	if r.about.Carried.Workflow == "" || r.Actor.ID == domain.Workflow.ID && !r.declared.Crosses && !r.declared.Creates {
		return false
	}
	return after.Stirs(before)
}

// held returns how long to hold back news because somebody else will probably deliver it.
func (d *decision) held() time.Duration {
	if d.fresh && d.request.Actor.ID == domain.Workflow.ID && d.request.about.Carried.Child {
		return birth
	}
	return 0
}

// Delivery is news for a workflow. Whoever claims it holds a lease, and reports it as Delivered before the lease ends.
// Otherwise somebody else can claim it.
type Delivery struct {
	Ref     flow.Ref
	Version int64     // version of the outbox row, which changes with the aggregate
	Since   time.Time // real time of the earliest change that has not been delivered
	News    News
}

// Claim leases up to n deliveries, those first that have waited longest. It holds no lock when it returns. A delivery
// that cannot be read does not hold up the others. It is an error only if there is nothing else to claim.
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

// Delivered removes deliveries from the outbox. If an aggregate has changed meanwhile, its row stays and is delivered
// again.
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

// Learn returns the News for a workflow that is starting, and marks it as delivered. The relay delivers later changes
// as usual.
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

// Resurface puts an aggregate back into the outbox if its next moment has come or it owes something, and nobody has
// acted on that for half a minute, or for less on a virtual calendar. It returns the number of such aggregates.
func (s *Store) Resurface(ctx context.Context) (int, error) {
	q := db.New(s.relay)
	clock, err := readClock(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err := q.ResurfaceDue(ctx, clock.grace())
	return int(n), err
}
