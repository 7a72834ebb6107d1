package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
)

// UrgeCommand is the name of the command that urges whoever is awaited.
const UrgeCommand = "urge"

// Urge asks whoever is awaited to act (催办). It only raises the count of the turn, and does not change the version that If-Match is
// compared with.
type Urge struct {
	Wait    WaitKey `json:"wait" minLength:"1" maxLength:"60" pattern:"^[a-z-]+$" patternDescription:"the key of an open turn" example:"endorsement" doc:"the key of the turn to urge, from progress.turns"`
	Subject string  `json:"subject,omitempty" maxLength:"120" doc:"the subject of the turn, if it has one"`
}

// ReaderSeat is held by everybody who may read the aggregate. Anyone else has been refused with not-found before seats are looked at.
var ReaderSeat = Seat{Key: "reader", Name: domain.Text{ZH: "可查阅该记录的人员", EN: "anyone who can read the record"}}

// Check refuses to urge if nobody is awaited, to urge oneself, and to urge the same turn again before the next working day.
//
// Errors: no-such-turn, own-turn, urged-already.
func (u *Urge) Check(s State, c Context) error {
	t := s.Common().Turn(u.Wait, u.Subject)
	var awaited []domain.Party
	if t != nil {
		awaited = viewOf(s, *t).Who
	}
	if len(awaited) == 0 {
		return domain.Refuse("no-such-turn", "wait", "wait", string(u.Wait))
	}
	if !slices.ContainsFunc(awaited, func(p domain.Party) bool { return !p.Admits(c.Actor) }) { // nobody else is awaited
		return domain.Refuse("own-turn", "wait")
	}
	if c.Today().Before(t.UrgeAgain) {
		return domain.Refuse("urged-already", "wait", "day", t.UrgeAgain.String())
	}
	return nil
}

func (u *Urge) Decide(_ State, c Context) []Event {
	again, _ := c.Calendar.AddWorkdays(c.Today(), 1)
	return []Event{&Urged{Key: u.Wait, Subject: u.Subject, By: c.Actor.ID, Again: again}}
}

// Urged records that somebody urged whoever is awaited. From the day Again, the turn can be urged again.
type Urged struct {
	Key     WaitKey       `json:"key"`
	Subject string        `json:"subject,omitempty"`
	By      string        `json:"by"`
	Again   calendar.Date `json:"again"`
}

func (e *Urged) Apply(s State) {
	if t := s.Common().Turn(e.Key, e.Subject); t != nil {
		t.Urged, t.UrgeAgain = t.Urged+1, e.Again
	}
}

// urging declares the command Urge. Auditors and the public can only read, so they may not send it.
func urging() *Declaration {
	return Declare[State, Urge](UrgeCommand, In(
		ReaderSeat, domain.CaseOfficer, domain.Approver, domain.Finance, domain.Applicant, domain.Expert, domain.Evaluator, domain.Village,
	),
		domain.Text{ZH: "催办", EN: "Urge"},
		domain.Text{ZH: "提醒当前承办人尽快办理，同一事项每个工作日一次", EN: "Asks whoever is awaited to act; once per working day for each turn."},
	).Refusing("no-such-turn", "own-turn", "urged-already")
}
