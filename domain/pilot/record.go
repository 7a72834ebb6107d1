// Package pilot holds the aggregates of a grant-funded pilot (试点): the pilot
// itself with its proposals, the projects (项目) in the villages, the payments
// (拨付) that carry money to them, the recoveries (追回) of what is owed back, and
// the differences (差异) that reconciliation finds. Commands are judged by Check, turned
// into events by Decide, and states follow from events by Apply alone.
package pilot

import (
	"slices"
	"strconv"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/programme"
)

// Kind is a kind of aggregate.
type Kind string

// The aggregates: each is decided about by itself, under one lock.
const (
	PilotKind      Kind = "pilot"
	ProjectKind    Kind = "project"
	PaymentKind    Kind = "payment"
	RecoveryKind   Kind = "recovery"
	DifferenceKind Kind = "difference"
)

// Kinds lists all of them.
var Kinds = []Kind{PilotKind, ProjectKind, PaymentKind, RecoveryKind, DifferenceKind}

// Shape is the number of the states' form. A state stored under another number is rebuilt from the journal.
const Shape = 3

// State is an aggregate as its events left it: *Pilot, *Project, *Payment, *Recovery or *Difference.
type State interface {
	Kind() Kind
	record() *Record
	// pilot is the id of the pilot it belongs to, place the code of the launching office's place.
	pilot() string
	place() string
	// party finds who sits in a seat of this aggregate, awaited who a turn waits for.
	party(seat Seat) domain.Party
	awaited(t Turn) []domain.Party
	// lapse tells what follows when the hard due day of a wait has passed.
	lapse(turns []Turn, c Context) []Event
	// claims are the keys this aggregate holds alone.
	claims() []string
}

// kindOf is the kind of the aggregates of type S; empty for what every kind has in common.
func kindOf[S State]() Kind {
	var s S
	switch any(s).(type) {
	case *Pilot:
		return PilotKind
	case *Project:
		return ProjectKind
	case *Payment:
		return PaymentKind
	case *Recovery:
		return RecoveryKind
	case *Difference:
		return DifferenceKind
	default:
		return ""
	}
}

// Empty is the state of an aggregate before its first event.
func Empty(kind Kind) State {
	switch kind {
	case PilotKind:
		return &Pilot{}
	case ProjectKind:
		return &Project{}
	case PaymentKind:
		return &Payment{}
	case RecoveryKind:
		return &Recovery{}
	default:
		return &Difference{}
	}
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

func (r *Record) record() *Record { return r }

// RecordOf exposes what every aggregate keeps.
func RecordOf(s State) Record { return *s.record() }

// Claims are the keys an aggregate holds alone, such as one application of one
// organization in one programme. No other aggregate may hold the same key.
func Claims(s State) []string { return s.claims() }

// Deadline is a due day and the day to remind of it, as an event carries them.
// Provisional tells that a holiday notice was not yet known.
type Deadline struct {
	Due         calendar.Date `json:"due"`
	Remind      calendar.Date `json:"remind"`
	Provisional bool          `json:"provisional,omitempty"`
}

// deadline counts a programme's term from a day.
func (c Context) deadline(from calendar.Date, key programme.TermKey) Deadline {
	return c.count(from, from, c.Rules.Term(key).Span())
}

// count makes a deadline of a term counted from a day, for a wait that opens on another.
func (c Context) count(opened, from calendar.Date, term calendar.Term) Deadline {
	due, provisional := c.Calendar.Due(from, term)
	d := c.by(opened, due)
	d.Provisional = provisional
	return d
}

// by makes a deadline of a set day: reminded of some days before, on the due day itself when it is nearer.
func (c Context) by(from, due calendar.Date) Deadline {
	remind := due.AddDays(-c.Rules.ReminderDays.Value)
	if !remind.After(from) {
		remind = due
	}
	return Deadline{Due: due, Remind: remind}
}

// Turn is an open wait: somebody is to act, or a day is to come. Subject tells
// which milestone, tranche or proposal where there are several.
type Turn struct {
	Key       WaitKey `json:"key"`
	Subject   string  `json:"subject,omitempty"`
	Round     int     `json:"round"`
	Deadline  `json:"deadline"`
	Reminded  bool `json:"reminded,omitempty"`
	Escalated bool `json:"escalated,omitempty"`
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
func (t Turn) next() (Moment, time.Time, bool) {
	w := waits[t.Key]
	if t.Due.IsZero() {
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

// Duty is something the workflows owe: publish, start a project, pay, ask the bank, claim back, report, seal.
type Duty struct {
	Key     DutyKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
}

// DutyKey names a kind of duty.
type DutyKey string

const (
	CheckEligibility DutyKey = "check-eligibility" // compare the proposals with the directory
	PublishNotice    DutyKey = "publish-notice"    // 公示; subject: round
	StartProject     DutyKey = "start-project"     // subject: project id
	Pay              DutyKey = "pay"               // subject: payment id
	Instruct         DutyKey = "instruct"          // hand a released payment to the bank
	Inquire          DutyKey = "inquire"           // ask the bank by reference; subject: final when it was posted
	StopPayment      DutyKey = "stop-payment"      // of a terminated project; subject: payment id
	StartRecovery    DutyKey = "start-recovery"    // subject: recovery id
	ReportPayment    DutyKey = "report-payment"    // tell the payer what became of its payment; subject: the outcome
	ReportEnd        DutyKey = "report-end"        // tell the pilot that its project ended
	Seal             DutyKey = "seal"              // 归档
)

func (r *Record) open(key WaitKey, subject string, d Deadline) {
	r.done(key, subject)
	if r.Rounds == nil {
		r.Rounds = map[string]int{}
	}
	name := string(key) + "/" + subject
	r.Rounds[name]++
	r.Turns = append(r.Turns, Turn{Key: key, Subject: subject, Round: r.Rounds[name], Deadline: d})
}

func (r *Record) done(key WaitKey, subject string) {
	r.Turns = slices.DeleteFunc(r.Turns, func(t Turn) bool { return t.Key == key && t.Subject == subject })
}

func (r *Record) turn(key WaitKey, subject string) *Turn {
	for i := range r.Turns {
		if r.Turns[i].Key == key && r.Turns[i].Subject == subject {
			return &r.Turns[i]
		}
	}
	return nil
}

func (r *Record) owe(key DutyKey, subject string) {
	r.Duties = append(r.Duties, Duty{key, subject})
}

func (r *Record) discharge(key DutyKey, subject string) {
	r.Duties = slices.DeleteFunc(r.Duties, func(d Duty) bool { return d == Duty{key, subject} })
}

// enter moves to a stage and ends every wait of the one before.
func (r *Record) enter(stage Stage) {
	r.Stage = stage
	r.Turns = nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// SetID gives a new aggregate its id, before its first event is applied.
func SetID(s State, id string) { s.record().ID = id }
