package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// spread returns receipts that add up to fen, filling the budget lines in order. It skips the first part of the budget, up to the
// amount from. The receipts' numbers begin with name.
func spread(lines []plan.BudgetLine, name string, from, fen money.Fen) (all []project.Invoice) {
	for _, l := range lines {
		skipped := min(l.Fen, from)
		from -= skipped
		if part := min(l.Fen-skipped, fen); part > 0 {
			all = append(all, invoice(name+"-"+l.Kind, l.Kind, part))
			fen -= part
		}
	}
	return all
}

// accountFor reports and assesses receipts of the first project, so that the given amounts are accepted and disallowed.
func (d *desk) accountFor(accepted, disallowed money.Fen) {
	d.t.Helper()
	lines := d.project1().Proposal.Budget
	good, bad := spread(lines, "GOOD", 0, accepted), spread(lines, "BAD", accepted, disallowed)
	d.report(0, append(good, bad...)...)
	judge := &project.JudgeSpending{Report: len(d.project1().Statements)}
	for _, r := range bad {
		judge.Disallowed = append(judge.Disallowed, project.Disallowance{Invoice: r.Number, Reason: "r"})
	}
	if len(good)+len(bad) > 0 {
		d.do(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", judge)
	}
}

func (d *desk) divert(fen money.Fen) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", &project.RecordDiversion{Fen: fen, Finding: "f", Evidence: []string{file}})
}

// Of the grant of 210,000.00, 189,000.00 has been paid before the settlement and 21,000.00 is left.
func TestTheSettlementFollowsFromTheJudgedReceipts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		accepted, disallowed, diverted money.Fen
		last, refund, owed, released   money.Fen // owed excludes the diverted amount
	}{
		"all is spent: the whole last tranche":                {21000000, 0, 0, 2100000, 0, 0, 0},
		"a fen is not spent: a fen less":                      {20999999, 0, 0, 2099999, 0, 0, 1},
		"a fen more than was paid: a last tranche of a fen":   {18900001, 0, 0, 1, 0, 0, 2099999},
		"exactly what was paid: no last tranche":              {18900000, 0, 0, 0, 0, 0, 2100000},
		"a fen less than was paid: a refund of a fen":         {18899999, 0, 0, 0, 1, 0, 2100000},
		"nothing is spent: all that was paid is returned":     {0, 0, 0, 0, 18900000, 0, 2100000},
		"what was paid and disallowed is owed":                {18000000, 900000, 0, 0, 0, 900000, 2100000},
		"what was disallowed and never paid is not owed":      {18900000, 2100000, 0, 0, 0, 0, 2100000},
		"of what was disallowed, as much as was paid is owed": {18000000, 3000000, 0, 0, 0, 900000, 2100000},
		"disallowed is owed, the rest is returned":            {18000000, 400000, 0, 0, 500000, 400000, 2100000},
		"all is disallowed: all that was paid is owed":        {0, 21000000, 0, 0, 0, 18900000, 2100000},
		"the last tranche makes up for what was diverted":     {19200000, 0, 1800000, 2100000, 0, 0, 0},
		"the last tranche never exceeds the grant":            {21000000, 0, 1800000, 2100000, 0, 0, 0},
		"diverted, and less spent: a smaller last tranche":    {18000000, 0, 1800000, 900000, 0, 0, 1200000},
		"diverted, and exactly the rest is spent":             {17100000, 0, 1800000, 0, 0, 0, 2100000},
		"diverted is not returned twice":                      {16000000, 0, 1800000, 0, 1100000, 0, 2100000},
		"diverted and disallowed money are both owed":         {16000000, 300000, 1800000, 0, 800000, 300000, 2100000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).settlement()
			if test.diverted > 0 {
				d.divert(test.diverted)
			}
			d.accountFor(test.accepted, test.disallowed)
			d.submitSettlement(0)
			d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
			p := d.project1()
			last := money.Fen(0)
			if p.Tranches[2].Attempt > 0 {
				last = p.Tranches[2].Fen
			}
			if last != test.last || p.RefundDue != test.refund || p.DebtFen() != test.owed+test.diverted {
				t.Errorf("last tranche %s, refund %s, owed %s", last, p.RefundDue, p.DebtFen())
			}
			if got := d.balance(id, ledger.Available); got != test.released {
				t.Errorf("released %s, want %s", got, test.released)
			}
			if got := d.holds(ledger.Receivable); got != test.owed+test.diverted {
				t.Errorf("receivable %s", got)
			}
			want := project.Closing
			if test.last > 0 {
				d.pay(paymentRef("1", "3", "1"))
			}
			if test.refund > 0 {
				d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: test.refund, Voucher: "R", Slip: file})
			}
			if got := d.stage(projectRef("1")); got != want {
				t.Errorf("stage %s, want %s", got, want)
			}
			for _, account := range []string{ledger.Advance, ledger.Commitment, ledger.Transit, ledger.Disallowed} {
				if got := d.balance(p.ID, account); got != 0 {
					t.Errorf("%s still holds %s", account, got)
				}
			}
			d.noOverdraft()
		})
	}
}

