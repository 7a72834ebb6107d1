package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/plan"
)

// PutProposal adds a proposal to a draft, or replaces the one with the same code.
type PutProposal struct{ plan.Proposal }

// RemoveProposal removes a proposal from a draft.
type RemoveProposal struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24" doc:"code of the proposal"`
}

func (q *PutProposal) Check(p *Pilot, c flow.Context) error {
	if p.indexOf(q.Code) >= 0 {
		return nil
	}
	return withinLimit(len(p.Proposals)+1, c)
}

func (q *PutProposal) Decide(*Pilot, flow.Context) []flow.Event {
	return []flow.Event{&ProposalPut{plan.RecordProposal(q.Proposal)}}
}

func (r *RemoveProposal) Check(p *Pilot, _ flow.Context) error {
	if p.indexOf(r.Proposal) < 0 {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", r.Proposal)
	}
	return nil
}

func (r *RemoveProposal) Decide(*Pilot, flow.Context) []flow.Event {
	return []flow.Event{&ProposalDropped{r.Proposal}}
}

// indexOf returns the index of the proposal with the code, or -1 if there is none.
func (p *Pilot) indexOf(code string) int {
	return slices.IndexFunc(p.Proposals, func(q plan.Proposal) bool { return q.Code == code })
}

// ProposalPut records that a proposal was added to the draft or replaced the one with the same code.
type ProposalPut struct {
	Proposal plan.RecordedProposal `json:"proposal"`
}

// Apply puts the proposal into the application. During a correction it also adds a case for a new proposal.
func (e *ProposalPut) Apply(p *Pilot) {
	if i := p.indexOf(e.Proposal.Code); i >= 0 {
		p.Proposals[i] = e.Proposal.Proposal()
		return
	}
	if len(p.Cases) == len(p.Proposals) && p.Stage == Correction {
		p.Cases = append(p.Cases, Case{Status: CaseProposed})
	}
	p.Proposals = append(p.Proposals, e.Proposal.Proposal())
}

// ProposalDropped records that a proposal was removed from the draft.
type ProposalDropped struct {
	Proposal string `json:"proposal"`
}

func (e *ProposalDropped) Apply(p *Pilot) {
	i := p.indexOf(e.Proposal)
	p.Proposals = slices.Delete(p.Proposals, i, i+1)
	if i < len(p.Cases) {
		p.Cases = slices.Delete(p.Cases, i, i+1)
	}
}
