package catalogue_test

import (
	"maps"
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

func TestRulesOfReview(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"an expert sits on a panel once": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: []string{"a", "b", "c", "d", "d"}}, "duplicate",
		},
		"nobody sits on a panel who is not registered": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: panelWith("nobody")}, "no-such-expert",
		},
		"nobody sits on a panel who is no expert": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: panelWith(zhuanglang.CountyOfficer)}, "no-such-expert",
		},
		"nobody sits on a panel who speaks for an applicant": {
			(*desk).endorsed, func(d *desk) { d.enlist(d.data.Projects[0].Organization.CreditCode) }, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: panelWith("expert-6")}, "expert-applies",
		},
		"an expert of another organization sits on a panel": {
			(*desk).endorsed, func(d *desk) { d.enlist(d.data.RefusedExample.CreditCode) }, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: panelWith("expert-6")}, "",
		},
		"whoever has scored stays on the panel, though no longer registered": {
			(*desk).scored, func(d *desk) { delete(d.people, "expert-1") }, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: zhuanglang.Experts}, "",
		},
		"an expert recommends at most the budget": {
			(*desk).scored, nil, "expert-1", thePilot, "score",
			&pilot.Score{Proposal: q1, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 21000001}}, "over-budget",
		},
		"an expert scores proposals under review": {
			(*desk).scored, nil, "expert-1", thePilot, "score", &pilot.Score{Proposal: "X"}, "no-such-proposal",
		},
		"an expert recuses from proposals under review": {
			(*desk).scored, nil, "expert-1", thePilot, "recuse", &pilot.Recuse{Proposal: "X", Interest: "kin"}, "no-such-proposal",
		},
	})
}

// An unauthorized sender learns which role or office is needed and which role they have, each by name.
func TestARefusalNamesRolesAndPlaces(t *testing.T) {
	t.Parallel()
	said := func(err error) domain.Text {
		t.Helper()
		e, refused := domain.Refused(err)
		if !refused {
			t.Fatalf("got %v", err)
		}
		return e.What()
	}
	d := newDesk(t).accepted()
	d.people["t"] = domain.Actor{ID: "t", Roles: []domain.Role{domain.CaseOfficer}, Place: "620825101"}
	nowhere := flow.Ref{Kind: pilot.Kind, ID: "other"}
	for name, test := range map[string]struct {
		err  error
		want domain.Text
	}{
		"another office": {
			d.try(zhuanglang.CityApprover, thePilot, "endorse", &pilot.Endorse{}),
			domain.T("您不属于当前审核单位（庄浪县 620825），不能执行此操作", "Only the office whose turn it is (Zhuanglang 620825) can do this"),
		},
		"another role": {
			d.try(zhuanglang.CountyApprover, thePilot, "refuse", &pilot.Refuse{}),
			domain.T("此操作仅限经办人员执行（您的角色：审批人员）", "Only a case officer can do this (your role: approver)"),
		},
		"a step of Terrace itself": {
			d.try(zhuanglang.CountyOfficer, thePilot, "record-checks", &pilot.RecordChecks{}),
			domain.T("此操作仅限系统执行（您的角色：经办人员）", "Only Terrace itself can do this (your role: case officer)"),
		},
		"an office that launches no pilots": {
			d.try("t", nowhere, "draft", &pilot.Draft{Programme: d.data.Programme, Application: d.data.Application()}),
			domain.T("您所在的地区（南湖镇 620825101）没有可办理此事项的民政部门", "No civil-affairs office in your area (Nanhu 620825101) can do this"),
		},
	} {
		if got := said(test.err); got != test.want {
			t.Errorf("%s: %s / %s", name, got.ZH, got.EN)
		}
	}
	if got := said(domain.WrongRole([]domain.Role{domain.Auditor, domain.Approver, domain.Finance}, domain.Actor{})); got !=
		domain.T("此操作仅限审计、纪检人员、审批人员或财务人员执行（您的角色：无）", "Only an auditor, an approver or a finance officer can do this (your role: none)") {
		t.Errorf("%s / %s", got.ZH, got.EN)
	}
}

// panelWith returns the panel with another person in place of its last expert.
func panelWith(other string) []string { return append(slices.Clone(zhuanglang.Experts[:4]), other) }

// enlist registers a sixth expert, who represents an organization.
func (d *desk) enlist(organization string) {
	a := d.people["expert-1"]
	a.ID, a.Organization = "expert-6", organization
	d.people[a.ID] = a
}

func TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		points      []int
		score       int // hundredths of a point
		grant       money.Fen
		recommended bool
	}{
		"five scores: the mean of the middle three":   {[]int{60, 80, 81, 85, 100}, 8200, 3000, true},
		"four scores: the mean of all":                {[]int{60, 80, 81, 100}, 8025, 2500, true},
		"a mean of sixty is recommended":              {[]int{60, 60, 60, 60, 60}, 6000, 3000, true},
		"a mean below sixty leaves":                   {[]int{59, 60, 59, 61, 60}, 5966, 3333, false},
		"a mean is cut to the hundredth, not rounded": {[]int{59, 59, 60, 61, 62}, 6000, 3000, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).scored()
			for i, expert := range zhuanglang.Experts {
				if i < len(test.points) {
					d.do(expert, thePilot, "score", &pilot.Score{Proposal: q1, Opinion: pilot.Opinion{Points: test.points[i], RecommendedFen: money.Fen(1000 * (i + 1))}})
				} else {
					d.do(expert, thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"})
				}
			}
			d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
			got := d.pilot().Cases[0]
			if got.Score != test.score || got.GrantFen != test.grant || (got.Status == pilot.CaseRemoved) == test.recommended {
				t.Errorf("score %d, grant %d fen, status %s; want %d, %d", got.Score, got.GrantFen, got.Status, test.score, test.grant)
			}
		})
	}
}

func TestAnExpertWhoHasNotScoredIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	const code = "ZL-2017-01"
	d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: code, Grounds: "g", Contact: "c"})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: code, Outcome: pilot.ReviewAgain, Reason: "r"})
	score := &pilot.Score{Proposal: code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 100000}}
	for _, expert := range zhuanglang.Experts[:3] {
		d.do(expert, thePilot, "score", score)
	}
	for _, expert := range zhuanglang.Experts[3:] {
		d.do(expert, thePilot, "recuse", &pilot.Recuse{Proposal: code, Interest: "kin"})
	}
	if got := refusal(t, d.try(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})); got != "panel-short" {
		t.Fatalf("three of five: %q", got)
	}
	without := []string{"expert-2", "expert-3", "expert-6", "expert-7", "expert-8"}
	if got := refusal(t, d.try(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: without})); got != "panel-at-work" {
		t.Errorf("an expert who has scored was replaced: %q", got)
	}
	for _, id := range []string{"expert-6", "expert-7"} {
		d.people[id] = d.people["expert-1"]
		a := d.people[id]
		a.ID = id
		d.people[id] = a
	}
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: []string{"expert-1", "expert-2", "expert-3", "expert-6", "expert-7"}})
	d.do("expert-6", thePilot, "score", score)
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
}

// A proposal that the money does not reach is told so; a weak one is not recommended, whether or not there is money.
func TestAProposalBeyondTheMoneyIsNotCalledWeak(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Fund.TotalFen = cheapest(d.data.Application()) // enough for one proposal at most
	d.data = &data
	d.endorsed()
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	want := map[string]pilot.Removal{}
	left := data.Fund.TotalFen - d.data.Application().Evaluator.Fen
	for i, q := range d.data.Application().Proposals {
		points := 90 - i
		switch {
		case i == 0:
			points, want[q.Code] = 50, pilot.RemovalNotRecommended
		case q.BudgetFen() > left:
			want[q.Code] = pilot.RemovalUnfunded
		default:
			want[q.Code] = ""
			left -= q.BudgetFen()
		}
		for _, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: points, RecommendedFen: q.BudgetFen()}})
		}
	}
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
	for i, q := range d.pilot().Proposals {
		if got := d.pilot().Cases[i].Removed; got != want[q.Code] {
			t.Errorf("%s left as %q, want %q", q.Code, got, want[q.Code])
		}
	}
	if !slices.Contains(slices.Collect(maps.Values(want)), pilot.RemovalUnfunded) {
		t.Error("the money reaches every proposal")
	}
}

func TestProposalsAreFundedByRankWhileTheMoneyLasts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Fund.TotalFen = 100000000 // after the first four proposals 170,000 yuan is left: too little for the fifth, enough for the sixth
	d.data = &data
	d.endorsed()
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for i, q := range d.data.Projects {
		for _, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 90 - i, RecommendedFen: q.GrantFen}})
		}
	}
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
	p := d.states[thePilot].(*pilot.Pilot)
	left := slices.IndexFunc(p.Cases, func(q pilot.Case) bool { return q.Status == pilot.CaseRemoved })
	if left != 4 {
		t.Errorf("the proposal that left has index %d, want the one that does not fit", left)
	}
	if got, want := p.Cases[4].StatusName(), pilot.Removals[pilot.RemovalUnfunded]; got != want {
		t.Errorf("its status is called %v, want %v", got, want)
	}
	d.onGolden("approval")
	d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "1"})
	if got := d.balances[ledger.Account{Owner: id, Name: ledger.Available}]; got != 0 {
		t.Errorf("%s available", got)
	}
}
