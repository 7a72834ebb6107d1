package worker

import (
	"context"
	"time"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/project"
	"terrace/postgres"
)

// Record is the record in the words of activities, relay and resume.
type Record struct{ postgres.Carrier }

// NewRecord makes it.
func NewRecord(s *postgres.Store) *Record { return &Record{postgres.Carrier{Store: s}} }

// Execute sends a command through the same door that people use.
func (r *Record) Execute(ctx context.Context, cmd flow.Command) error {
	_, err := r.Store.Execute(ctx, cmd)
	return err
}

// News is what a workflow must know of an aggregate now.
func (r *Record) News(ctx context.Context, ref flow.Ref) (activities.News, error) {
	news, err := r.Store.News(ctx, ref)
	return told(news), err
}

// Learn is News for a run that begins.
func (r *Record) Learn(ctx context.Context, ref flow.Ref) (activities.News, error) {
	news, err := r.Store.Learn(ctx, ref)
	return told(news), err
}

func told(n postgres.News) activities.News { return activities.Tell(n.Progress, n.Epoch, n.Wait) }

// AccountNumber is what the project's organization wrote into its agreement.
func (r *Record) AccountNumber(ctx context.Context, projectID string) (string, error) {
	return r.Carrier.AccountNumber(ctx, flow.Ref{Kind: project.Kind, ID: projectID})
}

// DueSwept lists swept aggregates that are due.
func (r *Record) DueSwept(ctx context.Context, after activities.Due, limit int) ([]activities.Due, error) {
	found, err := r.Store.DueSwept(ctx, postgres.Due(after), limit)
	due := make([]activities.Due, len(found))
	for i, d := range found {
		due[i] = activities.Due(d)
	}
	return due, err
}

// Claim leases deliveries of the outbox.
func (r *Record) Claim(ctx context.Context, n int, lease time.Duration) ([]Delivery, error) {
	claimed, err := r.Store.Claim(ctx, n, lease)
	deliveries := make([]Delivery, len(claimed))
	for i, d := range claimed {
		deliveries[i] = Delivery{News: told(d.News), Version: d.Version}
	}
	return deliveries, err
}

// Delivered removes what has reached its workflow and has not changed since.
func (r *Record) Delivered(ctx context.Context, done []Delivery) error {
	rows := make([]postgres.Delivery, len(done))
	for i, d := range done {
		rows[i] = postgres.Delivery{Ref: d.News.Ref, Version: d.Version}
	}
	return r.Store.Delivered(ctx, rows)
}

// OpenAggregates lists what has not ended.
func (r *Record) OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]flow.Ref, error) {
	open, err := r.Store.OpenAggregates(ctx, after, limit)
	refs := make([]flow.Ref, len(open))
	for i, news := range open {
		refs[i] = news.Progress.Aggregate
	}
	return refs, err
}
