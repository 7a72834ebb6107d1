package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
)

// UrgeCommand is the command with which people urge whoever keeps them waiting.
const UrgeCommand = "urge"

// Urge asks whoever is awaited to act (催办). It changes only the turn's own count, and leaves the version that If-Match compares as it
// is.
type Urge struct {
	Wait    WaitKey `json:"wait" minLength:"1" maxLength:"60" pattern:"^[a-z-]+$" patternDescription:"the key of an open turn" example:"endorsement" doc:"the key of the turn to urge, from progress.turns"`
	Subject string  `json:"subject,omitempty" maxLength:"120" doc:"the subject of the turn, if it has one"`
}

// ReaderSeat is the seat of everybody who may read the aggregate. Others are refused with not-found before seats matter.
var ReaderSeat = Seat{Key: "reader", Name: domain.Text{ZH: "可查阅该记录的人员", EN: "anyone who can read the record"}}

// Check refuses to urge where nobody is awaited, to urge oneself, and to urge for the same turn again before the next working day.
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

// Urged records that somebody who waits asked whoever is awaited to act. From the day Again this can be repeated.
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

// urging declares the command. Auditors and the public read but do not act, so they cannot send it.
func urging() *Declaration {
	return Declare[State, Urge](UrgeCommand, In(
		ReaderSeat, domain.CaseOfficer, domain.Approver, domain.Finance, domain.Applicant, domain.Expert, domain.Evaluator, domain.Village,
	),
		domain.Text{ZH: "催办", EN: "Urge"},
		domain.Text{ZH: "提醒当前承办人尽快办理，同一事项每个工作日一次", EN: "Asks whoever is awaited to act; once per working day for each turn."},
	).Refusing("no-such-turn", "own-turn", "urged-already")
}
