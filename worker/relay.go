package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/postgres"
	"terrace/workflows"
)

// Outbox is what the relay needs from the record, above all the News that workflows have yet to receive.
type Outbox interface {
	// Claim leases up to n rows that are not leased already. Once a lease expires, the row can be claimed again.
	Claim(ctx context.Context, n int, lease time.Duration) ([]Delivery, error)
	// Delivered removes rows, except those whose aggregates have changed since they were claimed.
	Delivered(ctx context.Context, done []Delivery) error
	// Resurface puts aggregates back into the outbox if something was due or a duty was owed and nothing has been done
	// about it.
	Resurface(ctx context.Context) (int, error)
	// CarryFunds brings the totals of the funds up to date, so that readers have little left to add up.
	CarryFunds(ctx context.Context) (int64, error)
	// WriteTurns brings the lists of turns up to date, with the given exceptions. A *postgres.UnwrittenError names those
	// that cannot be written.
	WriteTurns(ctx context.Context, except ...flow.Ref) (int, error)
}

// Delivery is News to be sent to a workflow. Version is the version of its row in the outbox.
type Delivery struct {
	News    activities.News
	Version int64
}

// inFlight is the default number of concurrent calls to Temporal.
const inFlight = 16

// signaller is what the relay needs from Temporal.
type signaller interface {
	checker
	SignalWithStartWorkflow(ctx context.Context, workflowID, signalName string, signalArg any,
		options client.StartWorkflowOptions, workflow any, workflowArgs ...any) (client.WorkflowRun, error)
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
}

// relay sends News from the outbox to the workflows. It leases a row, signals the workflow without holding a lock or a
// transaction, and then removes the row. If it is interrupted, the News is sent again, and the workflow ignores what it
// already knows.
type relay struct {
	outbox  Outbox
	client  signaller
	prefix  string
	indexed bool
	log     *slog.Logger

	signals   int           // maximum number of concurrent signals; limited because Temporal accepts signals faster than workflows can process them
	poll      time.Duration // pause before polling an empty outbox again
	lease     time.Duration // must be longer than a signal can take
	resurface time.Duration

	failures   int  // number of consecutive failed rounds
	away       bool // whether the last signals failed because Temporal was unavailable
	lost       bool // whether the record could not be reached
	resurfaced time.Time
}

// run sends News until the context ends.
func (r *relay) run(ctx context.Context) {
	for ctx.Err() == nil {
		if n := r.round(ctx); r.failures > 0 {
			pause(ctx, backoff(r.failures))
		} else if n == 0 {
			pause(ctx, r.poll)
		}
	}
}

// round delivers one batch of rows. While Temporal is unreachable, it claims none; once Temporal responds again, it
// starts with a single row.
func (r *relay) round(ctx context.Context) int {
	// Finish what has been claimed even if the relay stops: otherwise it would have to wait for its lease to run out.
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

// mostAside is how many aggregates are set aside because their turns cannot be written. With more, all wait.
const mostAside = 100

// keepTurns keeps the lists of turns up to date. It runs independently of the deliveries, even while Temporal is
// unavailable. An aggregate whose turns cannot be written is tried again with growing pauses, and holds up no other.
func (r *relay) keepTurns(ctx context.Context) {
	var aside []flow.Ref
	var again time.Time // when those set aside are tried again
	failures, said := 0, ""
	for ctx.Err() == nil {
		all := !time.Now().Before(again)
		if all {
			aside = nil
		}
		n, err := r.outbox.WriteTurns(ctx, aside...)
		left, some := errors.AsType[*postgres.UnwrittenError](err)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && err.Error() != said:
			said = err.Error()
			r.log.Warn("relay: turns cannot be written; lists of turns lag behind until then. “terrace verify” names each aggregate and says what to do", "error", err)
		case err == nil && all && failures > 0:
			r.log.Info("relay: the lists of turns are up to date again")
			failures, said = 0, ""
		}
		if err != nil && (all || !some) {
			failures++
		}
		switch {
		case some && len(aside)+len(left.Refs) <= mostAside:
			if aside = append(aside, left.Refs...); all {
				again = time.Now().Add(backoff(failures))
			}
		case err != nil:
			pause(ctx, backoff(failures))
			continue
		}
		if n == 0 {
			pause(ctx, r.poll)
		}
	}
}

// keepSums keeps the totals of the funds up to date. It runs independently of the deliveries, even while Temporal is
// unavailable.
func (r *relay) keepSums(ctx context.Context) {
	for ; ctx.Err() == nil; pause(ctx, r.resurface) {
		if _, err := r.outbox.CarryFunds(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("relay: the sums of the funds could not be brought up to date; reading them takes longer", "error", err)
		}
	}
}

// claim leases rows of the outbox. From time to time, it first puts back aggregates whose workflows have failed to act
// (see Resurface).
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

// deliver sends all signals concurrently. It returns the deliveries that succeeded, and one of the errors if any
// failed.
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

// signal signals the workflow of an aggregate, and starts the workflow if it does not exist. It starts none for an
// aggregate that has ended, and drops News of kinds that no longer have workflows.
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

// note records whether Temporal is reachable, and logs every change.
func (r *relay) note(delivered int, failed error) {
	switch {
	case delivered > 0:
		if r.away {
			r.log.Info("relay: Temporal is back; delivering what was waiting")
		}
		r.away, r.failures = false, 0
	case away(failed):
		if !r.away {
			r.log.Warn("relay: Temporal is away; commands are still accepted and wait in the outbox", "error", failed, "next", Advice(failed))
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
