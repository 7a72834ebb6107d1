package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Shape is the version of the JSON format of states. A state stored in a different format is rebuilt from the journal.
const Shape = 7

// State is the current state of an aggregate, the result of all its events: a pointer to a struct that embeds Record.
type State interface {
	// Aggregate returns the description of the state's kind.
	Aggregate() *Aggregate
	Common() *Record
	// Root returns the id of the aggregate whose timeline and dossier include this one, which is its own id if it stands alone.
	Root() string
	// Place returns the code of the place whose office is in charge of the aggregate.
	Place() string
	// Party returns the party that holds a seat in this aggregate.
	Party(seat Seat) domain.Party
	// Awaited returns the parties for whom a turn waits, or nil for the party declared in its row of the lifecycle.
	Awaited(t Turn) []domain.Party
	// Lapse returns the events that follow when the hard due date of a wait has passed.
	Lapse(turns []Turn, c Context) []Event
	// Claims returns the keys that no other aggregate may hold, such as the key for an organization's application in a programme.
	Claims() []string
	// Readers returns who can read the aggregate, in addition to auditors and the offices above its place.
	Readers() Readers
	// Label returns the name of the aggregate for lists that contain several kinds.
	Label() domain.Text
	// Part returns what an actor with partial access may see: a copy without the parts that do not concern the actor, or the state
	// itself if there is nothing to leave out.
	Part(a domain.Actor) State
}

// Record is the part of a state that the engine maintains. It is the same for every kind.
type Record struct {
	ID        string        `json:"id"`
	Version   int           `json:"version"` // number of decisions so far; If-Match refers to it
	Seq       int           `json:"seq"`     // number of events so far, including reminders
	Stage     Stage         `json:"stage"`
	AsOf      calendar.Date `json:"-"` // while an event is applied, the day on which it takes effect
	Programme ProgrammeRef  `json:"programme"`
	Turns     []Turn        `json:"turns,omitempty"`
	Duties    []Duty        `json:"duties,omitempty"`
	// Rounds counts how often each turn has been opened, so that a command sent in one round cannot be mistaken for a command of
	// another.
	Rounds map[string]int `json:"rounds,omitempty"`
}

// ProgrammeRef identifies the version of a programme whose rules govern an aggregate.
type ProgrammeRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Common returns the Record embedded in the state.
func (r *Record) Common() *Record { return r }

// Root returns the aggregate's own id. It is the default for kinds that stand alone.
func (r *Record) Root() string { return r.ID }

// Awaited returns nil, so that each turn waits for the party declared in its row of the lifecycle.
func (*Record) Awaited(Turn) []domain.Party { return nil }

// Lapse returns no events. It is the default for kinds without hard due dates.
func (*Record) Lapse([]Turn, Context) []Event { return nil }

// Claims returns no keys. It is the default for kinds that claim none.
func (*Record) Claims() []string { return nil }

// Label returns an empty text, for which lists substitute the title of the kind.
func (*Record) Label() domain.Text { return domain.Text{} }

// Readers returns no readers. It is the default for kinds that only auditors and the offices above their place can read.
func (*Record) Readers() Readers { return Readers{} }

// RefOf returns the kind and id of an aggregate.
func RefOf(s State) Ref { return Ref{s.Aggregate().Kind, s.Common().ID} }

// RecordOf returns a copy of the Record embedded in a state.
func RecordOf(s State) Record { return *s.Common() }

// Deadline is a due date and the date of its reminder, as stored in events. It is provisional if it depends on a year for which no
// holiday notice had been published.
type Deadline struct {
	Due         calendar.Date `json:"due" doc:"last day, Asia/Shanghai"`
	Remind      calendar.Date `json:"remind" doc:"day of the reminder"`
	Provisional bool          `json:"provisional,omitempty" doc:"counted before the holiday notice of a year in it was published"`
}

// Term returns the length of a term according to the programme's rules, or its default if they do not set it.
func (c Context) Term(t Term) calendar.Term {
	if c.Rules != nil {
		if set, ok := c.Rules.Terms[t.Key]; ok {
			return set.Span()
		}
	}
	return t.Default.Span()
}

// Deadline returns the deadline of a term that is counted from the given date.
func (c Context) Deadline(from calendar.Date, t Term) Deadline {
	return c.Count(from, from, c.Term(t))
}

// Count returns the deadline of a wait that opens on one date but whose term is counted from another.
func (c Context) Count(opened, from calendar.Date, term calendar.Term) Deadline {
	due, provisional := c.Calendar.Due(from, term)
	d := c.By(opened, due)
	d.Provisional = provisional
	return d
}

// reminderDays is the default number of calendar days between a reminder and the due date.
const reminderDays = 3

// By returns the deadline of a wait that opens on the date from and is due on the date due. If there is not enough time for an
// earlier reminder, the reminder is sent on the due date.
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

// Turn is an open wait for a person or for a date. Subject says which milestone, tranche or proposal it is about, if there can be
// several.
type Turn struct {
	Key       WaitKey `json:"key"`
	Subject   string  `json:"subject,omitempty"`
	Round     int     `json:"round"`
	Deadline  `json:"deadline"`
	Reminded  bool `json:"reminded,omitempty"`
	Escalated bool `json:"escalated,omitempty"`
	// Urged counts how often those awaited have been urged in this turn; LastUrge describes the most recent urging.
	Urged    int    `json:"urged,omitempty"`
	LastUrge Urging `json:"last_urge,omitzero"`
}

// Moment is an event in the life of a turn that is caused only by the passage of time.
type Moment string

const (
	Remind   Moment = "remind"   // before the due date, those awaited are notified
	Escalate Moment = "escalate" // after a soft due date, their superior is notified
	Lapse    Moment = "lapse"    // after a hard due date, the consequence takes effect
)

// reminderHour is the hour of the day in Shanghai at which reminders are sent.
const reminderHour = 9

// next returns the turn's next moment and its time, or false if there is none.
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

// Duty is a task that the workflows have to perform for an aggregate.
type Duty struct {
	Key     DutyKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
}

// DutyKey is the name of a kind of duty.
type DutyKey string

// Open opens a wait. If it is already open, Open reopens it with the new deadline.
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

// Turn returns the open wait with the given key and subject, or nil if there is none.
func (r *Record) Turn(key WaitKey, subject string) *Turn {
	for i := range r.Turns {
		if r.Turns[i].Key == key && r.Turns[i].Subject == subject {
			return &r.Turns[i]
		}
	}
	return nil
}

// Owe adds a duty for the workflows.
func (r *Record) Owe(key DutyKey, subject string) {
	r.Duties = append(r.Duties, Duty{key, subject})
}

// Discharge removes a duty that the workflows have performed.
func (r *Record) Discharge(key DutyKey, subject string) {
	r.Duties = slices.DeleteFunc(r.Duties, func(d Duty) bool { return d == Duty{key, subject} })
}

// Enter moves the aggregate to a stage and closes all waits of the previous stage.
func (r *Record) Enter(stage Stage) {
	r.Stage = stage
	r.Turns = nil
}
