package catalogue_test

import (
	"maps"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

var firstDebt = flow.Ref{Kind: recovery.Kind, ID: id + ".1.r1"}

func (d *desk) recovery() *recovery.Recovery { return d.states[firstDebt].(*recovery.Recovery) }

// owing takes the first project to 2018-05-02, with 18,000.00 found diverted.
func (d *desk) owing() *desk {
	d.inMay().divert(1800000)
	return d
}

func (d *desk) repay(voucher string, fen money.Fen) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, firstDebt, "record-repayment", &recovery.RecordRepayment{Fen: fen, Voucher: voucher, Slip: file})
}

// instalment returns an instalment of a debt.
func instalment(due calendar.Date, fen money.Fen) recovery.Instalment {
	return recovery.Instalment{Due: due, Fen: fen}
}

// thirds returns an agreement on three instalments of 6,000.00.
func thirds() *recovery.AgreeInstalments {
	return &recovery.AgreeInstalments{Reason: "r", Instalments: []recovery.Instalment{
		instalment(calendar.On(2018, 6, 1), 600000), instalment(calendar.On(2018, 9, 3), 600000), instalment(calendar.On(2018, 12, 3), 600000),
	}}
}

func TestRulesOfRecoveries(t *testing.T) {
	t.Parallel()
	agree := func(parts ...recovery.Instalment) *recovery.AgreeInstalments {
		return &recovery.AgreeInstalments{Instalments: parts, Reason: "r"}
	}
	repay := func(fen money.Fen, voucher, slip string) *recovery.RecordRepayment {
		return &recovery.RecordRepayment{Fen: fen, Voucher: voucher, Slip: slip}
	}
	finance, approver, may, june := zhuanglang.CountyFinance, zhuanglang.CountyApprover, calendar.On(2018, 5, 2), calendar.On(2018, 6, 1)
	checkRules(t, map[string]ruleCase{
		"all of a debt may be paid back":            {(*desk).owing, nil, finance, firstDebt, "record-repayment", repay(1800000, "R", file), ""},
		"part of a debt may be paid back":           {(*desk).owing, nil, finance, firstDebt, "record-repayment", repay(1, "R", file), ""},
		"no more than is owed":                      {(*desk).owing, nil, finance, firstDebt, "record-repayment", repay(1800001, "R", file), "over-debt"},
		"no more than is left":                      {(*desk).owing, func(d *desk) { d.repay("R-1", 1000000) }, finance, firstDebt, "record-repayment", repay(800001, "R-2", file), "over-debt"},
		"a repayment's voucher is entered once":     {(*desk).owing, func(d *desk) { d.repay("R-1", 1000000) }, finance, firstDebt, "record-repayment", repay(1, "R-1", file), "duplicate-voucher"},
		"a repayment's slip must be uploaded":       {(*desk).owing, nil, finance, firstDebt, "record-repayment", repay(1, "R", "00"), "no-such-file"},
		"a repaid debt takes no further repayment":  {(*desk).owing, func(d *desk) { d.repay("R-1", 1800000) }, finance, firstDebt, "record-repayment", repay(1, "R-2", file), "wrong-stage"},
		"the debtor does not enter repayments":      {(*desk).owing, nil, organization1, firstDebt, "record-repayment", repay(1, "R", file), "wrong-role"},
		"instalments that add up to the debt":       {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(june, 1000000), instalment(june.AddDays(1), 800000)), ""},
		"instalments are agreed by an approver":     {(*desk).owing, nil, finance, firstDebt, "agree-instalments", agree(instalment(june, 1800000)), "wrong-role"},
		"instalments that add up to less":           {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(june, 1799999)), "instalment-sum"},
		"instalments that add up to more":           {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(june, 1800001)), "instalment-sum"},
		"instalments of what is left":               {(*desk).owing, func(d *desk) { d.repay("R-1", 1000000) }, approver, firstDebt, "agree-instalments", agree(instalment(june, 800000)), ""},
		"an instalment cannot be due today":         {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(may, 1800000)), "instalment-day"},
		"instalments follow each other":             {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(june, 900000), instalment(june, 900000)), "instalment-day"},
		"twelve months are the longest":             {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(calendar.On(2019, 5, 2), 1800000)), ""},
		"a day more than twelve months is too long": {(*desk).owing, nil, approver, firstDebt, "agree-instalments", agree(instalment(calendar.On(2019, 5, 3), 1800000)), "instalment-day"},
		"instalments can be agreed again":           {(*desk).owing, func(d *desk) { d.do(approver, firstDebt, "agree-instalments", thirds()) }, approver, firstDebt, "agree-instalments", agree(instalment(june, 1800000)), ""},
	})
}

