package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Shape is the version of the states' JSON. A state that was stored in another shape is rebuilt from the journal.
const Shape = 5

// State is an aggregate as its events have left it: a pointer to a struct that embeds Record.
type State interface {
	// Aggregate returns the description of the state's kind.
	Aggregate() *Aggregate
	Common() *Record
	// Root returns the id of the aggregate whose timeline and dossier include this one. That is its own id if it stands alone.
	Root() string
	// Place returns the code of the place whose office keeps the aggregate.
	Place() string
	// Party returns who holds a seat in this aggregate.
	Party(seat Seat) domain.Party
	// Awaited returns whom a turn waits for, or nil if that is the party which its row of the lifecycle declares.
	Awaited(t Turn) []domain.Party
	// Lapse returns the events that follow once the hard due day of a wait has passed.
	Lapse(turns []Turn, c Context) []Event
	// Claims returns the keys that no other aggregate may hold, such as the one for an organization's application in a programme.
	Claims() []string
	// Readers returns who can read the aggregate besides auditors and the offices above its place.
	Readers() Readers
	// Label returns the name of the aggregate in a list of different kinds.
	Label() domain.Text
	// Part returns what the aggregate looks like to an actor who may read only part of it: a copy without what does not concern them,
	// or the state itself if nothing has to be left out.
	Part(a domain.Actor) State
}

// Record is the part of a state that the engine itself keeps, alike for every kind.
type Record struct {
	ID        string       `json:"id"`
	Version   int          `json:"version"` // number of decisions so far, with which If-Match is compared
	Seq       int          `json:"seq"`     // number of events so far, including reminders
	Stage     Stage        `json:"stage"`
	Programme ProgrammeRef `json:"programme"`
	Turns     []Turn       `json:"turns,omitempty"`
	Duties    []Duty       `json:"duties,omitempty"`
	// Rounds counts how often each turn was opened, so that what a workflow sends in one round is never mistaken for that of another.
	Rounds map[string]int `json:"rounds,omitempty"`
}

// ProgrammeRef identifies the version of a programme whose rules apply to an aggregate.
type ProgrammeRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Common returns the record that the state embeds.
func (r *Record) Common() *Record { return r }

// Root returns the aggregate's own id, for kinds that stand alone.
func (r *Record) Root() string { return r.ID }

// Awaited returns nil, so that a turn waits for the party which its row of the lifecycle declares.
func (*Record) Awaited(Turn) []domain.Party { return nil }

// Lapse returns no events, for kinds without hard due days.
func (*Record) Lapse([]Turn, Context) []Event { return nil }

// Claims returns no keys, for kinds that need none.
func (*Record) Claims() []string { return nil }

// Label returns an empty text, so that lists show the title of the kind instead.
func (*Record) Label() domain.Text { return domain.Text{} }

// Readers returns nobody, for kinds that only auditors and the offices above their place can read.
func (*Record) Readers() Readers { return Readers{} }

// RefOf returns the kind and id of an aggregate.
func RefOf(s State) Ref { return Ref{s.Aggregate().Kind, s.Common().ID} }

// RecordOf returns a copy of the part of a state that the engine keeps.
func RecordOf(s State) Record { return *s.Common() }

// Deadline is a due day and the day of its reminder, as events carry them. It is provisional if the holiday notice of a year that
// matters was not yet known.
type Deadline struct {
	Due         calendar.Date `json:"due"`
	Remind      calendar.Date `json:"remind"`
	Provisional bool          `json:"provisional,omitempty"`
}

// Term returns the length of a term under the programme's rules, or its default.
func (c Context) Term(t Term) calendar.Term {
	if c.Rules != nil {
		if set, ok := c.Rules.Terms[t.Key]; ok {
			return set.Span()
		}
	}
	return t.Default.Span()
}

// Deadline returns the deadline at the end of a term that runs from the given day.
func (c Context) Deadline(from calendar.Date, t Term) Deadline {
	return c.Count(from, from, c.Term(t))
}

// Count returns the deadline of a wait that is opened on one day and whose term runs from another.
func (c Context) Count(opened, from calendar.Date, term calendar.Term) Deadline {
	due, provisional := c.Calendar.Due(from, term)
	d := c.By(opened, due)
	d.Provisional = provisional
	return d
}

// reminderDays is how many calendar days before a due day people are reminded, unless the programme sets another number.
const reminderDays = 3

// By returns the deadline for a wait that opens on the day from and is due on the day due. If there is no time for an earlier
// reminder, people are reminded on the due day itself.
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

// Turn is an open wait for a person or for a day. If there are several milestones, tranches or proposals, Subject says which one it is
// about.
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

// Moment is something that happens to a turn merely because time passes.
type Moment string

const (
	Remind   Moment = "remind"   // before the due day, those awaited are told
	Escalate Moment = "escalate" // after a soft due day, their superior is told
	Lapse    Moment = "lapse"    // after a hard due day, the consequence takes effect
)

// reminderHour is the hour of the day in Shanghai at which people are reminded.
const reminderHour = 9

// next returns what time brings next to the turn, and when; false if nothing is to come.
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

// Duty is something that the workflows have to do for an aggregate.
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

// Turn returns an open wait, or nil if it is not open.
func (r *Record) Turn(key WaitKey, subject string) *Turn {
	for i := range r.Turns {
		if r.Turns[i].Key == key && r.Turns[i].Subject == subject {
			return &r.Turns[i]
		}
	}
	return nil
}

// Owe gives the workflows a duty.
func (r *Record) Owe(key DutyKey, subject string) {
	r.Duties = append(r.Duties, Duty{key, subject})
}

// Discharge removes a duty that the workflows have done.
func (r *Record) Discharge(key DutyKey, subject string) {
	r.Duties = slices.DeleteFunc(r.Duties, func(d Duty) bool { return d == Duty{key, subject} })
}

// Enter moves the aggregate to a stage, and closes every wait of the stage before.
func (r *Record) Enter(stage Stage) {
	r.Stage = stage
	r.Turns = nil
}
