package activities

import (
	"slices"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// News is the part of an aggregate's Progress that a workflow needs: ids, stages and dates. It holds no personal data
// and no display texts.
type News struct {
	Ref    flow.Ref         `json:"ref"`
	Epoch  int              `json:"epoch"` // increases when a virtual calendar jumps and when the record is restored to an earlier state; News with a lower epoch is outdated
	Seq    int              `json:"seq"`   // number of events so far
	Stage  flow.Stage       `json:"stage"`
	Place  string           `json:"place"`
	Ended  bool             `json:"ended,omitempty"`
	Awaits []flow.WaitKey   `json:"awaits,omitempty"` // shown to readers of the workflow's history; the workflow itself follows Stage, Duties and Next
	Due    calendar.Date    `json:"due,omitzero"`     // the earliest due date among the open waits
	Duties []flow.Duty      `json:"duties,omitempty"`
	Next   *flow.NextMoment `json:"next,omitempty"`
	Wait   time.Duration    `json:"wait,omitempty"` // real time from reading the News until Next; short on a virtual calendar
}

// Tell builds the News of an aggregate from its progress. epoch is the epoch in which the progress was read, and wait
// is the real time from then until the next due time.
func Tell(p flow.Progress, epoch int, wait time.Duration) News {
	news := News{
		Ref: p.Aggregate, Epoch: epoch, Seq: p.Seq, Stage: p.Stage, Place: p.Place, Ended: p.Ended,
		Due: p.Due(), Duties: p.Duties, Next: p.Next, Wait: max(wait, 0),
	}
	for _, t := range p.Turns {
		if !slices.Contains(news.Awaits, t.Key) {
			news.Awaits = append(news.Awaits, t.Key)
		}
	}
	return news
}

// OlderThan reports whether the News was read before the other: in an earlier epoch, or after fewer events.
func (n News) OlderThan(other News) bool {
	if n.Epoch != other.Epoch {
		return n.Epoch < other.Epoch
	}
	return n.Seq < other.Seq
}

// Owes reports whether the duty is still to be done.
func (n News) Owes(duty flow.Duty) bool { return slices.Contains(n.Duties, duty) }
