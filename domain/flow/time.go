package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// The commands that every aggregate accepts from the workflows.
const (
	KeepTimeCommand  = "keep-time"
	DischargeCommand = "discharge"
)

// KeepTime makes due dates take effect: it sends reminders, escalates and lets waits lapse. It names the moment for which it is sent.
// If that moment has not been reached, or an earlier one has replaced it, the command is rejected with not-due.
type KeepTime struct {
	Key     WaitKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
	Round   int     `json:"round"`
	Moment  Moment  `json:"moment"`
}

// Keep returns the command that is sent when the moment is reached.
func (n NextMoment) Keep() *KeepTime { return &KeepTime{n.Key, n.Subject, n.Round, n.Moment} }

// Discharge records that the workflows have performed a duty whose completion nothing else in the record shows.
type Discharge struct {
	Duty Duty `json:"duty"`
}

func (k *KeepTime) Check(s State, c Context) error {
	next := earliest(s)
	if next == nil || c.Now.Before(next.At) || *next.Keep() != *k {
		return domain.Refuse("not-due", "")
	}
	return nil
}

// Decide acts on the earliest moment, the one named by Progress. It handles all reminders and escalations that are due together. Of
// the lapses, it handles only those of one wait at one instant, because a lapse can end other waits.
func (*KeepTime) Decide(s State, c Context) []Event {
	first := earliest(s)
	if first.Moment == Lapse {
		var lapsed []Turn
		for _, t := range s.Common().Turns {
			if moment, at, ok := t.next(s.Aggregate().Wait(t.Key)); ok && moment == Lapse && t.Key == first.Key && at.Equal(first.At) {
				lapsed = append(lapsed, t)
			}
		}
		return s.Lapse(lapsed, c)
	}
	var events []Event
	for _, t := range s.Common().Turns {
		moment, at, ok := t.next(s.Aggregate().Wait(t.Key))
		switch {
		case !ok || c.Now.Before(at) || moment == Lapse:
		case moment == Remind:
			events = append(events, &Reminded{t.Key, t.Subject, t.Due})
		case moment == Escalate:
			events = append(events, &Escalated{t.Key, t.Subject, t.Due})
		}
	}
	return events
}

func (p *Discharge) Check(s State, _ Context) error {
	if !slices.Contains(s.Common().Duties, p.Duty) {
		return domain.Refuse("no-such-duty", "duty")
	}
	return nil
}

func (p *Discharge) Decide(State, Context) []Event { return []Event{&Discharged{p.Duty}} }

// Reminded records that those awaited were reminded of the due date.
type Reminded struct {
	Key     WaitKey       `json:"key"`
	Subject string        `json:"subject,omitempty"`
	Due     calendar.Date `json:"due,omitzero"` // zero in entries of version 1
}

// moment1 is version 1 of Reminded and Escalated, which did not record the due date.
type moment1 struct {
	Key     WaitKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
}

func (old moment1) reminded() (Reminded, error) {
	return Reminded{Key: old.Key, Subject: old.Subject}, nil
}

func (old moment1) escalated() (Escalated, error) {
	return Escalated{Key: old.Key, Subject: old.Subject}, nil
}

func (e *Reminded) Apply(s State) {
	if t := s.Common().Turn(e.Key, e.Subject); t != nil {
		t.Reminded = true
	}
}

// Escalated records that an office missed its own deadline and that its superior was notified.
type Escalated struct {
	Key     WaitKey       `json:"key"`
	Subject string        `json:"subject,omitempty"`
	Due     calendar.Date `json:"due,omitzero"` // zero in entries of version 1
}

func (e *Escalated) Apply(s State) {
	if t := s.Common().Turn(e.Key, e.Subject); t != nil {
		t.Reminded, t.Escalated = true, true
	}
}

// Discharged records that the workflows have performed a duty.
type Discharged struct {
	Duty Duty `json:"duty"`
}

func (e *Discharged) Apply(s State) { s.Common().Discharge(e.Duty.Key, e.Duty.Subject) }

// engineCommands returns the commands that every kind of aggregate accepts.
func engineCommands() []*Declaration {
	all := []*Declaration{
		Declare[State, KeepTime](KeepTimeCommand, Itself,
			domain.Text{ZH: "到期处理", EN: "Act on what is due"},
			domain.Text{ZH: "到期时提醒、上报或自动结束", EN: "Reminds, escalates or ends whatever is due."}),
		Declare[State, Discharge](DischargeCommand, Itself,
			domain.Text{ZH: "履行系统职责", EN: "Record a duty as done"},
			domain.Text{ZH: "记录系统职责已完成", EN: "Records that the workflows have done a duty."}),
		urging(),
	}
	for _, d := range all {
		d.engine = true
	}
	return all
}

func engineEvents() []*EventType {
	all := []*EventType{
		Happens[State, Reminded]("reminded", domain.Text{ZH: "到期提醒", EN: "Reminded of the due day"}).Formerly(Upcast(moment1.reminded)),
		Happens[State, Escalated]("escalated", domain.Text{ZH: "逾期上报", EN: "Reported to the office above after the due day"}).Formerly(Upcast(moment1.escalated)),
		Happens[State, Urged]("urged", domain.Text{ZH: "催办", EN: "Urged to act"}).Formerly(Upcast(urged1.upcast)),
		Happens[State, Discharged]("discharged", domain.Text{ZH: "系统职责已完成", EN: "Duty done by the workflows"}),
	}
	for _, t := range all {
		t.Quiet = true
	}
	return all
}

// About returns the wait that a reminder, an escalation or an urging is about, with its subject and its due date, if the event
// records one. It returns an empty key for any other event.
func About(e Event) (key WaitKey, subject string, due calendar.Date) {
	switch e := e.(type) {
	case *Reminded:
		return e.Key, e.Subject, e.Due
	case *Escalated:
		return e.Key, e.Subject, e.Due
	case *Urged:
		return e.Key, e.Subject, due
	default:
		return "", "", due
	}
}

// DueBy reports whether the next moment has been reached by the given time.
func (p Progress) DueBy(now time.Time) bool { return p.Next != nil && !now.Before(p.Next.At) }