// The third project was granted 180,000.00 and paid 162,000.00. All of the grant had been accepted when 18,000.00 of the training
// proved to be diverted. The accepted spending is then 162,000.00, of which 144,000.00 is covered by payments, so the last tranche is
// the remaining 18,000.00.
func TestDivertedMoneyIsReversedRecoveredAndNotPaidAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	third, owner := projectRef("3"), projectRef("3").ID
	d.account(2, receipts(d.data.Projects[2], 0)...)
	d.do(zhuanglang.CountyFinance, third, "record-diversion", &project.RecordDiversion{Fen: 1800000, Kind: "training", Finding: "f", Evidence: []string{file}})
	d.submitSettlement(2)
	d.do(zhuanglang.CountyFinance, third, "accept-settlement", &project.AcceptSettlement{})
	p := d.project(2)
	if accepted := sum(p.Accepted); accepted != 16200000 || p.Accepted["training"] != 5200000 || p.Tranches[2].Fen != 1800000 || p.RefundDue != 0 {
		t.Errorf("accepted %s, of it training %s, last tranche %s, refund %s", accepted, p.Accepted["training"], p.Tranches[2].Fen, p.RefundDue)
	}
	d.pay(paymentRef("3", "3", "1"))
	var spent money.Fen
	for account, fen := range d.balances {
		if account.Owner == owner && account.Name == ledger.Spent {
			spent += fen
		}
	}
	recoveryID := owner + ".r1"
	if spent != 16200000 || d.balance(recoveryID, ledger.Receivable) != 1800000 || d.balance(owner, ledger.Advance) != 0 {
		t.Errorf("spent %s, receivable %s, advance %s", spent, d.balance(recoveryID, ledger.Receivable), d.balance(owner, ledger.Advance))
	}
	if got := d.stage(third); got != project.Closing {
		t.Errorf("stage %s", got)
	}
	d.do(zhuanglang.CountyFinance, flow.Ref{Kind: recovery.Kind, ID: recoveryID}, "record-repayment", &recovery.RecordRepayment{Fen: 1800000, Voucher: "R", Slip: file})
	if got := d.balance(id, ledger.Treasury); got != 1800000 || d.holds(ledger.Receivable) != 0 {
		t.Errorf("returned to the treasury %s, still owed %s", got, d.holds(ledger.Receivable))
	}
	d.noOverdraft()
}

// If the grant may cover at most 60 % of a project's cost, a grant of 30,000.00 needs 20,000.00 of matching funds.
func TestTheGrantIsLimitedToItsShareOfTheCost(t *testing.T) {
	t.Parallel()
	sixty := func(d *desk) {
		rules := *d.context.Rules
		rules.GrantPermille.Value = 600
		d.context.Rules = &rules
	}
	for name, test := range map[string]struct {
		paid, inKind money.Fen
		want         domain.Code
	}{
		"matching funds paid in money count": {2000000, 0, ""},
		"matching in kind counts as well":    {0, 2000000, ""},
		"both together":                      {1000000, 1000000, ""},
		"a fen short":                        {1000000, 999999, "matching-short"},
		"none at all":                        {0, 0, "matching-short"},
	} {
		t.Run("settled: "+name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).settlement()
			sixty(d)
			all := []project.Invoice{invoice("I-1000", "service", 3000000)}
			if test.paid > 0 {
				all = append(all, of(project.FromMatching, invoice("I-1001", "service", test.paid)))
			}
			if test.inKind > 0 {
				all = append(all, of(project.FromInKind, invoice("I-1002", "materials", test.inKind)))
			}
			d.account(0, all...)
			d.submitSettlement(0)
			if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})); got != test.want {
				t.Errorf("answer %q, want %q", got, test.want)
			}
		})
	}
	for name, test := range map[string]struct {
		pledged money.Fen // in addition to a budget of 210,000.00
		want    domain.Code
	}{
		"140,000.00 pledged are enough": {14000000, ""},
		"a fen less is not":             {13999999, "matching-short"},
	} {
		t.Run("applied for: "+name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			sixty(d)
			a := d.data.Application()
			for i := range a.Proposals {
				a.Proposals[i].MatchingFen = 14000000
			}
			a.Proposals[0].MatchingFen = test.pledged
			d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: a})
			if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})); got != test.want {
				t.Errorf("answer %q, want %q", got, test.want)
			}
		})
	}
}

