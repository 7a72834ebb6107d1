package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Shape is the version of the states' JSON. A state that was stored in another shape is rebuilt from the journal.
const Shape = 5

// State is an aggregate after its events: a pointer to a struct that embeds Record.
type State interface {
	// Aggregate returns the description of its kind.
	Aggregate() *Aggregate
	Common() *Record
	// Root returns the id of the aggregate whose timeline and dossier include this one: its own if it stands alone.
	Root() string
	// Place returns the code of the place whose office keeps it.
	Place() string
	// Party returns who sits in a seat of this aggregate.
	Party(seat Seat) domain.Party
	// Awaited returns whom a turn waits for, or nil for the party that its row of the lifecycle declares.
	Awaited(t Turn) []domain.Party
	// Lapse returns what follows once the hard due day of a wait has passed.
	Lapse(turns []Turn, c Context) []Event
	// Claims returns the keys that no other aggregate may hold, such as an organization's application in a programme.
	Claims() []string
	// Readers returns who can read it besides auditors and the offices above its place.
	Readers() Readers
	// Label returns the name to show for it in a list of several kinds.
	Label() domain.Text
	// Part returns what the actor, who may read only part of it, sees: the state itself, or a copy without what does not concern them.
	Part(a domain.Actor) State
}

// Record is what the engine keeps of every aggregate.
type Record struct {
	ID        string       `json:"id"`
	Version   int          `json:"version"` // decisions so far; If-Match compares it
	Seq       int          `json:"seq"`     // events so far, including reminders
	Stage     Stage        `json:"stage"`
	Programme ProgrammeRef `json:"programme"`
	Turns     []Turn       `json:"turns,omitempty"`
	Duties    []Duty       `json:"duties,omitempty"`
	// Rounds counts how often each turn was opened, so that what a workflow sends for one round is never taken for another.
	Rounds map[string]int `json:"rounds,omitempty"`
}

// ProgrammeRef names the version of a programme whose rules apply to an aggregate.
type ProgrammeRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Common returns the record itself.
func (r *Record) Common() *Record { return r }

// Root returns the id of the aggregate itself.
func (r *Record) Root() string { return r.ID }

// Awaited returns nil: a turn waits for the party that its row declares.
func (*Record) Awaited(Turn) []domain.Party { return nil }

// Lapse returns nothing, for kinds without hard due days.
func (*Record) Lapse([]Turn, Context) []Event { return nil }

// Claims returns no keys.
func (*Record) Claims() []string { return nil }

// Label returns an empty text: people call it by the title of its kind.
func (*Record) Label() domain.Text { return domain.Text{} }

// Readers returns no further readers.
func (*Record) Readers() Readers { return Readers{} }

// RefOf returns the name of an aggregate.
func RefOf(s State) Ref { return Ref{s.Aggregate().Kind, s.Common().ID} }

// RecordOf returns a copy of what the engine keeps of an aggregate.
func RecordOf(s State) Record { return *s.Common() }

// Deadline is a due day with the day of its reminder, as events carry them. Provisional is set when the holiday notice of a year in
// question was not known yet.
type Deadline struct {
	Due         calendar.Date `json:"due"`
	Remind      calendar.Date `json:"remind"`
	Provisional bool          `json:"provisional,omitempty"`
}

// Term returns the length of a term under the programme, or its default.
func (c Context) Term(t Term) calendar.Term {
	if c.Rules != nil {
		if set, ok := c.Rules.Terms[t.Key]; ok {
			return set.Span()
		}
	}
	return t.Default.Span()
}

// Deadline returns the deadline of a term that is counted from a day.
func (c Context) Deadline(from calendar.Date, t Term) Deadline {
	return c.Count(from, from, c.Term(t))
}

// Count returns the deadline of a wait opened on one day whose term is counted from another.
func (c Context) Count(opened, from calendar.Date, term calendar.Term) Deadline {
	due, provisional := c.Calendar.Due(from, term)
	d := c.By(opened, due)
	d.Provisional = provisional
	return d
}

// reminderDays is how many calendar days before a due day people are reminded, unless the programme says otherwise.
const reminderDays = 3

// By returns a deadline with a given due day. If the day of its reminder would not come after from, people are reminded on the due day
// itself.
func (c Context) By(from, due calendar.Date) Deadline {
	days := reminderDays
	if c.Rules != nil {
		days = c.Rules.ReminderDays.Value
	}
	remind := due.AddDays(-days)
	if !remind.After(from) {
		remind = due
	}
	return Deadline{Due: due, Remind: remind}
}

// Turn is an open wait, for a person or for a day. Subject says for which milestone, tranche or proposal, where there are several.
type Turn struct {
	Key       WaitKey `json:"key"`
	Subject   string  `json:"subject,omitempty"`
	Round     int     `json:"round"`
	Deadline  `json:"deadline"`
	Reminded  bool `json:"reminded,omitempty"`
	Escalated bool `json:"escalated,omitempty"`
	// Urged counts how often it was urged; LastUrge is the last time.
	Urged    int    `json:"urged,omitempty"`
	LastUrge Urging `json:"last_urge,omitzero"`
}

// Moment is what can happen to a turn because time passes.
type Moment string

const (
	Remind   Moment = "remind"   // tell the party before the due day
	Escalate Moment = "escalate" // soft: tell the party's superior after the due day
	Lapse    Moment = "lapse"    // hard: the consequence takes effect
)

// reminderHour is the hour at which people are reminded, in Asia/Shanghai.
const reminderHour = 9

// next returns the turn's next moment and its time; false if there is none.
func (t Turn) next(w *Wait) (Moment, time.Time, bool) {
	if t.Due.IsZero() || w.unknown {
		return "", time.Time{}, false
	}
	if !t.Reminded && !w.ByItself() {
		return Remind, t.Remind.At(reminderHour, 0), true
	}
	if w.Hard {
		return Lapse, t.Due.End(), true
	}
	if !t.Escalated {
		return Escalate, t.Due.End(), true
	}
	return "", time.Time{}, false
}

// Duty is something that the workflows must do.
type Duty struct {
	Key     DutyKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
}

// DutyKey names a kind of duty.
type DutyKey string

// Open opens a wait, or opens it again with another deadline.
func (r *Record) Open(key WaitKey, subject string, d Deadline) {
	r.Done(key, subject)
	if r.Rounds == nil {
		r.Rounds = map[string]int{}
	}
	name := string(key) + "/" + subject
	r.Rounds[name]++
	r.Turns = append(r.Turns, Turn{Key: key, Subject: subject, Round: r.Rounds[name], Deadline: d})
}

// Done closes a wait.
func (r *Record) Done(key WaitKey, subject string) {
	r.Turns = slices.DeleteFunc(r.Turns, func(t Turn) bool { return t.Key == key && t.Subject == subject })
}

// Turn returns an open wait, or nil.
func (r *Record) Turn(key WaitKey, subject string) *Turn {
	for i := range r.Turns {
		if r.Turns[i].Key == key && r.Turns[i].Subject == subject {
			return &r.Turns[i]
		}
	}
	return nil
}

// Owe adds a duty.
func (r *Record) Owe(key DutyKey, subject string) {
	r.Duties = append(r.Duties, Duty{key, subject})
}

// Discharge removes a duty.
func (r *Record) Discharge(key DutyKey, subject string) {
	r.Duties = slices.DeleteFunc(r.Duties, func(d Duty) bool { return d == Duty{key, subject} })
}

// Enter moves to a stage and closes every wait of the one before.
func (r *Record) Enter(stage Stage) {
	r.Stage = stage
	r.Turns = nil
}
