package activities

import (
	"slices"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// News is the little of an aggregate's Progress that a workflow is told: ids,
// stages and dates, nothing personal, and no words for screens.
type News struct {
	Ref    flow.Ref         `json:"ref"`
	Epoch  int              `json:"epoch"` // of the calendar; it rises when a virtual calendar jumps
	Seq    int              `json:"seq"`   // events so far
	Stage  flow.Stage       `json:"stage"`
	Place  string           `json:"place"`
	Ended  bool             `json:"ended,omitempty"`
	Awaits []flow.WaitKey   `json:"awaits,omitempty"` // for whoever reads the history; the workflow follows Stage, Duties and Next
	Due    calendar.Date    `json:"due,omitzero"`     // earliest due day of what is awaited
	Duties []flow.Duty      `json:"duties,omitempty"`
	Next   *flow.NextMoment `json:"next,omitempty"`
	Wait   time.Duration    `json:"wait,omitempty"` // real time until Next when this was read; a virtual calendar makes it short
}

// Tell makes the News of an aggregate's progress, read in an epoch of the
// calendar, with the real time from then until its next moment.
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

// OlderThan tells that the record has moved on, or the calendar has jumped, since the News was read.
func (n News) OlderThan(other News) bool {
	if n.Epoch != other.Epoch {
		return n.Epoch < other.Epoch
	}
	return n.Seq < other.Seq
}

// Owes tells whether the aggregate owes the duty.
func (n News) Owes(duty flow.Duty) bool { return slices.Contains(n.Duties, duty) }
