package plan

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// The journal is read for thirty years. Events therefore have structs of their own, which stay the same when a form gains or loses a
// field. More than one aggregate uses those below. If one of them has to change, every event that holds it needs a new version.

// RecordedProposal is how events record a proposal.
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

// RecordedOrganization is how events record an organization.
type RecordedOrganization struct {
	CreditCode  string      `json:"credit_code"`
	Name        domain.Text `json:"name"`
	CodeChecked bool        `json:"code_checked,omitempty"`
}

// RecordedVillage is how events record a village.
type RecordedVillage struct {
	Code    string      `json:"code"`
	Vintage int         `json:"code_vintage"`
	Name    domain.Text `json:"name"`
}

// RecordedBudgetLine is how events record a budget line.
type RecordedBudgetLine struct {
	Kind  string       `json:"kind"`
	Title *domain.Text `json:"title,omitempty"`
	Fen   money.Fen    `json:"fen"`
}

// RecordedIndicator is how events record a performance target.
type RecordedIndicator struct {
	Name   domain.Text `json:"name"`
	Target int         `json:"target"`
	Unit   string      `json:"unit"`
}

// RecordedMilestone is how events record a milestone.
type RecordedMilestone struct {
	Key      string        `json:"key"`
	Name     domain.Text   `json:"name"`
	Due      calendar.Date `json:"due"`
	Evidence []string      `json:"evidence"`
}

// RecordProposal converts a proposal into the form in which events record it.
func RecordProposal(q Proposal) RecordedProposal {
	return RecordedProposal{
		Code: q.Code, Kind: q.Kind, Title: q.Title, Village: RecordedVillage(q.Village), Organization: RecordedOrganization(q.Organization),
		Budget:      Each(q.Budget, func(l BudgetLine) RecordedBudgetLine { return RecordedBudgetLine(l) }),
		Indicators:  Each(q.Indicators, func(i Indicator) RecordedIndicator { return RecordedIndicator(i) }),
		Milestones:  Each(q.Milestones, func(m Milestone) RecordedMilestone { return RecordedMilestone(m) }),
		MatchingFen: q.MatchingFen, Purpose: q.Purpose, Beneficiaries: q.Beneficiaries,
	}
}

// Proposal converts the recorded form back into a proposal.
func (q RecordedProposal) Proposal() Proposal {
	return Proposal{
		Code: q.Code, Kind: q.Kind, Title: q.Title, Village: Village(q.Village), Organization: Organization(q.Organization),
		Budget:      Each(q.Budget, func(l RecordedBudgetLine) BudgetLine { return BudgetLine(l) }),
		Indicators:  Each(q.Indicators, func(i RecordedIndicator) Indicator { return Indicator(i) }),
		Milestones:  Each(q.Milestones, func(m RecordedMilestone) Milestone { return Milestone(m) }),
		MatchingFen: q.MatchingFen, Purpose: q.Purpose, Beneficiaries: q.Beneficiaries,
	}
}

// Each converts every element of a slice. A nil slice stays nil.
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
