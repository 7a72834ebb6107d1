package pilot

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// Approve grants the written approval (批复) for all cleared proposals.
type Approve struct {
	Number string `json:"number" minLength:"1" maxLength:"60" doc:"document number (文号)"`
}

// GiveUp withdraws a single proposal on behalf of its organization, before the approval.
type GiveUp struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Reason   string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Check rejects the approval of a proposal that has not completed its public notice. The amounts need no check, because the review
// keeps them within the amount applied for.
func (a *Approve) Check(p *Pilot, _ flow.Context) error {
	if !p.left(CaseCleared) {
		return domain.Refuse("nothing-cleared", "")
	}
	if slices.Contains(p.Numbers, a.Number) {
		return domain.Refuse("duplicate-number", "number", "key", a.Number)
	}
	return nil
}

func (a *Approve) Decide(p *Pilot, c flow.Context) []flow.Event {
	e := &PilotApproved{
		Number: a.Number, First: len(p.Numbers) == 0,
		Agreement: c.Deadline(c.Today(), project.AgreementTerm),
	}
	for i, q := range p.Cases {
		if q.Status == CaseCleared {
			e.Grants = append(e.Grants, Grant{
				Proposal: p.Proposals[i].Code, Project: p.ID + "." + strconv.Itoa(i+1), Fen: q.GrantFen,
			})
		}
	}
	return []flow.Event{e}
}

func (g *GiveUp) About() string { return g.Proposal }

// Unadmitted returns an error for a proposal that can no longer be given up, while other proposals of the pilot still can.
func (g *GiveUp) Unadmitted(s flow.State, _ *place.Table) error {
	if p := s.(*Pilot); p.deciding() {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", g.Proposal)
	}
	return nil
}

func (g *GiveUp) Check(p *Pilot, c flow.Context) error {
	q, proposal := p.caseOf(g.Proposal)
	if q == nil || (q.Status != CaseNotice && q.Status != CaseCleared) {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", g.Proposal)
	}
	if proposal.Organization.CreditCode != c.Actor.Organization {
		return domain.Refuse("wrong-organization", "proposal", "zh", plan.ApplicantSeat.Name.ZH, "en", plan.ApplicantSeat.Name.EN)
	}
	return nil
}

func (g *GiveUp) Decide(p *Pilot, c flow.Context) []flow.Event {
	return p.remove(g.Proposal, RemovalGivenUp, g.Reason, c)
}

// Grant is the amount approved for one proposal, which becomes a project.
type Grant struct {
	Proposal string    `json:"proposal"`
	Project  string    `json:"project"`
	Fen      money.Fen `json:"fen"`
}

// PilotApproved records the written approval. Each cleared proposal becomes a project.
type PilotApproved struct {
	Number    string        `json:"number"`
	First     bool          `json:"first"` // whether this is the pilot's first approval, which also books the fund's money and the evaluator's contract
	Grants    []Grant       `json:"grants"`
	Agreement flow.Deadline `json:"agreement"` // deadline for both sides to sign the agreement
}

func (e *PilotApproved) Apply(p *Pilot) {
	p.Numbers = append(p.Numbers, e.Number)
	p.Stage = Rollout
	p.Done(AwaitApproval, "")
	if p.Turn(AwaitVillages, "") == nil {
		p.Open(AwaitVillages, "", flow.Deadline{})
	}
	for _, g := range e.Grants {
		q, _ := p.caseOf(g.Proposal)
		q.Status, q.Project, q.Agreement = CaseApproved, g.Project, e.Agreement
		p.Owe(StartProject, g.Project)
	}
}
