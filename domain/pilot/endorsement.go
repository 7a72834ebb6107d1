package pilot

import (
	"terrace/domain"
	"terrace/domain/place"
	"terrace/domain/programme"
)

// Endorse recommends the application to the next office (审核推荐).
type Endorse struct {
	Opinion string `json:"opinion" minLength:"1" maxLength:"2000"`
}

// Return sends the application one level down (退回).
type Return struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Reject ends the pilot (否决).
type Reject struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// check: whoever submitted does not endorse.
func (*Endorse) check(p *Pilot, c Context) error {
	if c.Actor.ID == p.SubmittedBy {
		return domain.Refuse("same-person", "", "zh", "提交申报", "en", "submitted the application")
	}
	return nil
}

func (e *Endorse) decide(p *Pilot, c Context) []Event {
	next := p.Level + 1
	if next == len(p.Chain) {
		return []Event{&PilotEndorsed{Office: p.Chain[p.Level], Opinion: e.Opinion, Level: next, Deadline: c.deadline(c.Today(), programme.ReviewTerm)}}
	}
	return []Event{&PilotEndorsed{Office: p.Chain[p.Level], Opinion: e.Opinion, Level: next, Deadline: p.endorsement(next, c)}}
}

// endorsement is the deadline of the office at a level of the chain.
func (p *Pilot) endorsement(level int, c Context) Deadline {
	office, _ := c.Places.Get(place.Code(p.Chain[level]))
	return c.deadline(c.Today(), programme.EndorsementTerm[office.Level])
}

func (*Return) check(*Pilot, Context) error { return nil }

func (r *Return) decide(p *Pilot, c Context) []Event {
	if p.Level == 0 {
		return []Event{&CorrectionRequested{Reason: r.Reason, Deadline: c.deadline(c.Today(), programme.CorrectionTerm)}}
	}
	return []Event{&PilotReturned{Reason: r.Reason, Level: p.Level - 1, Deadline: p.endorsement(p.Level-1, c)}}
}

// check: an approved pilot is not rejected any more.
func (*Reject) check(p *Pilot, _ Context) error {
	if len(p.Numbers) > 0 {
		return wrongStage(p, Find(PilotKind, "reject"))
	}
	return nil
}

func (r *Reject) decide(_ *Pilot, _ Context) []Event {
	return []Event{&PilotRejected{Reason: r.Reason}}
}

// PilotEndorsed means that an office recommends the application; the next one's turn begins, or the review.
type PilotEndorsed struct {
	Office   string   `json:"office"`
	Opinion  string   `json:"opinion"`
	Level    int      `json:"level"` // of the chain, next to decide
	Deadline Deadline `json:"deadline"`
}

func (e *PilotEndorsed) apply(p *Pilot) {
	p.Level = e.Level
	if p.Level < len(p.Chain) {
		p.enter(Endorsement)
		p.open(AwaitEndorsement, "", e.Deadline)
		return
	}
	for i := range p.Cases {
		if p.Cases[i].Status == CaseProposed {
			p.Cases[i].Status = CaseReview
		}
	}
	p.enter(Review)
	p.open(AwaitReview, "", e.Deadline)
}

// PilotReturned sends the application one level down, with a fresh deadline.
type PilotReturned struct {
	Reason   string   `json:"reason"`
	Level    int      `json:"level"`
	Deadline Deadline `json:"deadline"`
}

func (e *PilotReturned) apply(p *Pilot) {
	p.Level = e.Level
	p.enter(Endorsement)
	p.open(AwaitEndorsement, "", e.Deadline)
}

// PilotRejected means that an office of the chain ended the pilot.
type PilotRejected struct {
	Reason string `json:"reason"`
}

func (e *PilotRejected) apply(p *Pilot) { p.end(Rejected) }
