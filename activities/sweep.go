package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"terrace/domain/flow"
)

// SweepRecord is what the sweep needs from the record. The rules for Record's errors apply to its errors too.
type SweepRecord interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Now returns the record's time.
	Now(ctx context.Context) (time.Time, error)
	// DueSwept lists up to limit swept aggregates that are due now, earliest first, starting after the given one. The
	// zero Due starts at the beginning.
	DueSwept(ctx context.Context, after Due, limit int) ([]Due, error)
}

// Due is a swept aggregate whose next moment has come.
type Due struct {
	Ref flow.Ref
	At  time.Time // when it fell due
}

// Sweeps applies due days where no workflow waits for them (see flow.Swept).
type Sweeps struct{ Record SweepRecord }

// Swept counts what a sweep has done.
type Swept struct {
	Aggregates int `json:"aggregates"` // aggregates for which something was due
	Moments    int `json:"moments"`    // reminders, escalations and lapses
}

const (
	sweepPage   = 500   // aggregates per page
	mostMoments = 1_000 // of one aggregate in a row; more indicate a fault in its kind
)

// Sweep sends every swept aggregate that is due the commands that a workflow would have sent, until nothing is due any
// more. Its heartbeat reports how far it has come. An aggregate that fails does not hold up the others, but the sweep
// then fails at its end and is retried. It is cancelled when its worker stops; the next try starts from scratch and
// finds only what is left.
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

// sweep is the state of one sweep.
type sweep struct {
	record SweepRecord
	done   Swept
	failed map[flow.Ref]bool
	fault  error // the error that the sweep ends with
}

// pass goes once through everything that is due. The next pass takes whatever becomes due before the current position.
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

// visit keeps time for one aggregate, unless that has failed before. It returns an error only if the record does not
// answer at all.
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

// keepTime applies every moment of an aggregate that is due by now and returns their number. If somebody else was faster
// and nothing is due any more, that is no error.
func (w *sweep) keepTime(ctx context.Context, ref flow.Ref, now time.Time) (moments int, err error) {
	news, err := w.record.News(ctx, ref)
	for err == nil && news.Next != nil && !now.Before(news.Next.At) {
		if moments == mostMoments {
			return moments, fmt.Errorf("after %d moments another is due: %s of %s", moments, news.Next.Moment, news.Next.Key)
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
