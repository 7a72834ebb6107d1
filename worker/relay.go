package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"terrace/activities"
	"terrace/workflows"
)

// Outbox is what the relay needs of the record: whose News the workflows have not had yet.
type Outbox interface {
	// Claim leases up to n rows that nobody else holds. A row whose lease runs out is there again.
	Claim(ctx context.Context, n int, lease time.Duration) ([]Delivery, error)
	// Delivered removes the rows, except where the aggregate has changed since.
	Delivered(ctx context.Context, done []Delivery) error
	// Resurface puts back the aggregates whose moment or duty nobody has acted on.
	Resurface(ctx context.Context) (int, error)
	// CarryFunds carries the sums of the funds on, so that whoever reads them has little to add.
	CarryFunds(ctx context.Context) (int64, error)
	// WriteTurns writes the turns of aggregates that a program of an older schema has moved on.
	WriteTurns(ctx context.Context) (int, error)
}

// Delivery is News on their way to a workflow. Version is the outbox row's.
type Delivery struct {
	News    activities.News
	Version int64
}

// inFlight is how many calls to Temporal are under way at once, if nobody says otherwise.
const inFlight = 16

// signaller is what the relay needs of Temporal.
type signaller interface {
	checker
	SignalWithStartWorkflow(ctx context.Context, workflowID, signalName string, signalArg any,
		options client.StartWorkflowOptions, workflow any, workflowArgs ...any) (client.WorkflowRun, error)
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
}

// relay carries News from the outbox to the workflows. A row is claimed by a
// lease, signalled while no lock and no transaction is open, and then removed;
// whatever is interrupted in between is delivered again, and the workflow drops
// what it knows.
type relay struct {
	outbox  Outbox
	client  signaller
	prefix  string
	indexed bool
	log     *slog.Logger

	signals   int           // under way at once: admission, because Temporal takes them faster than workflows are carried
	poll      time.Duration // between two looks at an empty outbox
	lease     time.Duration // longer than a signal may take
	resurface time.Duration

	failures   int  // rounds in a row that failed
	away       bool // Temporal did not take the last signals
	lost       bool // the record did not answer
	resurfaced time.Time
}

// run delivers until the context ends.
func (r *relay) run(ctx context.Context) {
	for ctx.Err() == nil {
		if n := r.round(ctx); r.failures > 0 {
			pause(ctx, backoff(r.failures))
		} else if n == 0 {
			pause(ctx, r.poll)
		}
	}
}

// round delivers what is waiting, up to so many signals at once. While Temporal is
// away nothing is claimed before it answers again, and then a single row.
func (r *relay) round(ctx context.Context) int {
	// What has been claimed is brought to its end when the relay stops, or it would wait for its lease to run out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease)
	defer cancel()
	n := r.signals
	if r.away {
		if err := healthy(ctx, r.client); err != nil {
			r.failures++
			return 0
		}
		n = 1
	}
	claimed, err := r.claim(ctx, n)
	if err != nil {
		r.recordFailed(err)
		return 0
	}
	if len(claimed) == 0 {
		r.failures, r.lost = 0, false
		return 0
	}
	done, err := r.deliver(ctx, claimed)
	r.note(len(done), err)
	if len(done) > 0 {
		if err := r.outbox.Delivered(ctx, done); err != nil {
			r.recordFailed(err)
		}
	}
	return len(claimed)
}

// keepSums carries the sums of the funds on and writes the turns that are owed, beside the news and whether or not Temporal answers.
func (r *relay) keepSums(ctx context.Context) {
	for ; ctx.Err() == nil; pause(ctx, r.resurface) {
		if _, err := r.outbox.CarryFunds(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("relay: the sums of the funds could not be carried on; reading them adds up more", "error", err)
		}
		if _, err := r.outbox.WriteTurns(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("relay: turns of an older program could not be written; lists of turns miss them until they are", "error", err)
		}
	}
}

// claim takes rows, after putting back every now and then what nobody acted on.
func (r *relay) claim(ctx context.Context, n int) ([]Delivery, error) {
	if time.Since(r.resurfaced) >= r.resurface {
		if _, err := r.outbox.Resurface(ctx); err != nil {
			return nil, err
		}
		r.resurfaced = time.Now()
	}
	claimed, err := r.outbox.Claim(ctx, n, r.lease)
	if err == nil && r.lost {
		r.lost = false
		r.log.Info("relay: the record answers again")
	}
	return claimed, err
}

// deliver signals all at once and tells which arrived, with one of the errors of the others.
func (r *relay) deliver(ctx context.Context, claimed []Delivery) (done []Delivery, failed error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, d := range claimed {
		all.Go(func() {
			err := r.signal(ctx, d.News)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done = append(done, d)
				return
			}
			failed = err
			if !away(err) {
				r.log.Error("relay: Temporal refused a signal", "aggregate", d.News.Ref.String(), "error", err)
			}
		})
	}
	all.Wait()
	return done, failed
}

// signal tells the workflow of an aggregate, and starts it if there is none. The
// workflow of an aggregate that has ended need not be started. News of what no
// workflow carries any more is left over from when one did, and goes nowhere.
func (r *relay) signal(ctx context.Context, news activities.News) error {
	if !workflows.Carries(news.Ref.Kind) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.lease/2)
	defer cancel()
	id := workflows.IDOf(news.Ref)
	if news.Ended {
		if err := r.client.SignalWorkflow(ctx, id, "", workflows.ProgressSignal, news); !absent(err) {
			return err
		}
		return nil
	}
	start := options(news.Ref, r.prefix)
	if r.indexed {
		start.TypedSearchAttributes = workflows.Index(news)
	}
	_, err := r.client.SignalWithStartWorkflow(ctx, id, workflows.ProgressSignal, news,
		start, workflows.TypeOf(news.Ref.Kind), workflows.Start{ID: news.Ref.ID, Indexed: r.indexed})
	if begun(err) {
		return r.revive(ctx, news.Ref)
	}
	return err
}

// note remembers whether Temporal is there, and says so once.
func (r *relay) note(delivered int, failed error) {
	switch {
	case delivered > 0:
		if r.away {
			r.log.Info("relay: Temporal is back; what waited is being delivered")
		}
		r.away, r.failures = false, 0
	case away(failed):
		if !r.away {
			r.log.Warn("relay: Temporal is away; commands are accepted, and wait in the outbox", "error", failed)
		}
		r.away = true
		r.failures++
	default:
		r.failures++
	}
}

func (r *relay) recordFailed(err error) {
	r.failures++
	if !r.lost {
		r.log.Warn("relay: the record does not answer", "error", err)
		r.lost = true
	}
}
