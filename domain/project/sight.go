package project

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
)

// Readers lists the project's organization, its evaluator and its village.
func (p *Project) Readers() flow.Readers {
	return flow.Readers{
		Organizations: []string{p.Proposal.Organization.CreditCode, p.Evaluator.CreditCode}, Villages: []string{p.Proposal.Village.Code},
	}
}

// Withheld replaces the id of the project that already used an invoice, for readers who may know only that there is such a project.
const Withheld = "withheld"

// Part returns a copy without the names of those who accepted work on behalf of the village. The organization sees its receipts in
// full, and why money was claimed back. The evaluator does not see which other project used an invoice, and the village committee sees only totals, and neither the
// reports nor the settlement.
func (p *Project) Part(a domain.Actor) flow.State {
	organization, evaluator := p.organization(a), p.evaluator(a)
	part := *p
	part.Steps, part.Statements = slices.Clone(p.Steps), slices.Clone(p.Statements)
	for i := range part.Steps {
		part.Steps[i].AcceptedBy = ""
	}
	if !organization {
		part.Claimed, part.Debts = "", slices.Clone(p.Debts)
		for i := range part.Debts {
			part.Debts[i].Reason = ""
		}
	}
	if !organization && !evaluator {
		part.MidTermReport, part.RectificationReport, part.FinalReport, part.Account = Report{}, Report{}, Report{}, nil
	}
	for i, s := range part.Statements {
		switch {
		case organization:
		case evaluator:
			part.Statements[i].Receipts = withheld(s.Receipts)
		default:
			part.Statements[i].Receipts = sums(s.Receipts)
		}
	}
	return &part
}

// EveryFile reports whether the actor can open every file. This is true of the organization, which submitted the receipts, and of the
// evaluator, who checks them.
func (p *Project) EveryFile(a domain.Actor) bool { return p.organization(a) || p.evaluator(a) }

func (p *Project) organization(a domain.Actor) bool {
	return a.Has(domain.Applicant) && a.Organization == p.Proposal.Organization.CreditCode
}

func (p *Project) evaluator(a domain.Actor) bool {
	return a.Has(domain.Evaluator) && a.Organization == p.Evaluator.CreditCode
}

func withheld(receipts []Slip) []Slip {
	shown := slices.Clone(receipts)
	for i := range shown {
		if shown[i].ReusedBy != "" {
			shown[i].ReusedBy = Withheld
		}
	}
	return shown
}

// sums returns the receipts' totals by kind, source and whether they were disallowed, without the invoices.
func sums(receipts []Slip) (added []Slip) {
	for _, r := range receipts {
		sum := Slip{Kind: r.Kind, Source: r.Source, Disallowed: r.Disallowed}
		i := slices.IndexFunc(added, func(s Slip) bool {
			return s.Kind == sum.Kind && s.Source == sum.Source && s.Disallowed == sum.Disallowed
		})
		if i < 0 {
			i, added = len(added), append(added, sum)
		}
		added[i].Fen += r.Fen
	}
	return added
}