// 9,000.00 must be returned. The organization returns 4,000.00; the rest becomes a debt.
func TestARefundThatIsNotReturnedIsDemanded(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.settle(0, 3000000)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 400000, Voucher: "R-1", Slip: file})
	if got := d.stage(projectRef("1")); got != project.LastTranche || d.project1().RefundDue != 500000 {
		t.Fatalf("stage %s, left %s", got, d.project1().RefundDue)
	}
	d.on(calendar.On(2019, 2, 1))
	if !d.awaits(projectRef("1"), project.AwaitRefund).Escalated {
		t.Error("the overdue refund was not escalated")
	}
	d.do(zhuanglang.CountyFinance, projectRef("1"), "demand-refund", &project.DemandRefund{Reason: "overdue"})
	r := d.states[flow.Ref{Kind: recovery.Kind, ID: projectRef("1").ID + ".r1"}].(*recovery.Recovery)
	if r.Fen != 500000 || r.Why != recovery.DebtUnreturned || d.stage(projectRef("1")) != project.Closing {
		t.Errorf("owed %s because of %s, the project is in %s", r.Fen, r.Why, d.stage(projectRef("1")))
	}
	if debt, known := d.project1().DebtOf(r.ID); !known || debt.Reason != "overdue" || debt.On != calendar.Of(d.now) {
		t.Errorf("the debt gives as its reason %+v", debt)
	}
	if d.balance(id, ledger.Treasury) != 400000 || d.balance(r.ID, ledger.Receivable) != 500000 || d.balance(projectRef("1").ID, ledger.Advance) != 0 {
		t.Errorf("returned %s, receivable %s", d.balance(id, ledger.Treasury), d.balance(r.ID, ledger.Receivable))
	}
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"})
}

func TestRulesOfDemandsAndDiversions(t *testing.T) {
	t.Parallel()
	first, finance := projectRef("1"), zhuanglang.CountyFinance
	diverted := func(fen money.Fen, kind, evidence string) *project.RecordDiversion {
		return &project.RecordDiversion{Fen: fen, Kind: kind, Finding: "f", Evidence: []string{evidence}}
	}
	spent := func(d *desk) { d.account(0, invoice("I-1000", "service", 2600000)) } // out of the 126,000.00 that was paid
	checkRules(t, map[string]ruleCase{
		"all that was paid may be found diverted":                     {(*desk).inMay, nil, finance, first, "record-diversion", diverted(12600000, "", file), ""},
		"no more than was paid may be found diverted":                 {(*desk).inMay, nil, finance, first, "record-diversion", diverted(12600001, "", file), "over-advance"},
		"what was accounted for is found diverted only with its kind": {(*desk).inMay, spent, finance, first, "record-diversion", diverted(10000001, "", file), "over-advance"},
		"what was accounted for is found diverted with its kind":      {(*desk).inMay, spent, finance, first, "record-diversion", diverted(2600000, "service", file), ""},
		"no more of a kind than was accepted":                         {(*desk).inMay, spent, finance, first, "record-diversion", diverted(2600001, "service", file), "over-advance"},
		"nothing is found diverted twice":                             {(*desk).inMay, func(d *desk) { d.divert(12600000) }, finance, first, "record-diversion", diverted(1, "", file), "over-advance"},
		"a finding has its evidence":                                  {(*desk).inMay, nil, finance, first, "record-diversion", diverted(1, "", "00"), "no-such-file"},
		"a case officer may find it":                                  {(*desk).inMay, nil, zhuanglang.CountyOfficer, first, "record-diversion", diverted(1, "", file), ""},
		"an approver may not find it":                                 {(*desk).inMay, nil, zhuanglang.CountyApprover, first, "record-diversion", diverted(1, "", file), "wrong-role"},
		"another office may not find it":                              {(*desk).inMay, nil, zhuanglang.ProvinceOfficer, first, "record-diversion", diverted(1, "", file), "wrong-place"},
		"nothing is demanded where nothing is to be returned": {
			(*desk).settlement, func(d *desk) { d.settle(0, 0) }, finance, first, "demand-refund", &project.DemandRefund{Reason: "r"}, "wrong-stage",
		},
		"only an approver terminates":         {(*desk).inMay, nil, finance, first, "terminate", &project.Terminate{Reason: "r"}, "wrong-role"},
		"a settled project is not terminated": {(*desk).settlement, func(d *desk) { d.settle(0, 0) }, zhuanglang.CountyApprover, first, "terminate", &project.Terminate{Reason: "r"}, "wrong-stage"},
		"a terminated project is not terminated again": {
			(*desk).inMay, func(d *desk) { d.do(zhuanglang.CountyApprover, first, "terminate", &project.Terminate{Reason: "r"}) },
			zhuanglang.CountyApprover, first, "terminate", &project.Terminate{Reason: "r"}, "wrong-stage",
		},
	})
}

// The fund never pays more than its total, over all pilots.
func TestTheFundIsTheOnlyAccountWithAFloorBelowZero(t *testing.T) {
	t.Parallel()
	d := newDesk(t).approved()
	for _, kind := range ledger.Chart {
		want := money.Fen(0)
		if kind.Name == ledger.FundSource {
			want = -120000000
		}
		if got := ledger.Floor(ledger.Account{Name: kind.Name}, d.context.Rules); got != want {
			t.Errorf("%s: %s, want %s", kind.Name, got, want)
		}
	}
	if fund, given := d.balance(d.data.Programme, ledger.FundSource), d.balance(d.data.Programme, ledger.Allotted); fund != -120000000 || given != 120000000 {
		t.Errorf("the fund's balance is %s, and %s is allotted", fund, given)
	}
}
