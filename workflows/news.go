package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/pilot"
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
// same News again can only bring the next moment nearer.
func (r *runner) hear(ctx workflow.Context, news activities.News) {
	if news.OlderThan(r.news) {
		return
	}
	due := workflow.Now(ctx).Add(news.Wait)
	if r.news.OlderThan(news) || due.Before(r.dueAt) {
		r.dueAt = due
	}
	r.news = news
	r.heard++
}

const (
	leastWait = 20 * time.Millisecond  // shorter timers cost more than they tell
	mostEarly = 250 * time.Millisecond // between one early keep-time and the next
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

func same(a, b pilot.NextMoment) bool {
	return a.Moment == b.Moment && a.Key == b.Key && a.Subject == b.Subject && a.Round == b.Round
}

func (r *runner) keepTime(ctx workflow.Context, moment pilot.NextMoment) (answer activities.Answer, err error) {
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
	timer, due := workflow.NewTimer(timerCtx, wait), r.dueAt
	err = workflow.Await(ctx, func() bool { return timer.IsReady() || r.dueAt.Add(leastWait).Before(due) })
	return timer.IsReady(), err
}

// What operators look for workflows by.
var (
	stageAttribute = temporal.NewSearchAttributeKeyKeyword("TerraceStage")
	placeAttribute = temporal.NewSearchAttributeKeyKeyword("TerracePlace")
	dueAttribute   = temporal.NewSearchAttributeKeyTime("TerraceDue")
)

// Index is what a run is to be found by that starts with the News, so that it need not say so itself.
func Index(news activities.News) temporal.SearchAttributes {
	attributes := []temporal.SearchAttributeUpdate{stageAttribute.ValueSet(string(news.Stage)), placeAttribute.ValueSet(news.Place)}
	if !news.Due.IsZero() {
		attributes = append(attributes, dueAttribute.ValueSet(news.Due.End()))
	}
	return temporal.NewSearchAttributes(attributes...)
}

// index keeps the search attributes as the News have them. No screen reads them.
func (r *runner) index(ctx workflow.Context) error {
	if !r.start.Indexed {
		return nil
	}
	present := workflow.GetTypedSearchAttributes(ctx)
	var updates []temporal.SearchAttributeUpdate
	if stage, _ := present.GetKeyword(stageAttribute); stage != string(r.news.Stage) {
		updates = append(updates, stageAttribute.ValueSet(string(r.news.Stage)))
	}
	if place, _ := present.GetKeyword(placeAttribute); place != r.news.Place {
		updates = append(updates, placeAttribute.ValueSet(r.news.Place))
	}
	due, known := present.GetTime(dueAttribute)
	switch {
	case r.news.Due.IsZero() && known:
		updates = append(updates, dueAttribute.ValueUnset())
	case !r.news.Due.IsZero() && !r.news.Due.End().Equal(due):
		updates = append(updates, dueAttribute.ValueSet(r.news.Due.End()))
	}
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}
