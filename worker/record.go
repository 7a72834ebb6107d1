package worker

import (
	"context"
	"time"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/project"
	"terrace/postgres"
)

// Record adapts the record in Postgres to what the activities, the relay and Resume need.
type Record struct{ postgres.Carrier }

// NewRecord returns a Record that uses the given store.
func NewRecord(s *postgres.Store) *Record { return &Record{postgres.Carrier{Store: s}} }

// Execute sends a command to the record, which judges it like any user's command.
func (r *Record) Execute(ctx context.Context, cmd flow.Command) error {
	_, err := r.Store.Execute(ctx, cmd)
	return err
}

// News returns the current News of an aggregate.
func (r *Record) News(ctx context.Context, ref flow.Ref) (activities.News, error) {
	news, err := r.Store.News(ctx, ref)
	return told(news), err
}

// Learn returns the News with which a run starts, and marks it as delivered.
func (r *Record) Learn(ctx context.Context, ref flow.Ref) (activities.News, error) {
	news, err := r.Store.Learn(ctx, ref)
	return told(news), err
}

func told(n postgres.News) activities.News { return activities.Tell(n.Progress, n.Epoch, n.Wait) }

// AccountNumber returns the account number that a project's organization gave when it signed the agreement.
func (r *Record) AccountNumber(ctx context.Context, projectID string) (string, error) {
	return r.Carrier.AccountNumber(ctx, flow.Ref{Kind: project.Kind, ID: projectID})
}

// DueSwept lists swept aggregates that are due now.
func (r *Record) DueSwept(ctx context.Context, after activities.Due, limit int) ([]activities.Due, error) {
	found, err := r.Store.DueSwept(ctx, postgres.Due(after), limit)
	due := make([]activities.Due, len(found))
	for i, d := range found {
		due[i] = activities.Due(d)
	}
	return due, err
}

// Claim leases rows of the outbox.
func (r *Record) Claim(ctx context.Context, n int, lease time.Duration) ([]Delivery, error) {
	claimed, err := r.Store.Claim(ctx, n, lease)
	deliveries := make([]Delivery, len(claimed))
	for i, d := range claimed {
		deliveries[i] = Delivery{News: told(d.News), Version: d.Version}
	}
	return deliveries, err
}

// Delivered removes the rows whose signals have reached their workflows, unless their aggregates have changed since.
func (r *Record) Delivered(ctx context.Context, done []Delivery) error {
	rows := make([]postgres.Delivery, len(done))
	for i, d := range done {
		rows[i] = postgres.Delivery{Ref: d.News.Ref, Version: d.Version}
	}
	return r.Store.Delivered(ctx, rows)
}

// OpenAggregates lists the aggregates that have not ended.
func (r *Record) OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]flow.Ref, error) {
	open, err := r.Store.OpenAggregates(ctx, after, limit)
	refs := make([]flow.Ref, len(open))
	for i, news := range open {
		refs[i] = news.Progress.Aggregate
	}
	return refs, err
}
