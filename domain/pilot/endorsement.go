package pilot

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/place"
)

// Endorse recommends the application to the next office (审核推荐).
type Endorse struct {
	Opinion string `json:"opinion" minLength:"1" maxLength:"2000"`
}

// Return sends the application back to the office one level below (退回).
type Return struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Reject rejects the application and ends the pilot (否决).
type Reject struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Check rejects an endorsement by the person who submitted the application.
func (*Endorse) Check(p *Pilot, c flow.Context) error {
	if c.Actor.ID == p.SubmittedBy {
		return domain.Refuse("same-person", "", "zh", "提交本次申报", "en", "submitted this application")
	}
	return nil
}

func (e *Endorse) Decide(p *Pilot, c flow.Context) []flow.Event {
	next := p.Level + 1
	if next == len(p.Chain) {
		return []flow.Event{&PilotEndorsed{Office: p.Chain[p.Level], Opinion: e.Opinion, Level: next, Deadline: c.Deadline(c.Today(), ReviewTerm)}}
	}
	return []flow.Event{&PilotEndorsed{Office: p.Chain[p.Level], Opinion: e.Opinion, Level: next, Deadline: p.endorsement(next, c)}}
}

// endorsement returns the deadline for the endorsement by the office at the given position in the chain.
func (p *Pilot) endorsement(level int, c flow.Context) flow.Deadline {
	office, _ := c.Places.Get(place.Code(p.Chain[level]))
	return c.Deadline(c.Today(), endorsementTerms[office.Level])
}

func (*Return) Check(*Pilot, flow.Context) error { return nil }

func (r *Return) Decide(p *Pilot, c flow.Context) []flow.Event {
	if p.Level == 0 {
		return []flow.Event{&CorrectionRequested{Reason: r.Reason, Deadline: c.Deadline(c.Today(), CorrectionTerm)}}
	}
	return []flow.Event{&PilotReturned{Reason: r.Reason, Level: p.Level - 1, Deadline: p.endorsement(p.Level-1, c)}}
}

// Check returns an error if the pilot has already been approved.
func (*Reject) Check(p *Pilot, _ flow.Context) error {
	if len(p.Numbers) > 0 {
		return flow.WrongStage(p, "reject")
	}
	return nil
}

func (r *Reject) Decide(_ *Pilot, _ flow.Context) []flow.Event {
	return []flow.Event{&PilotRejected{Reason: r.Reason}}
}

// PilotEndorsed records that an office recommended the application. The next office then decides or, after the last one, the review
// begins.
type PilotEndorsed struct {
	Office   string        `json:"office"`
	Opinion  string        `json:"opinion"`
	Level    int           `json:"level"` // position in the chain, from 0, of the office that decides next; the length of the chain if none is left
	Deadline flow.Deadline `json:"deadline"`
}

func (e *PilotEndorsed) Apply(p *Pilot) {
	p.Level = e.Level
	p.because("")
	if p.Level < len(p.Chain) {
		p.Enter(Endorsement)
		p.Open(AwaitEndorsement, "", e.Deadline)
		return
	}
	for i := range p.Cases {
		if p.Cases[i].Status == CaseProposed {
			p.Cases[i].Status = CaseReview
		}
	}
	p.Enter(Review)
	p.Open(AwaitReview, "", e.Deadline)
}

// PilotReturned records that the application was sent back to the office one level below, which has a new deadline.
type PilotReturned struct {
	Reason   string        `json:"reason"`
	Level    int           `json:"level"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *PilotReturned) Apply(p *Pilot) {
	p.Level = e.Level
	p.because(e.Reason)
	p.Enter(Endorsement)
	p.Open(AwaitEndorsement, "", e.Deadline)
}

// PilotRejected records that one of the offices in the chain rejected the application.
type PilotRejected struct {
	Reason string `json:"reason"`
}

func (e *PilotRejected) Apply(p *Pilot) {
	p.because(e.Reason)
	p.end(Rejected)
}
