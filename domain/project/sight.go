package project

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
)

// Readers are its organization, the evaluator and its village.
func (p *Project) Readers() flow.Readers {
	return flow.Readers{
		Organizations: []string{p.Proposal.Organization.CreditCode, p.Evaluator.CreditCode}, Villages: []string{p.Proposal.Village.Code},
	}
}

// Withheld stands for the other holder of an invoice where the reader learns only that there is one.
const Withheld = "withheld"

// Part leaves out who accepted for the village, and of the receipts what does not concern the reader: the village committee sees
// sums alone, and the other holder of an invoice is known only to whoever judges or answers for it.
func (p *Project) Part(a domain.Actor) flow.State {
	organization, evaluator := p.organization(a), p.evaluator(a)
	part := *p
	part.Steps, part.Statements = slices.Clone(p.Steps), slices.Clone(p.Statements)
	for i := range part.Steps {
		part.Steps[i].AcceptedBy = ""
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

// EveryFile is for the organization, which handed the receipts in, and the evaluator, who reads them.
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

// sums are receipts added up by kind, source and judgement; they bear no invoice.
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
