package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/plan"
)

// Readers lists the offices in the pilot's chain, the organizations with a proposal, the evaluator, the experts on the panel, and the
// villages of approved proposals. An application that was never submitted remains a draft.
func (p *Pilot) Readers() flow.Readers {
	r := flow.Readers{Draft: p.SubmittedBy == "", Offices: p.Chain, Organizations: []string{p.Evaluator.CreditCode}, Experts: p.Panel}
	for i, q := range p.Proposals {
		r.Organizations = append(r.Organizations, q.Organization.CreditCode)
		if i >= len(p.Cases) {
			continue
		}
		status := p.Cases[i].Status
		r.Public = r.Public || status == CaseNotice || status == CasePaused
		if status == CaseApproved {
			r.Villages = append(r.Villages, q.Village.Code)
		}
	}
	return r
}

// Part returns a copy without other organizations' plans and other experts' opinions. The evaluator and the panel see every plan, and
// the panel also sees the attachments. What an office has to correct may be about anybody's plan, so a part does not show it.
func (p *Pilot) Part(a domain.Actor) flow.State {
	part, committed := *p, p.CommittedFen()
	part.Promised = &committed
	part.Proposals, part.Cases, part.Attachments, part.Ends, part.Findings = []plan.Proposal{}, []Case{}, nil, nil, nil
	evaluates := a.Has(domain.Evaluator) && a.Organization == p.Evaluator.CreditCode
	judges := a.Has(domain.Expert) && slices.Contains(p.Panel, a.ID)
	if judges {
		part.Attachments = p.Attachments
	}
	if !p.Aggregate().Stage(p.Stage).Ended {
		part.Reason, part.ReasonOn = "", calendar.Date{}
	}
	for i, q := range p.Proposals {
		applies := a.Has(domain.Applicant) && a.Organization == q.Organization.CreditCode
		lives := a.Has(domain.Village) && a.Place == q.Village.Code
		if !evaluates && !judges && !applies && !lives {
			continue
		}
		part.Proposals = append(part.Proposals, q)
		if i < len(p.Cases) {
			part.Cases = append(part.Cases, p.Cases[i].opinionOf(a.ID))
		}
	}
	return &part
}

// opinionOf returns a copy of the case with only the given person's scores.
func (q Case) opinionOf(person string) Case {
	scores := map[string]Opinion{}
	if mine, ok := q.Scores[person]; ok {
		scores[person] = mine
	}
	q.Scores = scores
	q.Recused = slices.DeleteFunc(slices.Clone(q.Recused), func(id string) bool { return id != person })
	return q
}
