package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
)

// The activities that every story uses, used only by name.
var records *activities.Records

// learn takes the News that the run was started with, or reads them if there are none.
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

// listen receives the signals that the relay sends when people or other workflows have changed the aggregate.
func (r *runner) listen(ctx workflow.Context) {
	for {
		var news activities.News
		if r.signals.Receive(ctx, &news); ctx.Err() != nil {
			return
		}
		r.hear(ctx, news)
	}
}

// hear keeps the newest News, since signals and answers may overtake each other. News that are not newer can only bring
// the next moment forward. If nothing is to come, dueAt keeps its value, so that its timer keeps running.
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
	leastWait = 20 * time.Millisecond  // shorter timers cost more than they gain
	mostEarly = 250 * time.Millisecond // longest pause between premature keep-times
	exactness = 10_000                 // a timer is kept if its moment seems earlier by less than this fraction of the wait: that is the same moment, read a little later
)

// watch applies what time brings. When the next moment comes, it asks the record to keep time. The record reminds,
// escalates or lapses, and answers with the moment after that. It refuses a timer that fires early (clocks differ, and a
// virtual calendar may stand still), and the wait starts again.
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

// awaitMoment returns when the next moment has come. After early requests it waits a little longer.
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

// sleep runs one timer. It is replaced only for an earlier moment. A timer that is no longer needed may fire, which
// costs less than cancelling it.
func (r *runner) sleep(ctx workflow.Context, wait time.Duration) (fired bool, err error) {
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer, due := workflow.NewTimer(timerCtx, wait), r.dueAt.Add(-max(leastWait, wait/exactness))
	err = workflow.Await(ctx, func() bool { return timer.IsReady() || r.dueAt.Before(due) })
	return timer.IsReady(), err
}

// Operators find workflows by these: the stage and place of a run, and its earliest due day on entering the stage.
var (
	stageAttribute = temporal.NewSearchAttributeKeyKeyword("TerraceStage")
	placeAttribute = temporal.NewSearchAttributeKeyKeyword("TerracePlace")
	dueAttribute   = temporal.NewSearchAttributeKeyTime("TerraceDue")
)

// Index returns the search attributes for starting a run with the News, so that the run need not set them itself.
func Index(news activities.News) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(indexOf(news, false)...)
}

// indexOf returns the attributes of a run with the News. Set dated if the run already has a due day.
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

// index updates the search attributes when the stage changes. It does so only then, because each update writes to
// Temporal's visibility store as well as an event. No screen reads them, and the record knows every due day.
func (r *runner) index(ctx workflow.Context) error {
	present := workflow.GetTypedSearchAttributes(ctx)
	if stage, _ := present.GetKeyword(stageAttribute); !r.start.Indexed || stage == string(r.news.Stage) {
		return nil
	}
	_, dated := present.GetTime(dueAttribute)
	return workflow.UpsertTypedSearchAttributes(ctx, indexOf(r.news, dated)...)
}
