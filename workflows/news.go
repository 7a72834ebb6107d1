package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
)

// A nil pointer, used only to name the activities that all workflows share.
var records *activities.Records

// learn takes the News with which the run was started or, if there was none, reads it from the record.
func (r *runner) learn(ctx workflow.Context) error {
	r.signals = workflow.GetSignalChannel(ctx, ProgressSignal)
	var news activities.News
	if r.signals.ReceiveAsync(&news) {
		r.hear(ctx, news)
		return nil
	}
	if err := perform(ctx, recordWork, records.ReadNews, r.ref, &news); err != nil {
		return err
	}
	r.hear(ctx, news)
	return nil
}

// listen receives the signals that the relay sends when users or other workflows have changed the aggregate.
func (r *runner) listen(ctx workflow.Context) {
	for {
		var news activities.News
		if r.signals.Receive(ctx, &news); ctx.Err() != nil {
			return
		}
		r.hear(ctx, news)
	}
}

// hear keeps the News unless it is older than the last, because signals and responses may overtake one another. News
// that is exactly as old can only bring the due time forward. News without a due time leaves dueAt and its timer
// unchanged.
func (r *runner) hear(ctx workflow.Context, news activities.News) {
	if news.OlderThan(r.news) {
		return
	}
	if due := workflow.Now(ctx).Add(news.Wait); news.Next != nil && (r.news.OlderThan(news) || due.Before(r.dueAt)) {
		r.dueAt = due
	}
	r.news = news
	r.heard++
}

const (
	leastWait = 20 * time.Millisecond  // shorter timers would cost more than they gain
	mostEarly = 250 * time.Millisecond // maximum pause after the record has rejected keep-time as too early
	// A timer is kept if its due time moves forward by less than its wait divided by this number. The due time is then
	// really the same, and was only read a little later.
	exactness = 10_000
)

// watch ensures that whatever is due happens in time. At the next due time, it sends the record the command keep-time.
// The record then sends reminders, escalates or lets waits lapse, and responds with the due time after that. If a timer
// fires early, because clocks differ or a virtual calendar stands still, the record rejects the command, and watch
// waits again.
func (r *runner) watch(ctx workflow.Context) {
	for early := 0; r.awaitMoment(ctx, early) == nil; {
		moment := *r.news.Next
		answer, err := r.keepTime(ctx, moment)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.fault = err
			return
		}
		if !answer.News.OlderThan(r.news) {
			r.dueAt = workflow.Now(ctx).Add(answer.News.Wait)
		}
		r.hear(ctx, answer.News)
		if next := r.news.Next; next != nil && same(*next, moment) {
			early++
		} else {
			early = 0
		}
	}
}

func same(a, b flow.NextMoment) bool {
	return a.Moment == b.Moment && a.Key == b.Key && a.Subject == b.Subject && a.Round == b.Round
}

func (r *runner) keepTime(ctx workflow.Context, moment flow.NextMoment) (answer activities.Answer, err error) {
	r.keeping = true
	defer func() { r.keeping = false }()
	err = perform(ctx, recordWork, records.KeepTime, activities.Moment{Ref: r.ref, Next: moment}, &answer)
	return answer, err
}

// awaitMoment waits until the next due time. If earlier keep-time commands were too early, it waits a little longer
// each time.
func (r *runner) awaitMoment(ctx workflow.Context, early int) error {
	for {
		if err := workflow.Await(ctx, func() bool { return r.news.Next != nil }); err != nil {
			return err
		}
		wait := r.dueAt.Sub(workflow.Now(ctx))
		if early > 0 {
			wait = max(wait, doubled(leastWait, mostEarly, early-1))
		}
		if wait <= time.Millisecond {
			return nil
		}
		fired, err := r.sleep(ctx, max(wait, leastWait))
		if err != nil {
			return err
		}
		if fired {
			early = 0
		}
	}
}

// sleep runs one timer. It starts another only if the due time is brought forward. A timer that is no longer needed is
// left to fire, because that costs less than cancelling it.
func (r *runner) sleep(ctx workflow.Context, wait time.Duration) (fired bool, err error) {
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer, due := workflow.NewTimer(timerCtx, wait), r.dueAt.Add(-max(leastWait, wait/exactness))
	err = workflow.Await(ctx, func() bool { return timer.IsReady() || r.dueAt.Before(due) })
	return timer.IsReady(), err
}

// Search attributes with which operators find workflows: the stage, the place, and the earliest due date as of the time
// when the run reached its stage.
var (
	stageAttribute = temporal.NewSearchAttributeKeyKeyword("TerraceStage")
	placeAttribute = temporal.NewSearchAttributeKeyKeyword("TerracePlace")
	dueAttribute   = temporal.NewSearchAttributeKeyTime("TerraceDue")
)

// Index returns the search attributes to start a run with, so that the run need not set them itself.
func Index(news activities.News) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(indexOf(news, false)...)
}

// indexOf returns the search attributes for the News. dated tells it whether the run currently has a due date among its
// attributes.
func indexOf(news activities.News, dated bool) []temporal.SearchAttributeUpdate {
	updates := []temporal.SearchAttributeUpdate{stageAttribute.ValueSet(string(news.Stage)), placeAttribute.ValueSet(news.Place)}
	switch {
	case !news.Due.IsZero():
		updates = append(updates, dueAttribute.ValueSet(news.Due.End()))
	case dated:
		updates = append(updates, dueAttribute.ValueUnset())
	}
	return updates
}

// index updates the search attributes when the stage has changed. It does so only then, because each update costs an
// event and a write to Temporal's visibility store. No screen reads the attributes, and every due date is in the
// record.
func (r *runner) index(ctx workflow.Context) error {
	present := workflow.GetTypedSearchAttributes(ctx)
	if stage, _ := present.GetKeyword(stageAttribute); !r.start.Indexed || stage == string(r.news.Stage) {
		return nil
	}
	_, dated := present.GetTime(dueAttribute)
	return workflow.UpsertTypedSearchAttributes(ctx, indexOf(r.news, dated)...)
}
