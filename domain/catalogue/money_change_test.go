package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// shift returns a change that moves money between two lines of the first project's budget.
func (d *desk) shift(from, to string, fen money.Fen) *project.RequestChange {
	budget := slices.Clone(d.project1().Proposal.Budget)
	for i := range budget {
		switch budget[i].Kind {
		case from:
			budget[i].Fen -= fen
		case to:
			budget[i].Fen += fen
		}
	}
	return &project.RequestChange{Budget: budget, Reason: "r"}
}

func (d *desk) ask(change *project.RequestChange) {
	d.t.Helper()
	d.do(organization1, projectRef("1"), "request-change", change)
}

// approveChange approves the first project's pending change.
func (d *desk) approveChange() {
	d.t.Helper()
	d.do(zhuanglang.CountyApprover, projectRef("1"), "approve-change", &project.ApproveChange{})
}

// waits reports whether a change is awaiting approval.
func (d *desk) waits() bool { return d.project1().Change != nil }

// The first project's budget is 60,000.00 for services, 30,000.00 for materials, 60,000.00 for training, 30,000.00 for labour and
// 4,000.00 for signage. A shift of up to a tenth of the smallest line involved needs no approval: 3,000.00 for materials, 400.00 for
// signage. A shift of 3,600.00 is 12 % of the materials line.
func TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval(t *testing.T) {
	t.Parallel()
	logged := func(from, to string, fen money.Fen) func(*desk) {
		return func(d *desk) {
			d.ask(d.shift(from, to, fen))
			if d.waits() {
				d.t.Fatalf("%s from %s to %s waits for approval", fen, from, to)
			}
		}
	}
	for name, test := range map[string]struct {
		before func(*desk)
		change func(*desk) *project.RequestChange
		waits  bool
	}{
		"a tenth of the smaller line is logged":      {nil, func(d *desk) *project.RequestChange { return d.shift("materials", "service", 300000) }, false},
		"a fen above a tenth needs approval":         {nil, func(d *desk) *project.RequestChange { return d.shift("materials", "service", 300001) }, true},
		"a 12 % shift needs approval":                {nil, func(d *desk) *project.RequestChange { return d.shift("materials", "service", 360000) }, true},
		"the line that gains may be the smaller":     {nil, func(d *desk) *project.RequestChange { return d.shift("service", "signage_publicity", 40000) }, false},
		"a fen above a tenth of the line that gains": {nil, func(d *desk) *project.RequestChange { return d.shift("service", "signage_publicity", 40001) }, true},
		"two 6 % shifts do not slip through": {
			logged("materials", "service", 180000), func(d *desk) *project.RequestChange { return d.shift("materials", "service", 180000) }, true,
		},
		"two 6 % shifts of different lines do not either": {
			logged("materials", "service", 180000), func(d *desk) *project.RequestChange { return d.shift("labour_volunteer", "training", 180000) }, true,
		},
		"two 5 % shifts stay within a tenth": {
			logged("materials", "service", 150000), func(d *desk) *project.RequestChange { return d.shift("materials", "training", 150000) }, false,
		},
		"a shift that is taken back comes to nothing": {
			logged("materials", "service", 300000), func(d *desk) *project.RequestChange { return d.shift("service", "materials", 300000) }, false,
		},
		"an approved budget starts a new count: a tenth of 26,400.00": {
			func(d *desk) { d.ask(d.shift("materials", "service", 360000)); d.approveChange() },
			func(d *desk) *project.RequestChange { return d.shift("materials", "service", 264000) }, false,
		},
		"a fen above a tenth of 26,400.00": {
			func(d *desk) { d.ask(d.shift("materials", "service", 360000)); d.approveChange() },
			func(d *desk) *project.RequestChange { return d.shift("materials", "service", 264001) }, true,
		},
		"the approval of something else approves no earlier shift": {
			func(d *desk) {
				logged("materials", "service", 180000)(d)
				d.ask(&project.RequestChange{Beneficiaries: "older people", Reason: "r"})
				d.approveChange()
			},
			func(d *desk) *project.RequestChange { return d.shift("materials", "service", 180000) }, true,
		},
		"another village always needs approval": {nil, func(d *desk) *project.RequestChange {
			return &project.RequestChange{Village: &d.project(1).Proposal.Village, Reason: "r"}
		}, true},
		"another purpose always needs approval": {nil, func(*desk) *project.RequestChange { return &project.RequestChange{Purpose: "disabled", Reason: "r"} }, true},
		"other beneficiaries always need approval": {nil, func(*desk) *project.RequestChange {
			return &project.RequestChange{Beneficiaries: "older people", Reason: "r"}
		}, true},
		"other targets always need approval": {nil, func(*desk) *project.RequestChange {
			return &project.RequestChange{Indicators: []plan.Indicator{{Target: 1, Unit: "人"}}, Reason: "r"}
		}, true},
		"another due day of a milestone always needs approval": {nil, func(d *desk) *project.RequestChange { return d.later("M3", calendar.On(2018, 12, 15)) }, true},
		"a small shift with another purpose needs approval": {nil, func(d *desk) *project.RequestChange {
			change := d.shift("materials", "service", 100)
			change.Purpose = "disabled"
			return change
		}, true},
		"less money in total needs approval": {nil, func(d *desk) *project.RequestChange { return d.shift("materials", "", 1) }, true},
		"a new line needs approval": {nil, func(d *desk) *project.RequestChange {
			change := d.shift("materials", "", 100)
			change.Budget[6].Kind = "service" // administration becomes services, so one line is removed and another grows
			change.Budget = append(change.Budget, plan.BudgetLine{Kind: "admin", Fen: 100})
			return change
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).inMay()
			if test.before != nil {
				test.before(d)
			}
			revision := d.project1().Revision
			d.ask(test.change(d))
			if d.waits() != test.waits {
				t.Fatalf("waits for approval: %t", d.waits())
			}
			if took := d.project1().Revision > revision; took == test.waits {
				t.Errorf("took effect at once: %t", took)
			}
			if test.waits {
				if got, want := d.awaits(projectRef("1"), project.AwaitChange).Due, calendar.On(2018, 5, 16); got != want {
					t.Errorf("to be decided by %s, want %s", got, want)
				}
			}
		})
	}
}