// The recovery is due 30 calendar days after 2018-05-02.
func TestAnOverdueRecoveryIsEscalated(t *testing.T) {
	t.Parallel()
	d := newDesk(t).owing()
	if got, want := d.awaits(firstDebt, recovery.AwaitRepayment).Due, calendar.On(2018, 6, 1); got != want {
		t.Errorf("due %s, want %s", got, want)
	}
	d.on(calendar.On(2018, 6, 2))
	if !d.awaits(firstDebt, recovery.AwaitRepayment).Escalated {
		t.Error("not escalated")
	}
	d.repay("R", 1800000)
	if r := d.recovery(); r.Stage != recovery.Recovered || r.EndedOn != calendar.On(2018, 6, 2) || len(r.Turns) != 0 {
		t.Errorf("paid back: %s, still awaited %v", r.Stage, r.Turns)
	}
}

// Three instalments of 6,000.00 each. Repayments are credited to the instalments in order.
func TestADebtIsPaidBackInInstalmentsUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t).owing()
	d.do(zhuanglang.CountyApprover, firstDebt, "agree-instalments", thirds())
	for _, step := range []struct {
		day  calendar.Date
		paid money.Fen
		left money.Fen
		next calendar.Date // due date of the next instalment
	}{
		{calendar.On(2018, 6, 1), 500000, 1300000, calendar.On(2018, 6, 1)},
		{calendar.On(2018, 6, 1), 100000, 1200000, calendar.On(2018, 9, 3)},
		{calendar.On(2018, 9, 3), 700000, 500000, calendar.On(2018, 12, 3)},
		{calendar.On(2018, 12, 3), 500000, 0, calendar.Date{}},
	} {
		d.on(step.day)
		d.repay("R-"+step.left.String(), step.paid)
		if got := d.balance(firstDebt.ID, ledger.Receivable); got != step.left || d.recovery().LeftFen() != step.left {
			t.Errorf("after %s: %s left, want %s", step.paid, got, step.left)
		}
		if turns := d.recovery().Turns; step.left > 0 && (len(turns) == 0 || turns[0].Due != step.next) {
			t.Errorf("after %s the next is due: %+v", step.paid, turns)
		}
	}
	if got := d.balance(id, ledger.Treasury); got != 1800000 || d.stage(firstDebt) != recovery.Recovered {
		t.Errorf("returned %s, stage %s", got, d.stage(firstDebt))
	}
	d.noOverdraft()
}

func TestEachOverdueInstalmentIsEscalated(t *testing.T) {
	t.Parallel()
	d := newDesk(t).owing()
	d.do(zhuanglang.CountyApprover, firstDebt, "agree-instalments", thirds())
	d.on(calendar.On(2018, 9, 4))
	escalated := 0
	for _, turn := range d.recovery().Turns {
		if turn.Escalated {
			escalated++
		}
	}
	if escalated != 2 {
		t.Errorf("%d of three instalments were escalated, two are overdue", escalated)
	}
}

// An organization's debt delays neither the closing of its project nor the archiving of the pilot.
func TestARecoveryBlocksNeitherACloseNorTheArchive(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.divert(1800000)
	for i := range d.data.Projects {
		d.settle(i, 0)
		d.pay(paymentRef(n(i), "3", "1"))
		d.do(zhuanglang.EvaluatorPerson, projectRef(n(i)), "close", &project.CloseProject{Opinion: "closed"})
	}
	d.pay(contract)
	d.onGolden("announcement")
	d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{
		Scores: map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}, Narrative: "n",
	})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "announce", &pilot.Announce{Text: "t"})
	if d.stage(thePilot) != pilot.Archived || d.stage(projectRef("1")) != project.Closed || d.stage(firstDebt) != recovery.Repayment {
		t.Fatalf("the pilot is %s, the project %s, the recovery in %s", d.stage(thePilot), d.stage(projectRef("1")), d.stage(firstDebt))
	}
	d.repay("R", 1800000)
	if d.stage(firstDebt) != recovery.Recovered || d.balance(id, ledger.Treasury) != 1800000 {
		t.Errorf("afterwards: %s, returned %s", d.stage(firstDebt), d.balance(id, ledger.Treasury))
	}
	d.noOverdraft()
}

