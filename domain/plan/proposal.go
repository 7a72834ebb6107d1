// Package plan holds the types that pilots and projects share: proposals with their organization, village, budget and milestones, the
// seats, and the structs in which events store a proposal.
package plan

import (
	"errors"
	"strings"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/place"
)

// Proposal is one organization's plan for one village in a pilot (项目申报).
type Proposal struct {
	Code         string       `json:"code" pattern:"^[A-Za-z0-9-]{1,24}$" doc:"code of the proposal, unique in the pilot"`
	Kind         string       `json:"kind" minLength:"1" maxLength:"20" doc:"kind of project, as the programme names it"`
	Title        domain.Text  `json:"title"`
	Village      Village      `json:"village"`
	Organization Organization `json:"organization"`
	Budget       []BudgetLine `json:"budget" minItems:"1" maxItems:"40"`
	Indicators   []Indicator  `json:"indicators" minItems:"1" maxItems:"20"`
	Milestones   []Milestone  `json:"milestones" minItems:"1" maxItems:"20"`
	// MatchingFen is the amount pledged in addition to the grant (配套资金).
	MatchingFen   money.Fen `json:"matching_fen,omitempty" minimum:"0" maximum:"100000000000000" doc:"matching funds pledged, in money and in kind, in fen (分)"`
	Purpose       string    `json:"purpose,omitempty" maxLength:"40" doc:"purpose of the fund that the project serves, as the programme names it"`
	Beneficiaries string    `json:"beneficiaries,omitempty" maxLength:"200" doc:"kind of beneficiaries; no names"`
}

// Indicator is a performance target (绩效目标).
type Indicator struct {
	Name   domain.Text `json:"name"`
	Target int         `json:"target" minimum:"0" maximum:"1000000000"`
	Unit   string      `json:"unit" minLength:"1" maxLength:"20"`
}

// Judge checks the proposal against the programme's rules. The error joins all of its faults.
func (q Proposal) Judge(field string, c flow.Context) error {
	faults := []error{q.Organization.Judge(field + ".organization")}
	kind, known := c.Rules.Kind(q.Kind)
	if total := q.BudgetFen(); !known {
		faults = append(faults, domain.Refuse("unknown-kind", field+".kind", append(c.Rules.KindChoice(), "kind", q.Kind)...))
	} else if total > kind.CapFen.Value {
		faults = append(faults, domain.Refuse("over-cap", field+".budget", "most", kind.CapFen.Value.String(), "got", total.String(), "source", kind.CapFen.Source))
	}
	village := place.Code(q.Village.Code)
	if v, known := c.Places.Get(village); !known || v.Level != place.Village || !c.Places.Within(village, place.Code(c.Actor.Place)) {
		faults = append(faults, domain.Refuse("unknown-village", field+".village.code", "code", q.Village.Code))
	}
	faults = append(faults, q.JudgeBudget(field, c))
	for i, m := range q.Milestones {
		if m.Due.Before(c.Today()) {
			faults = append(faults, domain.Refuse("past-day", flow.At(under(field, "milestones"), i)+".due", "day", m.Due.String()))
		}
	}
	return errors.Join(append(faults, q.judgeMilestones(field, c))...)
}

// under returns the path of a field within a proposal, or just the field's name if the proposal is the whole payload.
func under(proposal, field string) string { return strings.TrimPrefix(proposal+"."+field, ".") }
