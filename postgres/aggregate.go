package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// image is an aggregate as stored in the record: its state, the last link of its hash chain, and the times of its first
// and last events.
type image struct {
	state            flow.State
	head             []byte
	created, updated time.Time
	files            []string // the files that the events name; known only after a replay
}

// add updates the last link and the times from a journal row. The caller must already have applied the row's event to
// the state.
func (i *image) add(r row) {
	if i.created.IsZero() {
		i.created = r.At
	}
	i.head, i.updated = r.Hash, r.At
}

// columns returns the image as a row of the aggregate table. p must be the progress of its state.
func (i image) columns(p flow.Progress) (db.UpdateAggregateParams, error) {
	state, err := json.Marshal(i.state)
	if err != nil {
		return db.UpdateAggregateParams{}, err
	}
	columns := db.UpdateAggregateParams{
		Kind: p.Aggregate.Kind, ID: p.Aggregate.ID, Place: p.Place, Stage: p.Stage, Version: p.Version, Seq: p.Seq, Shape: flow.Shape,
		State: state, Head: i.head, Owes: i.state.Aggregate().Owes(p), Ended: p.Ended, Carried: i.state.Aggregate().Carried.Workflow != "", CreatedAt: i.created, UpdatedAt: i.updated,
	}
	if p.Next != nil {
		columns.NextAt = &p.Next.At
	}
	return columns, nil
}

// put replaces the stored row with the image. If fresh is true, there is no row yet, and put inserts one.
func (i image) put(ctx context.Context, q *db.Queries, fresh bool) error {
	columns, err := i.columns(flow.ProgressOf(i.state))
	if err != nil {
		return err
	}
	if fresh {
		return q.InsertAggregate(ctx, db.InsertAggregateParams(columns))
	}
	return q.UpdateAggregate(ctx, columns)
}

// decode reads a stored state. If the state was stored in an older format, decode rebuilds it from the journal instead.
func (s *Store) decode(ctx context.Context, q *db.Queries, ref flow.Ref, shape int, stored []byte) (flow.State, error) {
	if shape != flow.Shape {
		replayed, err := s.replay(ctx, q, ref)
		return replayed.state, err
	}
	state, err := s.catalogue.New(ref)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(stored, state); err != nil {
		return nil, fmt.Errorf("state of %s: %w", ref, err)
	}
	return state, nil
}

// Load returns the current state of an aggregate.
//
// Errors: not-found.
func (s *Store) Load(ctx context.Context, ref flow.Ref) (flow.State, error) {
	return s.load(ctx, db.New(s.reads()), ref)
}

func (s *Store) load(ctx context.Context, q *db.Queries, ref flow.Ref) (flow.State, error) {
	a, err := q.GetAggregate(ctx, db.GetAggregateParams{Kind: ref.Kind, ID: ref.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, notFound(ref)
	}
	if err != nil {
		return nil, err
	}
	return s.decode(ctx, q, ref, a.Shape, a.State)
}

func notFound(ref flow.Ref) error {
	return domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
}

// OpenAggregates lists up to limit aggregates that are waiting for something or have duties to perform, sorted by kind
// and id, starting after the given one.
func (s *Store) OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]News, error) {
	q := db.New(s.care)
	clock, err := readClock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.ListOpenAggregates(ctx, db.ListOpenAggregatesParams{AfterKind: string(after.Kind), AfterID: after.ID, Max: limit})
	if err != nil {
		return nil, err
	}
	open := make([]News, len(rows))
	for i, r := range rows {
		state, err := s.decode(ctx, q, flow.Ref{Kind: r.Kind, ID: r.ID}, r.Shape, r.State)
		if err != nil {
			return nil, err
		}
		open[i] = clock.news(state)
	}
	return open, nil
}

// Due is an aggregate of a swept kind (see flow.Swept) with a reminder, an escalation or a lapse that is now due.
type Due struct {
	Ref flow.Ref
	At  time.Time // when it became due
}

// DueSwept lists up to limit swept aggregates that are now due, earliest first, starting after the given one. The zero
// Due starts at the beginning. DueSwept does not decode states, so one unreadable aggregate does not block the others.
func (s *Store) DueSwept(ctx context.Context, after Due, limit int) ([]Due, error) {
	q := db.New(s.activities)
	clock, err := readClock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.ListSwept(ctx, db.ListSweptParams{
		Until: &clock.now, AfterAt: after.At, AfterKind: string(after.Ref.Kind), AfterID: after.Ref.ID, Max: limit,
	})
	due := make([]Due, len(rows))
	for i, r := range rows {
		due[i] = Due{flow.Ref{Kind: r.Kind, ID: r.ID}, r.NextAt.In(calendar.Shanghai)}
	}
	return due, err
}

// CarriedPart is an aggregate that has a workflow: the requested root, or an aggregate below it.
type CarriedPart struct {
	flow.Ref
	Ended bool
}

// Carried lists a root and all aggregates below it that have workflows, in the order in which they were created.
func (s *Store) Carried(ctx context.Context, root string) ([]CarriedPart, error) {
	rows, err := db.New(s.reads()).ListCarriedUnder(ctx, root)
	parts := make([]CarriedPart, len(rows))
	for i, r := range rows {
		parts[i] = CarriedPart{flow.Ref{Kind: r.Kind, ID: r.ID}, r.Ended}
	}
	return parts, err
}
