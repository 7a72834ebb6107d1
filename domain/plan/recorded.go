package plan

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// The journal must remain readable for thirty years. Events therefore have structs of their own, which do not change when fields are
// added to or removed from a form. The structs below are shared by several aggregates. If one of them has to change, every event that
// contains it needs a new version.

// RecordedProposal is the journal's representation of a proposal.
type RecordedProposal struct {
	Code          string               `json:"code"`
	Kind          string               `json:"kind"`
	Title         domain.Text          `json:"title"`
	Village       RecordedVillage      `json:"village"`
	Organization  RecordedOrganization `json:"organization"`
	Budget        []RecordedBudgetLine `json:"budget"`
	Indicators    []RecordedIndicator  `json:"indicators"`
	Milestones    []RecordedMilestone  `json:"milestones"`
	MatchingFen   money.Fen            `json:"matching_fen,omitempty"`
	Purpose       string               `json:"purpose,omitempty"`
	Beneficiaries string               `json:"beneficiaries,omitempty"`
}

// RecordedOrganization is the journal's representation of an organization.
type RecordedOrganization struct {
	CreditCode  string      `json:"credit_code"`
	Name        domain.Text `json:"name"`
	CodeChecked bool        `json:"code_checked,omitempty"`
}

// RecordedVillage is the journal's representation of a village.
type RecordedVillage struct {
	Code    string      `json:"code"`
	Vintage int         `json:"code_vintage"`
	Name    domain.Text `json:"name"`
}

// RecordedBudgetLine is the journal's representation of a budget line.
type RecordedBudgetLine struct {
	Kind  string       `json:"kind"`
	Title *domain.Text `json:"title,omitempty"`
	Fen   money.Fen    `json:"fen"`
}

// RecordedIndicator is the journal's representation of a performance target.
type RecordedIndicator struct {
	Name   domain.Text `json:"name"`
	Target int         `json:"target"`
	Unit   string      `json:"unit"`
}

// RecordedMilestone is the journal's representation of a milestone.
type RecordedMilestone struct {
	Key      string        `json:"key"`
	Name     domain.Text   `json:"name"`
	Due      calendar.Date `json:"due"`
	Evidence []string      `json:"evidence"`
}

// RecordProposal converts a proposal to its representation in the journal.
func RecordProposal(q Proposal) RecordedProposal {
	return RecordedProposal{
		Code: q.Code, Kind: q.Kind, Title: q.Title, Village: RecordedVillage(q.Village), Organization: RecordedOrganization(q.Organization),
		Budget:      Each(q.Budget, func(l BudgetLine) RecordedBudgetLine { return RecordedBudgetLine(l) }),
		Indicators:  Each(q.Indicators, func(i Indicator) RecordedIndicator { return RecordedIndicator(i) }),
		Milestones:  Each(q.Milestones, func(m Milestone) RecordedMilestone { return RecordedMilestone(m) }),
		MatchingFen: q.MatchingFen, Purpose: q.Purpose, Beneficiaries: q.Beneficiaries,
	}
}

// Proposal converts the journal's representation back to a proposal.
func (q RecordedProposal) Proposal() Proposal {
	return Proposal{
		Code: q.Code, Kind: q.Kind, Title: q.Title, Village: Village(q.Village), Organization: Organization(q.Organization),
		Budget:      Each(q.Budget, func(l RecordedBudgetLine) BudgetLine { return BudgetLine(l) }),
		Indicators:  Each(q.Indicators, func(i RecordedIndicator) Indicator { return Indicator(i) }),
		Milestones:  Each(q.Milestones, func(m RecordedMilestone) Milestone { return Milestone(m) }),
		MatchingFen: q.MatchingFen, Purpose: q.Purpose, Beneficiaries: q.Beneficiaries,
	}
}

// Each applies convert to every element of a slice. It returns nil for a nil slice.
func Each[From, To any](all []From, convert func(From) To) []To {
	if all == nil {
		return nil
	}
	converted := make([]To, len(all))
	for i, one := range all {
		converted[i] = convert(one)
	}
	return converted
}
