package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Approve gives the written approval (批复) for every cleared proposal.
type Approve struct {
	Number string `json:"number" minLength:"1" maxLength:"60" doc:"document number (文号)"`
}

// GiveUp takes the organization's own proposal back before the approval.
type GiveUp struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Reason   string `json:"reason" minLength:"1" maxLength:"2000"`
}

// check: what is approved came through its notice; the review kept it within what was asked for.
func (a *Approve) check(p *Pilot, _ Context) error {
	if !p.left(CaseCleared) {
		return domain.Refuse("nothing-cleared", "")
	}
	if slices.Contains(p.Numbers, a.Number) {
		return domain.Refuse("duplicate-number", "number", "key", a.Number)
	}
	return nil
}

func (a *Approve) decide(p *Pilot, c Context) []Event {
	e := &PilotApproved{
		Number: a.Number, First: len(p.Numbers) == 0,
		Agreement: c.deadline(c.Today(), programme.AgreementTerm),
	}
	for i, q := range p.Cases {
		if q.Status == CaseCleared {
			e.Grants = append(e.Grants, Grant{
				Proposal: p.Proposals[i].Code, Project: p.ID + "." + itoa(i+1), Fen: q.GrantFen,
			})
		}
	}
	return []Event{e}
}

func (g *GiveUp) subject() string { return g.Proposal }

func (g *GiveUp) check(p *Pilot, c Context) error {
	q, proposal := p.caseOf(g.Proposal)
	if q == nil || (q.Status != CaseNotice && q.Status != CaseCleared) {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", g.Proposal)
	}
	if proposal.Organization.CreditCode != c.Actor.Organization {
		return domain.Refuse("wrong-organization", "proposal", "zh", Seats[ApplicantSeat].ZH, "en", Seats[ApplicantSeat].EN)
	}
	return nil
}

func (g *GiveUp) decide(p *Pilot, c Context) []Event {
	return p.remove(g.Proposal, "given-up", g.Reason, c)
}

// Grant is what the approval gives to one proposal: it becomes a project.
type Grant struct {
	Proposal string    `json:"proposal"`
	Project  string    `json:"project"`
	Fen      money.Fen `json:"fen"`
}

// PilotApproved is the written approval; each cleared proposal becomes a project.
type PilotApproved struct {
	Number    string   `json:"number"`
	First     bool     `json:"first"` // with it, the fund's money and the evaluator's contract are booked
	Grants    []Grant  `json:"grants"`
	Agreement Deadline `json:"agreement"` // for both sides to sign
}

func (e *PilotApproved) apply(p *Pilot) {
	p.Numbers = append(p.Numbers, e.Number)
	p.Stage = Rollout
	p.done(AwaitApproval, "")
	if p.turn(AwaitVillages, "") == nil {
		p.open(AwaitVillages, "", Deadline{})
	}
	for _, g := range e.Grants {
		q, _ := p.caseOf(g.Proposal)
		q.Status, q.Project, q.Agreement = CaseApproved, g.Project, e.Agreement
		p.owe(StartProject, g.Project)
	}
}
