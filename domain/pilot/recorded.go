package pilot

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// recordedApplication is the journal's representation of an application.
type recordedApplication struct {
	Title        domain.Text             `json:"title"`
	Purposes     []string                `json:"purposes"`
	RequestedFen money.Fen               `json:"requested_fen"`
	Evaluator    recordedEvaluating      `json:"evaluator"`
	Proposals    []plan.RecordedProposal `json:"proposals"`
	Attachments  []string                `json:"attachments,omitempty"`
}

type recordedEvaluating struct {
	plan.RecordedOrganization
	Fen money.Fen `json:"fen"`
}

func recordApplication(a Application) recordedApplication {
	return recordedApplication{
		Title: a.Title, Purposes: a.Purposes, RequestedFen: a.RequestedFen,
		Evaluator: recordedEvaluating{plan.RecordedOrganization(a.Evaluator.Organization), a.Evaluator.Fen},
		Proposals: plan.Each(a.Proposals, plan.RecordProposal), Attachments: a.Attachments,
	}
}

func (a recordedApplication) application() Application {
	return Application{
		Title: a.Title, Purposes: a.Purposes, RequestedFen: a.RequestedFen,
		Evaluator: Evaluating{plan.Organization(a.Evaluator.RecordedOrganization), a.Evaluator.Fen},
		Proposals: plan.Each(a.Proposals, plan.RecordedProposal.Proposal), Attachments: a.Attachments,
	}
}

// recordedFinding is the journal's representation of a finding from the eligibility check.
type recordedFinding struct {
	Proposal string      `json:"proposal"`
	Code     string      `json:"code"`
	Text     domain.Text `json:"text"`
	Blocking bool        `json:"blocking"`
	Source   string      `json:"source"`
}

// recordedEnd is the journal's representation of the end of a project.
type recordedEnd struct {
	Outcome     flow.Stage    `json:"outcome"`
	On          calendar.Date `json:"on"`
	AcceptedFen money.Fen     `json:"accepted_fen"`
	PaidFen     money.Fen     `json:"paid_fen"`
	RefundedFen money.Fen     `json:"refunded_fen"`
	OwedFen     money.Fen     `json:"owed_fen"`
	Score       int           `json:"score,omitempty"`
}

func (e recordedEnd) end() project.End { return project.End(e) }
