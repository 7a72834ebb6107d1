package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Shape is the number of the states' form. A state stored under another number is rebuilt from the journal.
const Shape = 4

// State is an aggregate as its events left it: a pointer to a struct that embeds Record.
type State interface {
	// Aggregate describes its kind.
	Aggregate() *Aggregate
	Common() *Record
	// Root is the id of the aggregate whose timeline and dossier include this one: its own id if it is independent.
	Root() string
	// Place is the code of the place whose office keeps it.
	Place() string
	// Party finds who sits in a seat of this aggregate.
	Party(seat Seat) domain.Party
	// Awaited is who a turn waits for, where that is not simply whoever its row declares.
	Awaited(t Turn) []domain.Party
	// Lapse returns what follows once the hard due day of a wait has passed.
	Lapse(turns []Turn, c Context) []Event
	// Claims are the keys that this aggregate holds alone, such as one application of one organization in one programme.
	Claims() []string
	// Readers are those who see it besides auditors and the offices above its place.
	Readers() Readers
	// Label is what people call it in a list that mixes kinds.
	Label() domain.Text
	// Part is what a reader of a part sees of it: itself, or a copy without what does not concern them.
	Part(a domain.Actor) State
}

// Record is what every aggregate keeps for itself.
type Record struct {
	ID        string       `json:"id"`
	Version   int          `json:"version"` // decisions so far; If-Match compares it
	Seq       int          `json:"seq"`     // events so far, reminders among them
	Stage     Stage        `json:"stage"`
	Programme ProgrammeRef `json:"programme"`
	Turns     []Turn       `json:"turns,omitempty"`
	Duties    []Duty       `json:"duties,omitempty"`
	// Rounds counts how often a turn was opened, so that what the workflows send for one round is never mistaken for another's.
	Rounds map[string]int `json:"rounds,omitempty"`
}

// ProgrammeRef names the version of the rules an aggregate lives under.
type ProgrammeRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Common is the record itself.
func (r *Record) Common() *Record { return r }

// Root is the aggregate itself.
func (r *Record) Root() string { return r.ID }

// Awaited returns the party that the turn's row declares.
func (*Record) Awaited(Turn) []domain.Party { return nil }

// Lapse brings nothing: no wait has a hard due day.
func (*Record) Lapse([]Turn, Context) []Event { return nil }

// Claims are none.
func (*Record) Claims() []string { return nil }

// Label is nothing beyond the kind's own title.
func (*Record) Label() domain.Text { return domain.Text{} }

// Readers are none.
func (*Record) Readers() Readers { return Readers{} }

// RefOf names an aggregate.
func RefOf(s State) Ref { return Ref{s.Aggregate().Kind, s.Common().ID} }

// RecordOf exposes what every aggregate keeps.
func RecordOf(s State) Record { return *s.Common() }

// Deadline is a due day and the day to remind of it, as an event carries them.
// Provisional reports whether a holiday notice was not yet known.
type Deadline struct {
	Due         calendar.Date `json:"due"`
	Remind      calendar.Date `json:"remind"`
	Provisional bool          `json:"provisional,omitempty"`
}

// Term is how long a term is under the programme, or by default.
func (c Context) Term(t Term) calendar.Term {
	if c.Rules != nil {
		if set, ok := c.Rules.Terms[t.Key]; ok {
			return set.Span()
		}
	}
	return t.Default.Span()
}

// Deadline counts a term from a day.
func (c Context) Deadline(from calendar.Date, t Term) Deadline {
	return c.Count(from, from, c.Term(t))
}

// Count makes a deadline of a term counted from a day, for a wait that opens on another.
func (c Context) Count(opened, from calendar.Date, term calendar.Term) Deadline {
	due, provisional := c.Calendar.Due(from, term)
	d := c.By(opened, due)
	d.Provisional = provisional
	return d
}

// reminderDays is how long before a due day people are reminded, where no programme says: calendar days.
const reminderDays = 3

// By makes a deadline of a set day: reminded of some days before, on the due day itself when it is nearer.
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

// Turn is an open wait for a person or for a day. Subject tells
// which milestone, tranche or proposal where there are several.
type Turn struct {
	Key       WaitKey `json:"key"`
	Subject   string  `json:"subject,omitempty"`
	Round     int     `json:"round"`
	Deadline  `json:"deadline"`
	Reminded  bool `json:"reminded,omitempty"`
	Escalated bool `json:"escalated,omitempty"`
	// Urged is how often it was urged, UrgeAgain the day from which it can be again.
	Urged     int           `json:"urged,omitempty"`
	UrgeAgain calendar.Date `json:"urge_again,omitzero"`
}

// Moment is what time itself brings to a turn.
type Moment string

const (
	Remind   Moment = "remind"   // tell the party before the due day
	Escalate Moment = "escalate" // soft: tell the party's superior after the due day
	Lapse    Moment = "lapse"    // hard: the consequence takes place
)

// reminderHour is when people are reminded, in Asia/Shanghai.
const reminderHour = 9

// next is what time brings to the turn next, and when; false when nothing more.
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

// Duty is something the workflows owe.
type Duty struct {
	Key     DutyKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
}

// DutyKey names a kind of duty.
type DutyKey string

// Open begins a wait, or begins it again with another deadline.
func (r *Record) Open(key WaitKey, subject string, d Deadline) {
	r.Done(key, subject)
	if r.Rounds == nil {
		r.Rounds = map[string]int{}
	}
	name := string(key) + "/" + subject
	r.Rounds[name]++
	r.Turns = append(r.Turns, Turn{Key: key, Subject: subject, Round: r.Rounds[name], Deadline: d})
}

// Done ends a wait.
func (r *Record) Done(key WaitKey, subject string) {
	r.Turns = slices.DeleteFunc(r.Turns, func(t Turn) bool { return t.Key == key && t.Subject == subject })
}

// Turn finds an open wait, or nil.
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

// Discharge takes a duty away.
func (r *Record) Discharge(key DutyKey, subject string) {
	r.Duties = slices.DeleteFunc(r.Duties, func(d Duty) bool { return d == Duty{key, subject} })
}

// Enter moves to a stage and ends every wait of the one before.
func (r *Record) Enter(stage Stage) {
	r.Stage = stage
	r.Turns = nil
}