// The ban lasts exactly three years from the date of the breach.
func TestABreachBansTheOrganizationForThreeYears(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		breach func(*desk)
		until  calendar.Date
	}{
		"diverted money bans": {func(d *desk) { d.divert(1) }, calendar.On(2021, 5, 2)},
		"a termination for a breach bans": {func(d *desk) {
			d.do(zhuanglang.CountyApprover, projectRef("1"), "terminate", &project.Terminate{Reason: "r", Breach: true})
		}, calendar.On(2021, 5, 2)},
		"a termination without one does not": {func(d *desk) {
			d.do(zhuanglang.CountyApprover, projectRef("1"), "terminate", &project.Terminate{Reason: "r"})
		}, calendar.Date{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).inMay()
			if test.breach(d); d.project1().BannedUntil != test.until {
				t.Errorf("banned until %s, want %s", d.project1().BannedUntil, test.until)
			}
		})
	}
	for name, test := range map[string]struct {
		until calendar.Date
		want  domain.Code
	}{
		"on the ban's last day an application is not eligible": {calendar.On(2017, 9, 30), "not-eligible"},
		"on the day after it is":                               {calendar.On(2017, 9, 29), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			code := d.data.Projects[0].Organization.CreditCode
			facts := d.facts[code]
			facts.BannedUntil = test.until
			d.facts[code] = facts
			d.submitted() // on 2017-09-30
			if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})); got != test.want {
				t.Errorf("accepting: %q, want %q", got, test.want)
			}
		})
	}
}

// The grant of 210,000.00 consists of tranches of 126,000.00, 63,000.00 and 21,000.00.
func TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted(t *testing.T) {
	t.Parallel()
	second := paymentRef("1", "2", "1")
	monday := func(d *desk) { d.on(calendar.On(2018, 7, 2)) }
	window := func(d *desk) { // released on Saturday 2018-06-30
		d.midTerm().released(second)
	}
	clearing := func(d *desk) {
		monday(d.midTerm())
		d.throughBank(second, payment.Pending)
	}
	for name, test := range map[string]struct {
		until          func(*desk)
		after          func(*desk) // what is done after the termination
		released, owed money.Fen
		payment        flow.Stage // final stage of the second tranche's payment, if there is one
	}{
		"before the agreement":                         {func(d *desk) { d.approved() }, nil, 21000000, 0, ""},
		"before the first tranche: its payment stops":  {func(d *desk) { d.signed() }, nil, 21000000, 0, ""},
		"in the rollout":                               {func(d *desk) { d.inMay() }, nil, 8400000, 12600000, ""},
		"in the rollout, with spending accepted":       {func(d *desk) { d.inMay().account(0, invoice("I-1000", "service", 6000000)) }, nil, 8400000, 6600000, ""},
		"in the rollout, with spending not yet judged": {func(d *desk) { d.inMay().report(0, invoice("I-1000", "service", 6000000)) }, nil, 8400000, 12600000, ""},
		"in the rollout, with money claimed back":      {func(d *desk) { d.inMay().divert(1800000) }, nil, 8400000, 12600000, ""},
		"with a change waiting":                        {func(d *desk) { d.inMay().ask(d.shift("materials", "service", 360000)) }, nil, 8400000, 12600000, ""},
		"with a payment not released: it stops":        {func(d *desk) { d.midTerm() }, nil, 8400000, 12600000, payment.Voided},
		"with a payment before its window: it stops":   {window, nil, 8400000, 12600000, payment.Voided},
		"with a payment at the bank: not yet":          {clearing, nil, 2100000, 12600000, payment.Clearing},
		"paid all the same: owed with the rest":        {clearing, func(d *desk) { _ = d.bank(second, payment.BankPaid) }, 2100000, 18900000, payment.Posted},
		"refused by the bank: back to the fund":        {clearing, func(d *desk) { _ = d.bank(second, payment.BankRefused) }, 8400000, 12600000, payment.Voided},
		"sent back by the bank: back to the fund":      {clearing, func(d *desk) { _ = d.bank(second, payment.SentBack) }, 8400000, 12600000, payment.Returned},
		"paid, then sent back: finance enters it there": {clearing, func(d *desk) {
			_ = d.bank(second, payment.BankPaid)
			d.do(zhuanglang.CountyFinance, second, "return-payment", &payment.ReturnPayment{Reason: "r"})
		}, 2100000, 18900000, payment.Returned},
		"in the final evaluation":       {func(d *desk) { d.finalReport() }, nil, 2100000, 18900000, payment.Final},
		"before the settlement":         {func(d *desk) { d.settlement() }, nil, 2100000, 18900000, payment.Final},
		"with the settlement submitted": {func(d *desk) { d.settlement().accountFor(18000000, 0); d.submitSettlement(0) }, nil, 2100000, 900000, payment.Final},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			test.until(d)
			d.do(zhuanglang.CountyApprover, projectRef("1"), "terminate", &project.Terminate{Reason: "r"})
			if test.after != nil {
				test.after(d)
			}
			if got := d.balance(id, ledger.Available); got != test.released {
				t.Errorf("released %s, want %s", got, test.released)
			}
			if got := d.holds(ledger.Receivable); got != test.owed || d.project1().DebtFen() != test.owed {
				t.Errorf("receivable %s, want %s", got, test.owed)
			}
			if test.payment != "" && d.stage(second) != test.payment {
				t.Errorf("the second payment is %s, want %s", d.stage(second), test.payment)
			}
			if end, told := d.pilot().Ends[projectRef("1").ID]; told == (test.payment == payment.Clearing) || told && end.Outcome != project.Terminated {
				t.Errorf("the pilot was told: %t, %+v", told, end)
			}
			if d.balance(projectRef("1").ID, ledger.Advance) != 0 || d.stage(projectRef("1")) != project.Terminated {
				t.Errorf("still advanced: %s, stage %s", d.balance(projectRef("1").ID, ledger.Advance), d.stage(projectRef("1")))
			}
			d.noOverdraft()
		})
	}
}

