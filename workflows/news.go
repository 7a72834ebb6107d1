package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
)

// The activities that every story uses, for their names.
var records *activities.Records

// learn takes the News that a run was started with, or else reads them.
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

// listen takes in the signals that the relay sends when people, or other
// workflows, have changed the aggregate.
func (r *runner) listen(ctx workflow.Context) {
	for {
		var news activities.News
		if r.signals.Receive(ctx, &news); ctx.Err() != nil {
			return
		}
		r.hear(ctx, news)
	}
}

// hear keeps the newest News; signals and answers may overtake each other. The
// same News again can only bring the next moment nearer. Where nothing is to
// come, the last moment stands, so that its timer does.
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
	leastWait = 20 * time.Millisecond  // shorter timers cost more than they tell
	mostEarly = 250 * time.Millisecond // between one early keep-time and the next
	exactness = 10_000                 // a timer stands for a moment that seems nearer by less than this part of its wait: the same one, read some time later
)

// watch lets time take its effect. When the next moment comes, the record is
// asked to keep time: it reminds, escalates or lapses, and answers with the
// moment after that. A timer that fires early (clocks differ, and a virtual
// calendar may stand still) is refused, and the wait begins again.
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

// awaitMoment returns when the next moment has come; after early asking, not at once.
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

// sleep keeps one timer. It is set anew only for an earlier moment; one that
// has become needless is left to fire, which costs less.
func (r *runner) sleep(ctx workflow.Context, wait time.Duration) (fired bool, err error) {
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer, due := workflow.NewTimer(timerCtx, wait), r.dueAt.Add(-max(leastWait, wait/exactness))
	err = workflow.Await(ctx, func() bool { return timer.IsReady() || r.dueAt.Before(due) })
	return timer.IsReady(), err
}

// What operators look for workflows by: the stage and the place that a run is in, and the earliest due day when it came there.
var (
	stageAttribute = temporal.NewSearchAttributeKeyKeyword("TerraceStage")
	placeAttribute = temporal.NewSearchAttributeKeyKeyword("TerracePlace")
	dueAttribute   = temporal.NewSearchAttributeKeyTime("TerraceDue")
)

// Index is what a run is to be found by that starts with the News, so that it need not say so itself.
func Index(news activities.News) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(indexOf(news, false)...)
}

// indexOf are the attributes of a run that has the News; dated tells that it has a due day from before.
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

// index renews the search attributes when the stage is another one: each renewal is a write to Temporal's visibility besides
// the event. No screen reads them, and the record knows every due day.
func (r *runner) index(ctx workflow.Context) error {
	present := workflow.GetTypedSearchAttributes(ctx)
	if stage, _ := present.GetKeyword(stageAttribute); !r.start.Indexed || stage == string(r.news.Stage) {
		return nil
	}
	_, dated := present.GetTime(dueAttribute)
	return workflow.UpsertTypedSearchAttributes(ctx, indexOf(r.news, dated)...)
}