// later returns a change that postpones a milestone.
func (d *desk) later(key string, due calendar.Date) *project.RequestChange {
	for _, m := range d.project1().Proposal.Milestones {
		if m.Key == key {
			m.Due = due
			return &project.RequestChange{Milestones: []plan.Milestone{m}, Reason: "r"}
		}
	}
	return &project.RequestChange{Milestones: []plan.Milestone{{Key: key, Due: due}}, Purpose: "disabled", Reason: "r"}
}

func TestRulesOfChanges(t *testing.T) {
	t.Parallel()
	next := newDesk(t).inMay()
	budget := func(lines ...plan.BudgetLine) *project.RequestChange {
		return &project.RequestChange{Budget: lines, Reason: "r"}
	}
	line := func(kind string, fen money.Fen) plan.BudgetLine { return plan.BudgetLine{Kind: kind, Fen: fen} }
	large := next.shift("materials", "service", 360000)
	approve := &project.ApproveChange{}
	first, approver := projectRef("1"), zhuanglang.CountyApprover
	asking := func(change *project.RequestChange, want domain.Code) ruleCase {
		return ruleCase{(*desk).inMay, nil, organization1, first, "request-change", change, want}
	}
	pending := func(d *desk) { d.ask(large) }
	checkRules(t, map[string]ruleCase{
		"one change at a time":                                        {(*desk).inMay, pending, organization1, first, "request-change", next.shift("materials", "service", 100), "change-pending"},
		"a change must change something":                              asking(next.shift("materials", "service", 0), "nothing-changes"),
		"the budget never grows":                                      asking(next.shift("", "service", 1), "budget-grows"),
		"a change cannot add a forbidden kind":                        asking(budget(line("planting_breeding", 20000000)), "forbidden-spending"),
		"a change cannot add a kind that the programme does not know": asking(budget(line("misc", 20000000)), "unknown-spending"),
		"administration stays within its share":                       asking(next.shift("materials", "admin", 50001), "over-admin"),
		"administration may take its whole share":                     asking(next.shift("materials", "admin", 50000), ""),
		"no less than what was paid":                                  asking(budget(line("service", 6000000), line("training", 6000000), line("admin", 599999)), "below-paid"),
		"as much as was paid is enough":                               asking(budget(line("service", 6000000), line("training", 6000000), line("admin", 600000)), ""),
		"a payment under way counts as paid": {
			(*desk).midTerm, nil, organization1, first, "request-change", budget(line("service", 18899999)), "below-paid",
		},
		"no line below what was reported": {
			(*desk).inMay, func(d *desk) { d.report(0, invoice("I-1000", "materials", 2700001)) },
			organization1, first, "request-change", next.shift("materials", "service", 300000), "below-spent",
		},
		"a line down to what was reported": {
			(*desk).inMay, func(d *desk) { d.report(0, invoice("I-1000", "materials", 2700000)) },
			organization1, first, "request-change", next.shift("materials", "service", 300000), "",
		},
		"a purpose of the fund":                           asking(&project.RequestChange{Purpose: "sport", Reason: "r"}, "unknown-purpose"),
		"a village of the office's place":                 asking(&project.RequestChange{Village: &plan.Village{Code: "620826103207"}, Reason: "r"}, "unknown-village"),
		"a milestone that the project has":                asking(next.later("M9", calendar.On(2018, 12, 1)), "no-such-milestone"),
		"a milestone's new due day cannot be in the past": asking(next.later("M3", calendar.On(2018, 5, 1)), "past-day"),
		"a milestone's new due day can be today":          asking(next.later("M3", calendar.On(2018, 5, 2)), ""),
		"no day after the rollout":                        asking(next.later("M3", calendar.On(2019, 1, 1)), "after-rollout"),
		"a submitted milestone cannot be changed": {
			(*desk).inMay, func(d *desk) { d.milestone("M1") }, organization1, first, "request-change", next.later("M1", calendar.On(2018, 12, 1)), "no-such-milestone",
		},
		"only the organization asks":             {(*desk).inMay, nil, zhuanglang.CountyOfficer, first, "request-change", large, "wrong-role"},
		"after the rollout nothing is changed":   {(*desk).finalReport, nil, organization1, first, "request-change", large, "wrong-stage"},
		"the office decides":                     {(*desk).inMay, pending, approver, first, "approve-change", approve, ""},
		"the office may refuse":                  {(*desk).inMay, pending, approver, first, "refuse-change", &project.RefuseChange{Reason: "r"}, ""},
		"finance does not decide about a change": {(*desk).inMay, pending, zhuanglang.CountyFinance, first, "approve-change", approve, "wrong-role"},
		"a change is decided once":               {(*desk).inMay, func(d *desk) { pending(d); d.approveChange() }, approver, first, "approve-change", approve, "no-change-pending"},
		"spending reported meanwhile is checked again": {
			(*desk).inMay, func(d *desk) { pending(d); d.report(0, invoice("I-1000", "materials", 2640001)) }, approver, first, "approve-change", approve, "below-spent",
		},
		"a day that has passed meanwhile is refused": {
			(*desk).inMay, func(d *desk) { d.ask(next.later("M3", calendar.On(2018, 5, 10))); d.on(calendar.On(2018, 5, 11)) }, approver, first, "approve-change", approve, "past-day",
		},
		"nothing is settled while a change waits": {
			(*desk).midTerm, func(d *desk) {
				pending(d)
				d.on(calendar.On(2018, 7, 2))
				d.pay(paymentRef("1", "2", "1"))
				d.milestone("M3")
				d.milestone("M4")
				d.onGolden("final_report")
				d.do(organization1, first, "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
				d.do(zhuanglang.EvaluatorPerson, first, "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "good"})
			},
			organization1, first, "submit-settlement", &project.SubmitSettlement{Account: file, MarkPhotos: []string{file}}, "change-pending",
		},
	})
}

func TestARefusedBudgetNamesTheFirstLineThatIsTooLow(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	d.report(0, invoice("I-1000", "training", 5700001), invoice("I-1001", "materials", 2700001), invoice("I-1002", "travel", 1300001))
	change := d.shift("", "service", 900000)
	for i, l := range change.Budget {
		if slices.Contains([]string{"training", "materials", "travel"}, l.Kind) {
			change.Budget[i].Fen -= 300000
		}
	}
	for range 20 {
		e, refused := domain.Refused(d.try(organization1, projectRef("1"), "request-change", change))
		if !refused || e.Code != "below-spent" || e.Args["kind"] != "materials" {
			t.Fatalf("answer %v, want the refusal of the materials", e)
		}
	}
}

// 126,000.00 has been paid; 63,000.00 and 21,000.00 are outstanding. A cut in the grant reduces the last tranche first.
func TestALowerBudgetTakesFromTheTranchesThatAreNotDueYet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		less     money.Fen
		tranches [3]money.Fen
	}{
		"less than the last tranche": {1000000, [3]money.Fen{12600000, 6300000, 1100000}},
		"exactly the last tranche":   {2100000, [3]money.Fen{12600000, 6300000, 0}},
		"more than the last tranche": {3000000, [3]money.Fen{12600000, 5400000, 0}},
		"all that is not paid":       {8400000, [3]money.Fen{12600000, 0, 0}},
		"a fen":                      {1, [3]money.Fen{12600000, 6300000, 2099999}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).inMay()
			change := &project.RequestChange{Budget: []plan.BudgetLine{{Kind: "service", Fen: 21000000 - test.less}}, Reason: "r"}
			d.ask(change)
			if d.balance(id, ledger.Available) != 0 {
				t.Error("money moved before the approval")
			}
			d.approveChange()
			p := d.project1()
			for i, want := range test.tranches {
				if p.Tranches[i].Fen != want {
					t.Errorf("tranche %d: %s, want %s", i+1, p.Tranches[i].Fen, want)
				}
			}
			if p.GrantFen != 21000000-test.less || d.balance(id, ledger.Available) != test.less || d.balance(p.ID, ledger.Commitment) != 8400000-test.less || d.sum() != 0 {
				t.Errorf("grant %s, released %s, committed %s", p.GrantFen, d.balance(id, ledger.Available), d.balance(p.ID, ledger.Commitment))
			}
		})
	}
}