func TestRulesOfDifferences(t *testing.T) {
	t.Parallel()
	ref := flow.Ref{Kind: difference.Kind, ID: id + ".d1"}
	open := func(d *desk) {
		d.do(domain.Workflow.ID, ref, "open", &difference.OpenDifference{
			What: difference.AmountDiffers, Home: "620825", Pilot: id, Programme: flow.ProgrammeRef{ID: d.data.Programme, Version: 1},
			Subject: firstTranche.ID, ExpectedFen: 12600000, FoundFen: 12599000,
		})
	}
	found := func(d *desk) *desk {
		open(d.inMay())
		return d
	}
	explain := func(files ...string) *difference.ExplainDifference {
		return &difference.ExplainDifference{Explanation: "a fee", Evidence: files}
	}
	finance := zhuanglang.CountyFinance
	checkRules(t, map[string]ruleCase{
		"finance explains a difference":           {found, nil, finance, ref, "explain", explain(file), ""},
		"evidence for it must have been uploaded": {found, nil, finance, ref, "explain", explain("00"), "no-such-file"},
		"nobody else explains it":                 {found, nil, zhuanglang.CountyOfficer, ref, "explain", explain(), "wrong-role"},
		"a difference is explained once":          {found, func(d *desk) { d.do(finance, ref, "explain", explain()) }, finance, ref, "explain", explain(), "wrong-stage"},
		"nobody opens a difference by hand":       {(*desk).inMay, nil, finance, ref, "open", &difference.OpenDifference{}, "wrong-role"},
	})
	t.Run("it waits five working days and is escalated", func(t *testing.T) {
		t.Parallel()
		d := found(newDesk(t)) // on Wednesday 2018-05-02
		if got, want := d.awaits(ref, difference.AwaitExplanation).Due, calendar.On(2018, 5, 9); got != want {
			t.Errorf("due %s, want %s", got, want)
		}
		d.on(calendar.On(2018, 5, 10))
		if !d.awaits(ref, difference.AwaitExplanation).Escalated {
			t.Error("not escalated")
		}
	})
	t.Run("no difference is corrected by itself", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t).inMay()
		before := maps.Clone(d.balances)
		open(d)
		d.do(finance, ref, "explain", explain())
		if !maps.Equal(before, d.balances) {
			t.Errorf("the balances went from %v to %v", before, d.balances)
		}
		for _, b := range catalogue.All.Bookings() {
			if b.Event.Aggregate == difference.Kind {
				t.Errorf("%s moves money", b.Event.Name)
			}
		}
	})
}
