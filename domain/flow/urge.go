package flow

import (
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/place"
)

// UrgeCommand is the name of the command that urges those awaited to act.
const UrgeCommand = "urge"

// Urge urges those awaited to act (催办). Its only effect is to increment the number of times that they have been urged in this
// turn. It leaves the version for If-Match unchanged.
type Urge struct {
	Wait    WaitKey `json:"wait" minLength:"1" maxLength:"60" pattern:"^[a-z-]+$" patternDescription:"the key of an open turn" example:"endorsement" doc:"the key of the turn to urge, from progress.turns"`
	Subject string  `json:"subject,omitempty" maxLength:"120" doc:"the subject of the turn, if it has one"`
}

// ReaderSeat is held by everyone who may read the aggregate. For anyone else the command has been rejected with not-found before
// seats are checked.
var ReaderSeat = Seat{Key: "reader", Name: domain.Text{ZH: "可查阅该记录的人员", EN: "anyone who can read the record"}}

// Urging is an occasion on which a user urged those awaited. They can be urged again in the same turn on or after the date Again.
type Urging struct {
	By    string        `json:"by"` // actor id
	As    Seated        `json:"as,omitzero"`
	On    calendar.Date `json:"on"`
	Again calendar.Date `json:"again"`
}

// Check rejects the command if nobody is awaited in the turn, if the sender is the one awaited, or if those awaited were already urged
// in the same turn and the next working day has not begun.
//
// Errors: no-such-turn, own-turn, urged-already.
func (u *Urge) Check(s State, c Context) error {
	t := s.Common().Turn(u.Wait, u.Subject)
	if t == nil || !anybody(SeatsOf(s, *t)) {
		return u.noSuchTurn(s)
	}
	if !Urgeable(SeatsOf(s, *t), c.Actor) {
		return domain.Refuse("own-turn", "wait")
	}
	if last := t.LastUrge; c.Today().Before(last.Again) {
		by := last.As.called(c.Places)
		if last.By == c.Actor.ID {
			by = domain.T("您", "you")
		}
		return domain.Refuse("urged-already", "wait", "zh", by.ZH, "en", by.EN, "on", last.On.String(), "day", last.Again.String())
	}
	return nil
}

// anybody reports whether a turn with these seats waits for a person.
func anybody(seats []Seated) bool {
	return slices.ContainsFunc(seats, func(s Seated) bool { return s.Role != "" })
}

// mostOpen is the maximum number of open turns that a refusal names.
const mostOpen = 20

// noSuchTurn returns the refusal for a turn that is not open. It names the turns that can be urged instead.
func (u *Urge) noSuchTurn(s State) error {
	asked := u.named(s)
	var zh, en []string
	for _, t := range s.Common().Turns {
		if anybody(SeatsOf(s, t)) && len(zh) < mostOpen {
			open := (&Urge{t.Key, t.Subject}).named(s)
			zh, en = append(zh, open.ZH), append(en, open.EN)
		}
	}
	if len(zh) == 0 {
		zh, en = []string{"无"}, []string{"none"}
	}
	return domain.Refuse("no-such-turn", "wait", "zh", asked.ZH, "en", asked.EN, "open-zh", strings.Join(zh, "；"), "open-en", strings.Join(en, "; "))
}

// named returns the display name of a turn, with the key and subject that the command requires.
func (u *Urge) named(s State) domain.Text {
	title, subject := s.Aggregate().Wait(u.Wait).Title, domain.Text{}
	if t := s.Common().Turn(u.Wait, u.Subject); t != nil {
		title = viewOf(s, *t).Title
	}
	if title == subject { // no such wait
		title = domain.T(string(u.Wait), string(u.Wait))
	}
	if u.Subject != "" {
		subject = domain.T("，subject 填 "+u.Subject, ", subject "+u.Subject)
	}
	return domain.T("“"+title.ZH+"”（wait 填 "+string(u.Wait)+subject.ZH+"）", "“"+title.EN+"” (wait "+string(u.Wait)+subject.EN+")")
}

// called returns a display name for the holder of a seat that does not identify the person.
func (s Seated) called(places *place.Table) domain.Text {
	role, known := domain.Roles[s.Role]
	if !known {
		return domain.T("其他人员", "someone else")
	}
	said := domain.T(role.ZH, domain.Article(s.Role)+role.EN)
	if kind, value, _ := strings.Cut(s.Seat, "/"); kind+"/" != personKey && value != "" {
		zh, en := places.Called(place.Code(value)) // the code of an organization stays as it is
		said.ZH, said.EN = said.ZH+"（"+zh+"）", said.EN+" ("+en+")"
	}
	return said
}

func (u *Urge) Decide(_ State, c Context) []Event {
	e := &Urged{Key: u.Wait, Subject: u.Subject, Urging: Urging{By: c.Actor.ID, On: c.Today()}}
	e.Again, _ = c.Calendar.AddWorkdays(c.Today(), 1)
	if seats := SeatsHeld(c.Actor, false); len(seats) > 0 {
		e.As = seats[0]
	}
	return []Event{e}
}

// Urged records that a user urged those awaited to act.
type Urged struct {
	Key     WaitKey `json:"key"`
	Subject string  `json:"subject,omitempty"`
	Urging
}

// urged1 is version 1 of the event, which recorded neither the date nor the seat of the sender.
type urged1 struct {
	Key     WaitKey       `json:"key"`
	Subject string        `json:"subject,omitempty"`
	By      string        `json:"by"`
	Again   calendar.Date `json:"again"`
}

// upcast dates the urging on the day before Again, which is correct unless days off lay in between.
func (old urged1) upcast() (Urged, error) {
	return Urged{Key: old.Key, Subject: old.Subject, Urging: Urging{By: old.By, On: old.Again.AddDays(-1), Again: old.Again}}, nil
}

func (e *Urged) Apply(s State) {
	if t := s.Common().Turn(e.Key, e.Subject); t != nil {
		t.Urged, t.LastUrge = t.Urged+1, e.Urging
	}
}

// urging declares the command Urge. Auditors and the public have read-only access, so they may not send it.
func urging() *Declaration {
	return Declare[State, Urge](UrgeCommand, In(
		ReaderSeat, domain.CaseOfficer, domain.Approver, domain.Finance, domain.Applicant, domain.Expert, domain.Evaluator, domain.Village,
	),
		domain.Text{ZH: "催办", EN: "Urge"},
		domain.Text{ZH: "提醒当前承办人尽快办理，同一事项每个工作日一次", EN: "Asks whoever is awaited to act; once per working day for each turn."},
	).Refusing("no-such-turn", "own-turn", "urged-already")
}