// One approval changes the plan, tranches, indicators, milestones and the agreement's revision together.
func TestAChangeTakesEffectInEverythingAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	change := d.later("M3", calendar.On(2018, 12, 15))
	change.Budget = []plan.BudgetLine{{Kind: "service", Fen: 12000000}, {Kind: "training", Fen: 8000000}}
	change.Village = &d.project(1).Proposal.Village
	change.Purpose, change.Beneficiaries = "disabled", "people with a disability"
	change.Indicators = []plan.Indicator{{Name: domain.Text{ZH: "服务人次", EN: "people served"}, Target: 300, Unit: "人次"}}
	d.ask(change)
	var fields []string
	for _, a := range d.project1().Change.Diff {
		fields = append(fields, a.Field)
		if a.Field == "budget.service" && (a.From != "60,000.00" || a.To != "120,000.00") {
			t.Errorf("services from %s to %s", a.From, a.To)
		}
	}
	for _, want := range []string{"budget.service", "budget.materials", "village", "purpose", "beneficiaries", "milestones.M3.due", "indicators.1"} {
		if !slices.Contains(fields, want) {
			t.Errorf("the diff %v does not show %s", fields, want)
		}
	}
	before := d.project1().Proposal
	if before.Purpose == "disabled" || d.project1().Revision != 0 {
		t.Error("it took effect before its approval")
	}
	d.approveChange()
	p := d.project1()
	if p.Revision != 1 || p.GrantFen != 20000000 || p.Tranches[2].Fen != 1100000 || len(p.Proposal.Budget) != 2 || p.Proposal.Village.Code != d.project(1).Proposal.Village.Code ||
		p.Proposal.Purpose != "disabled" || p.Proposal.Beneficiaries != "people with a disability" || p.Proposal.Indicators[0].Target != 300 {
		t.Errorf("the plan is %+v, tranches %+v, revision %d", p.Proposal, p.Tranches, p.Revision)
	}
	for _, turn := range flow.RecordOf(p).Turns {
		if turn.Key == project.AwaitMilestone && turn.Subject == "M3" && turn.Due != calendar.On(2018, 12, 15) {
			t.Errorf("M3 is awaited by %s", turn.Due)
		}
	}
}

func TestARefusedChangeLeavesThePlanAsItIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	before := encode(t, d.project1().Proposal)
	d.ask(d.shift("materials", "service", 360000))
	d.do(zhuanglang.CountyApprover, projectRef("1"), "refuse-change", &project.RefuseChange{Reason: "r"})
	if p := d.project1(); encode(t, p.Proposal) != before || p.Revision != 0 || p.Change != nil {
		t.Errorf("revision %d, plan %+v", p.Revision, p.Proposal)
	}
	d.ask(d.shift("materials", "service", 360000))
}

// The grant is smaller than the budget, as the experts recommended. Reducing the budget leaves the grant unchanged until the budget
// falls below it.
func TestABudgetAboveTheGrantComesDownToIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Projects = slices.Clone(d.data.Projects)
	data.Projects[0].GrantFen = 20000000 // the budget is 210,000.00
	d.data = &data
	d.inMay() // 120,000.00 has been paid
	for _, step := range []struct{ budget, grant money.Fen }{{20500000, 20000000}, {20000000, 20000000}, {19999999, 19999999}} {
		d.ask(&project.RequestChange{Budget: []plan.BudgetLine{{Kind: "service", Fen: step.budget}}, Reason: "r"})
		d.approveChange()
		if got := d.project1().GrantFen; got != step.grant {
			t.Errorf("a budget of %s leaves a grant of %s, want %s", step.budget, got, step.grant)
		}
	}
}
