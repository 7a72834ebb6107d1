package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"terrace/domain/flow"
)

// SweepRecord is what the nightly sweep needs from the record. Its errors are as described for Record.
type SweepRecord interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Now returns the current time on the record's clock.
	Now(ctx context.Context) (time.Time, error)
	// DueSwept lists up to limit swept aggregates that are now due, earliest first, starting after the given one. The
	// zero Due starts at the beginning.
	DueSwept(ctx context.Context, after Due, limit int) ([]Due, error)
}

// Due is an aggregate of a swept kind (see flow.Swept) with a reminder, an escalation or a lapse that is now due.
type Due struct {
	Ref flow.Ref
	At  time.Time // when it became due
}

// Sweeps holds the activity that applies due dates to aggregates without workflows (see flow.Swept).
type Sweeps struct{ Record SweepRecord }

// Swept counts what a sweep did.
type Swept struct {
	Aggregates int `json:"aggregates"` // aggregates that had something due
	Moments    int `json:"moments"`    // reminders, escalations and lapses applied
}

const (
	sweepPage   = 500   // number of aggregates read at a time
	mostMoments = 1_000 // maximum number applied to one aggregate in succession; reaching it means that the kind is faulty
)

// Sweep finds the aggregates of swept kinds (see flow.Swept) that have something due, and sends them the commands that
// a workflow would have sent. It repeats this until nothing is due. Its heartbeat reports progress. If one aggregate
// fails, Sweep continues with the others and finally returns an error, so that Temporal retries it. It is cancelled
// when its worker stops; the next attempt starts from scratch and finds only what is left.
func (s *Sweeps) Sweep(ctx context.Context) (Swept, error) {
	ctx, cancel := untilStopped(ctx)
	defer cancel()
	w := &sweep{record: s.Record, failed: map[flow.Ref]bool{}}
	for before := -1; before < w.done.Moments; {
		before = w.done.Moments
		if err := w.pass(ctx); err != nil {
			return w.done, err
		}
	}
	return w.done, w.fault
}

// sweep is the state of a sweep in progress.
type sweep struct {
	record SweepRecord
	done   Swept
	failed map[flow.Ref]bool
	fault  error // the error to return at the end
}

// pass visits every aggregate that is due, once. An aggregate that becomes due behind the current position is left for
// the next pass.
func (w *sweep) pass(ctx context.Context) error {
	for after := (Due{}); ; {
		now, err := w.record.Now(ctx)
		if err != nil {
			return err
		}
		page, err := w.record.DueSwept(ctx, after, sweepPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, due := range page {
			if err := w.visit(ctx, due.Ref, now); err != nil {
				return err
			}
			activity.RecordHeartbeat(ctx, w.done)
		}
		after = page[len(page)-1]
	}
}

// visit applies everything that has fallen due to one aggregate, unless it has already failed in this sweep. It returns
// an error only if the record cannot be reached.
func (w *sweep) visit(ctx context.Context, ref flow.Ref, now time.Time) error {
	if w.failed[ref] {
		return nil
	}
	moments, err := w.keepTime(ctx, ref, now)
	w.done.Moments += moments
	if moments > 0 {
		w.done.Aggregates++
	}
	if err == nil {
		return nil
	}
	if _, away := w.record.Now(ctx); away != nil {
		return away
	}
	activity.GetLogger(ctx).Error("an aggregate could not be swept", "aggregate", ref.String(), "error", err)
	w.failed[ref] = true
	w.fault = fmt.Errorf("aggregates not swept: %d; the last, %s: %w", len(w.failed), ref, err)
	return nil
}

// keepTime applies everything that has fallen due to an aggregate, and returns how many reminders, escalations and
// lapses that were. It is not an error if another process applies it first.
func (w *sweep) keepTime(ctx context.Context, ref flow.Ref, now time.Time) (moments int, err error) {
	news, err := w.record.News(ctx, ref)
	for err == nil && news.Next != nil && !now.Before(news.Next.At) {
		if moments == mostMoments {
			return moments, fmt.Errorf("after %d moments, yet another is due: %s of %s", moments, news.Next.Moment, news.Next.Key)
		}
		var answer Answer
		answer, err = send(ctx, w.record, ref, Moment{ref, *news.Next}.command())
		switch {
		case err != nil || answer.Refused == "not-due":
			return moments, err
		case answer.Refused != "":
			return moments, fmt.Errorf("%s of %s was refused: %s", news.Next.Moment, news.Next.Key, answer.Refused)
		}
		moments++
		news = answer.News
	}
	return moments, err
}
