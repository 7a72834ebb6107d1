// Package zhuanglang holds the data of the demonstration (演示数据): a pilot with a budget of CNY 1,200,000 in six villages
// of Zhuanglang county. The fund, the county and the month are real, and the villages appear on public maps. The
// organizations and people are fictitious.
package zhuanglang

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
)

//go:embed pilot.json
var text []byte

// Data is the content of the demonstration's data file.
type Data struct {
	Label           domain.Text              `json:"label"`
	Note            string                   `json:"note"`
	Programme       string                   `json:"programme"`
	Title           domain.Text              `json:"title"`
	EvaluationFen   money.Fen                `json:"evaluation_and_audit_fen"`
	Offices         []Office                 `json:"offices"`
	Evaluator       Body                     `json:"evaluator"`
	RefusedExample  Body                     `json:"refused_example"`
	Golden          map[string]calendar.Date `json:"golden_dates"`
	Projects        []Project                `json:"projects"`
	Fund            Fund                     `json:"fund"`
	ScriptedTrouble []string                 `json:"scripted_trouble"`
	Conditions      []string                 `json:"tranche_conditions"`
}

// Fund is the fund that finances the demonstration's pilot.
type Fund struct {
	Source   string    `json:"source"`
	Level    string    `json:"level"`
	TotalFen money.Fen `json:"total_fen"`
}

// Office is a civil-affairs office (民政厅/局).
type Office struct {
	Level place.Level `json:"level"`
	ZH    string      `json:"zh"`
	EN    string      `json:"en"`
	Place place.Code  `json:"place"`
}

// Body is the name and the credit code of an organization.
type Body struct {
	ZH         string `json:"zh"`
	EN         string `json:"en"`
	CreditCode string `json:"credit_code"`
	Why        string `json:"why,omitempty"`
}

// Project is a planned project, with its village.
type Project struct {
	Code    string      `json:"code"`
	Title   domain.Text `json:"title"`
	Village struct {
		Code    string `json:"code"`
		ZH      string `json:"zh"`
		EN      string `json:"en"`
		Vintage int    `json:"code_vintage"`
	} `json:"village"`
	GrantFen     money.Fen            `json:"grant_fen"`
	BudgetFen    map[string]money.Fen `json:"budget_fen"`
	TranchesFen  []money.Fen          `json:"tranches_fen"`
	Organization Body                 `json:"organization"`
	Indicators   []struct {
		ZH     string `json:"zh"`
		EN     string `json:"en"`
		Target int    `json:"target"`
		Unit   string `json:"unit"`
	} `json:"indicators"`
	Milestones []struct {
		Key      string        `json:"key"`
		ZH       string        `json:"zh"`
		EN       string        `json:"en"`
		Due      calendar.Date `json:"due"`
		Evidence []string      `json:"evidence"`
	} `json:"milestones"`
}

// Read returns the demonstration's data.
var Read = sync.OnceValue(func() *Data {
	d := &Data{}
	if err := json.Unmarshal(text, d); err != nil {
		panic(fmt.Errorf("the demonstration's own data: %w", err))
	}
	return d
})

// kindOrder is the order of the kinds of spending in budgets.
var kindOrder = []string{"service", "materials", "training", "labour_volunteer", "travel", "signage_publicity", "admin"}

// Application returns the application that the county office submits.
func (d *Data) Application() pilot.Application {
	a := pilot.Application{
		Title: d.Title, Purposes: []string{"elderly", "hardship"}, RequestedFen: d.Fund.TotalFen,
		Evaluator: pilot.Evaluating{Organization: d.Evaluator.organization(), Fen: d.EvaluationFen},
	}
	for _, p := range d.Projects {
		a.Proposals = append(a.Proposals, p.proposal())
	}
	return a
}

// WithRefused returns the application with an additional proposal, by the organization that is listed for irregular
// activity.
func (d *Data) WithRefused() pilot.Application {
	a := d.Application()
	q := d.Projects[0].proposal()
	q.Code, q.Title = "ZL-2017-07", domain.Text{ZH: "技能帮扶（示例，不予受理）", EN: "Skills (example, to be refused)"}
	q.Organization = d.RefusedExample.organization()
	a.Proposals = append(a.Proposals, q)
	return a
}

func (b Body) organization() plan.Organization {
	return plan.Organization{CreditCode: b.CreditCode, Name: domain.Text{ZH: b.ZH, EN: b.EN}}
}

func (p Project) proposal() plan.Proposal {
	q := plan.Proposal{
		Code: p.Code, Kind: "B", Title: p.Title, Organization: p.Organization.organization(),
		Village: plan.Village{Code: p.Village.Code, Vintage: p.Village.Vintage, Name: domain.Text{ZH: p.Village.ZH, EN: p.Village.EN}},
	}
	for _, kind := range kindOrder {
		if fen := p.BudgetFen[kind]; fen > 0 {
			q.Budget = append(q.Budget, plan.BudgetLine{Kind: kind, Fen: fen})
		}
	}
	for _, i := range p.Indicators {
		q.Indicators = append(q.Indicators, plan.Indicator{Name: domain.Text{ZH: i.ZH, EN: i.EN}, Target: i.Target, Unit: i.Unit})
	}
	for _, m := range p.Milestones {
		q.Milestones = append(q.Milestones, plan.Milestone{Key: m.Key, Name: domain.Text{ZH: m.ZH, EN: m.EN}, Due: m.Due, Evidence: m.Evidence})
	}
	return q
}
