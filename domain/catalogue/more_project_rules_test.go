package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestAGrantIsPaidInThreeTranchesTheLastOfWhichTakesTheRest(t *testing.T) {
	t.Parallel()
	d := newDesk(t).approved()
	for i, q := range d.data.Projects {
		for j, tranche := range d.states[projectRef(n(i))].(*project.Project).Tranches {
			if tranche.Fen != q.TranchesFen[j] {
				t.Errorf("tranche %d of %s: %s, the data say %s", j+1, q.Code, tranche.Fen, q.TranchesFen[j])
			}
		}
	}
	if got := d.context.Rules.Split(100001); !slices.Equal(got, []money.Fen{60000, 30000, 10001}) {
		t.Errorf("1,000.01 yuan split into %v fen", got)
	}
}

func TestRulesOfPayments(t *testing.T) {
	t.Parallel()
	first := paymentRef("1", "1", "1")
	confirm := func(slip string) *payment.ConfirmPayment { return &payment.ConfirmPayment{Voucher: "V", Slip: slip} }
	strange := flow.Ref{Kind: payment.Kind, ID: id + ".1.9.1"}
	released := func(d *desk) {
		d.do(zhuanglang.CountyFinance, first, "release", &payment.ReleasePayment{})
		d.do(zhuanglang.CountyApprover, first, "release", &payment.ReleasePayment{})
	}
	posted := &project.RecordTranche{End: payment.End{Payment: first.ID, Outcome: payment.Posted, Fen: 12600000}}
	checkRules(t, map[string]ruleCase{
		"no money goes to an account in another name": {
			(*desk).signed, func(d *desk) {
				open, err := d.project1().PaymentOpening(first.ID)
				if err != nil {
					d.t.Fatal(err)
				}
				open.Tranche, open.AccountName = 9, "张三"
				d.do(domain.Workflow.ID, strange, "open", open)
			},
			zhuanglang.CountyFinance, strange, "release", &payment.ReleasePayment{}, "account-name",
		},
		"a voucher's slip must have been uploaded": {(*desk).signed, released, zhuanglang.CountyFinance, first, "confirm", confirm("00"), "no-such-file"},
		"a voucher confirms the payment":           {(*desk).signed, released, zhuanglang.CountyFinance, first, "confirm", confirm(file), ""},
		"a payment the bank has is not voided":     {(*desk).signed, released, zhuanglang.CountyFinance, first, "void", &payment.VoidPayment{Reason: "r"}, "wrong-stage"},
		"a paid payment is not voided": {
			(*desk).rollout, nil, zhuanglang.CountyFinance, first, "void", &payment.VoidPayment{Reason: "r"}, "wrong-stage",
		},
		"a payment's end is recorded once": {
			(*desk).rollout, nil, domain.Workflow.ID, projectRef("1"), "record-payment", posted, "already-recorded",
		},
		"an attempt that was given up does not count any more": {
			(*desk).signed, func(d *desk) { d.do(zhuanglang.CountyFinance, first, "void", &payment.VoidPayment{Reason: "r"}) },
			domain.Workflow.ID, projectRef("1"), "record-payment", posted, "already-recorded",
		},
		"the evaluator's payment is recorded when it is owed": {
			(*desk).rollout, nil, domain.Workflow.ID, thePilot, "record-payment",
			&pilot.RecordPayment{End: payment.End{Payment: id + ".e.1", Outcome: payment.Posted, Fen: 6000000}}, "already-recorded",
		},
	})
}

func TestAPaymentTheBankReturnsIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	first := paymentRef("1", "1", "1")
	d.do(zhuanglang.CountyFinance, first, "release", &payment.ReleasePayment{})
	d.do(zhuanglang.CountyApprover, first, "release", &payment.ReleasePayment{})
	if got := d.stage(first); got != payment.Confirmation {
		t.Fatalf("after two releases the bank is instructed at once: %s", got)
	}
	d.do(zhuanglang.CountyFinance, first, "return-payment", &payment.ReturnPayment{Reason: "account closed"})
	if got := d.stage(paymentRef("1", "1", "2")); got != payment.Release {
		t.Errorf("second attempt: %q", got)
	}
	if got := d.project1(); got.PaidFen != 0 || d.sum() != 0 || len(d.states[first].Claims()) != 0 {
		t.Errorf("paid %s, ledger sums to %d, the returned attempt claims %v", got.PaidFen, d.sum(), d.states[first].Claims())
	}
}

func TestOneLiveAttemptOfATrancheAndNoVoucherTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	first := paymentRef("1", "1", "1")
	if got := d.states[first].Claims(); !slices.Equal(got, []string{"payment:" + id + ".1.1"}) {
		t.Errorf("a live attempt claims %v", got)
	}
	d.pay(first)
	if got := d.states[first].Claims(); !slices.Equal(got, []string{"payment:" + id + ".1.1", "voucher:620825:V-" + first.ID}) {
		t.Errorf("a paid attempt claims %v", got)
	}
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Errorf("the first tranche begins the rollout: %s", got)
	}
}

func TestATerminatedProjectStaysUntilEveryTrancheUnderWayHasEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rules := *d.context.Rules
	rules.Tranches = slices.Clone(rules.Tranches)
	rules.Tranches[1].Milestones, rules.Tranches[1].MidTerm = nil, false // due with the signatures, as the first
	d.context.Rules = &rules
	d.signed()
	first, second := paymentRef("1", "1", "1"), paymentRef("1", "2", "1")
	d.pay(first)
	d.released(second) // with the officer who pays
	d.do(zhuanglang.CountyApprover, projectRef("1"), "terminate", &project.Terminate{Reason: "r"})
	if p := flow.ProgressOf(d.project1()); p.Stage != project.Terminated || p.Ended || d.awaits(projectRef("1"), project.AwaitMoney).Subject != "2" {
		t.Errorf("while a payment is under way the project is %s, ended %t, and awaits %v", p.Stage, p.Ended, p.Turns)
	}
	if ends := d.pilot().Ends; len(ends) != 0 {
		t.Errorf("the pilot was told of an end that is to come: %v", ends)
	}
	d.do(zhuanglang.CountyFinance, second, "confirm", &payment.ConfirmPayment{Voucher: "V-2", Slip: file})
	if p, owed := flow.ProgressOf(d.project1()), d.project1().Ending().OwedFen; !catalogue.All.Ended(p.Stage) || len(p.Duties) != 0 || owed != d.project1().PaidFen {
		t.Errorf("after the payment the project is %s, the workflows owe %v, and %s of %s is owed back", p.Stage, p.Duties, owed, d.project1().PaidFen)
	}
}

func TestRulesOfRollout(t *testing.T) {
	t.Parallel()
	submit := func(d *desk) {
		d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
			{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
		}})
	}
	accept := func(d *desk) {
		submit(d)
		d.do(zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"})
	}
	checkRules(t, map[string]ruleCase{
		"a milestone has the name that the application gave it": {
			(*desk).rollout, nil, organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{}, "no-such-milestone",
		},
		"a village accepts a milestone once": {
			(*desk).rollout, accept, zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"}, "already-accepted",
		},
		"a visit on site has taken place": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 9), Finding: "f"}, "future-day",
		},
		"a visit today is a visit": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 8), Finding: "f"}, "",
		},
		"a returned milestone is accepted by the village anew": {
			(*desk).rollout, func(d *desk) {
				accept(d)
				d.do(zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"})
				submit(d)
			},
			zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 8), Finding: "f"}, "village-first",
		},
		"a milestone is still submitted after the rollout's end": {
			(*desk).midTerm, func(d *desk) { d.onGolden("final_report") },
			organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M3", Evidence: []project.EvidenceFile{
				{Kind: "photos", SHA256: file}, {Kind: "attendance-sheet", SHA256: file}, {Kind: "spending-report", SHA256: file},
			}}, "",
		},
		"a terminated project takes no milestones": {
			(*desk).rollout, func(d *desk) { d.on(d.data.Golden["mid_term"].AddDays(1)) },
			organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1"}, "wrong-stage",
		},
		"the pilot hears of its own projects only": {
			(*desk).rollout, nil, domain.Workflow.ID, thePilot, "record-end", &pilot.RecordEnd{Project: "other.1"}, "no-such-project",
		},
		"a project ends once": {
			(*desk).approved, func(d *desk) {
				d.do(organization1, projectRef("1"), "refuse-agreement", &project.RefuseAgreement{Reason: "r"})
			},
			domain.Workflow.ID, thePilot, "record-end", &pilot.RecordEnd{Project: id + ".1"}, "already-recorded",
		},
	})
}

func TestAReturnedMilestoneHasTenWorkingDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout() // on Monday 2018-01-08
	d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
	}})
	if got, want := d.awaits(projectRef("1"), project.AwaitVerification).Due, calendar.On(2018, 1, 22); got != want {
		t.Errorf("to be verified by %s, want %s", got, want)
	}
	d.do(zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"})
	for _, turn := range flow.RecordOf(d.project1()).Turns {
		if turn.Subject == "M1" && (turn.Key != project.AwaitMilestone || turn.Due != calendar.On(2018, 1, 22)) {
			t.Errorf("after the return: %+v", turn)
		}
	}
}

func TestTheRolloutEndsByItselfOnItsSetDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).midTerm()
	d.until(d.data.Golden["rollout_ends"].At(23, 59))
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Fatalf("on the set day: %s", got)
	}
	d.on(calendar.On(2019, 1, 2))
	if got := d.stage(projectRef("1")); got != project.FinalEvaluation {
		t.Errorf("afterwards: %s", got)
	}
	if got := d.days["project rollout-ended"][0]; got != d.data.Golden["rollout_ends"] {
		t.Errorf("it ended on %s", got)
	}
	if got, want := d.awaits(projectRef("1"), project.AwaitFinalReport).Due, calendar.On(2019, 1, 31); got != want {
		t.Errorf("the final report is due %s, one month later is %s", got, want)
	}
}

func TestTheEvaluatorIsPaidOnceAfterTheLastVerdict(t *testing.T) {
	t.Parallel()
	contract := func(attempt string) flow.Ref {
		return flow.Ref{Kind: payment.Kind, ID: id + ".e." + attempt}
	}
	d := newDesk(t).approved()
	for i, q := range d.data.Projects {
		if _, opened := d.states[contract("1")]; opened {
			t.Fatalf("paid with %d villages still at work", len(d.data.Projects)-i)
		}
		d.do(zhuanglang.OrganizationPerson(q.Code), projectRef(n(i)), "refuse-agreement", &project.RefuseAgreement{Reason: "r"})
	}
	d.do(zhuanglang.CountyFinance, contract("1"), "void", &payment.VoidPayment{Reason: "r"})
	d.pay(contract("2"))
	if got := d.stage(thePilot); got != pilot.Evaluation {
		t.Errorf("after the payment: %s", got)
	}
	if got := d.balances[ledger.Account{Owner: id + ".e", Name: ledger.Spent}]; got != d.data.EvaluationFen || d.sum() != 0 {
		t.Errorf("the evaluator got %s, the ledger sums to %d", got, d.sum())
	}
}

func TestTheMidTermVerdictLeadsOnOrEnds(t *testing.T) {
	t.Parallel()
	reported := func(d *desk) {
		d.onGolden("mid_term")
		d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	}
	judge := func(d *desk, outcome project.VerdictOutcome) {
		d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: outcome, Score: 60, Reason: "r"})
	}
	rectify := func(d *desk) {
		judge(d, project.Rectify)
		if got, want := d.awaits(projectRef("1"), project.AwaitRectification).Due, calendar.On(2018, 7, 30); got != want {
			d.t.Errorf("to be rectified by %s, 30 days after 2018-06-30 is %s", got, want)
		}
	}
	for name, test := range map[string]struct {
		then  func(*desk)
		stage flow.Stage
	}{
		"passed: the rollout goes on":                 {func(d *desk) { judge(d, project.Pass) }, pilot.Rollout},
		"failed: the project is terminated":           {func(d *desk) { judge(d, project.Fail) }, project.Terminated},
		"to be rectified: the rollout goes on":        {rectify, pilot.Rollout},
		"not rectified in time: terminated":           {func(d *desk) { rectify(d); d.on(calendar.On(2018, 7, 31)) }, project.Terminated},
		"rectified on the last day: evaluated again":  {func(d *desk) { d.rectified(rectify); judge(d, project.Pass) }, pilot.Rollout},
		"rectified and still failing: terminated":     {func(d *desk) { d.rectified(rectify); judge(d, project.Fail) }, project.Terminated},
		"a late verdict does not harm the project":    {func(d *desk) { d.on(calendar.On(2018, 9, 1)); judge(d, project.Pass) }, pilot.Rollout},
		"sixty points are enough to pass, being fair": {func(d *desk) { judge(d, project.Pass) }, pilot.Rollout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			reported(d)
			if test.then(d); d.stage(projectRef("1")) != test.stage {
				t.Errorf("stage %s, want %s", d.stage(projectRef("1")), test.stage)
			}
		})
	}
}

// rectified reports on the last day of a rectification.
func (d *desk) rectified(rectify func(*desk)) {
	rectify(d)
	d.until(calendar.On(2018, 7, 30).At(23, 59))
	d.do(organization1, projectRef("1"), "report-rectification", &project.ReportRectification{Report: file, Summary: "s"})
}

func TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm(t *testing.T) {
	t.Parallel()
	midTerm := func(d *desk) {
		d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
		d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "r"})
	}
	for name, test := range map[string]struct {
		then func(*desk)
		due  bool
	}{
		"milestones without the mid-term": {func(d *desk) { d.milestone("M1"); d.milestone("M2") }, false},
		"the mid-term with one milestone": {func(d *desk) { d.milestone("M1"); midTerm(d) }, false},
		"both, the mid-term last":         {func(d *desk) { d.milestone("M1"); d.milestone("M2"); midTerm(d) }, true},
		"both, a milestone last":          {func(d *desk) { d.milestone("M2"); midTerm(d); d.milestone("M1") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			d.on(calendar.On(2018, 6, 15))
			test.then(d)
			if _, opened := d.states[paymentRef("1", "2", "1")]; opened != test.due {
				t.Errorf("the second tranche is due: %t", opened)
			}
		})
	}
}

func TestRulesOfTheFinalEvaluation(t *testing.T) {
	t.Parallel()
	judge := &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "r"}
	report := func(d *desk) {
		d.onGolden("final_report")
		d.do(organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	}
	checkRules(t, map[string]ruleCase{
		"one figure for each indicator": {
			(*desk).midTerm, func(d *desk) { d.onGolden("final_report") },
			organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1}}, "indicator-count",
		},
		"a late final report is accepted": {
			(*desk).midTerm, func(d *desk) { d.on(calendar.On(2019, 2, 20)) },
			organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}}, "",
		},
		"nothing passes with a milestone open": {
			(*desk).midTerm, report, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "milestone-open",
		},
		"nothing passes with the mid-term open": {
			(*desk).rollout, func(d *desk) {
				d.on(calendar.On(2018, 6, 15))
				for _, key := range []string{"M1", "M2", "M3", "M4"} {
					d.milestone(key)
				}
				d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
				report(d)
			},
			zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "midterm-open",
		},
		"a poor final score does not pass": {
			(*desk).finalReport, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final",
			&project.JudgeFinal{Outcome: project.Pass, Score: 59, Reason: "r"}, "score-too-low",
		},
		"a project that failed is over": {
			(*desk).finalReport, func(d *desk) {
				d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Fail, Score: 30, Reason: "r"})
			},
			organization1, projectRef("1"), "submit-settlement", &project.SubmitSettlement{}, "wrong-stage",
		},
	})
}

func TestRulesOfTheSettlement(t *testing.T) {
	t.Parallel()
	settlement := func(photo string) *project.SubmitSettlement {
		return &project.SubmitSettlement{Account: file, MarkPhotos: []string{photo}}
	}
	submit := func(d *desk) { d.submitSettlement(0) }
	refunding := func(d *desk) *desk {
		d.settlement().settle(0, 3000000)
		return d
	}
	checkRules(t, map[string]ruleCase{
		"a photo of the lottery mark must have been uploaded": {
			(*desk).settlement, nil, organization1, projectRef("1"), "submit-settlement", settlement("00"), "no-such-file",
		},
		"every spending report is judged before": {
			(*desk).settlement, func(d *desk) {
				d.do(organization1, projectRef("1"), "report-spending", &project.ReportSpending{Receipts: []project.Invoice{invoice("I-1", "service", 100)}})
			},
			organization1, projectRef("1"), "submit-settlement", settlement(file), "spending-open",
		},
		"nothing is settled while a payment is under way": {
			(*desk).finalReport, func(d *desk) {
				d.project1().Tranches[1].Paid = false
				d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "r"})
				submit(d)
			},
			zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{}, "payment-under-way",
		},
		"a returned settlement is handed in again": {
			(*desk).settlement, func(d *desk) {
				submit(d)
				d.do(zhuanglang.CountyFinance, projectRef("1"), "return-settlement", &project.ReturnSettlement{Reason: "r"})
			},
			organization1, projectRef("1"), "submit-settlement", settlement(file), "",
		},
		"no more unspent money is returned than there is": {
			refunding, nil, zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 900001, Voucher: "R", Slip: file}, "refund-amount",
		},
		"a part of it may come first": {
			refunding, nil, zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 899999, Voucher: "R", Slip: file}, "",
		},
		"the refund's voucher is entered once": {
			refunding, func(d *desk) {
				d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 1, Voucher: "R", Slip: file})
			},
			zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 1, Voucher: "R", Slip: file}, "duplicate-voucher",
		},
		"a project closes once its money is back": {
			refunding, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"}, "wrong-stage",
		},
		"the office does not close a project": {
			(*desk).settlement, func(d *desk) { d.settle(0, 2100000) },
			zhuanglang.CountyOfficer, projectRef("1"), "close", &project.CloseProject{Opinion: "o"}, "wrong-role",
		},
		"the evaluator closes a project": {
			(*desk).settlement, func(d *desk) { d.settle(0, 2100000) },
			zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"}, "",
		},
		"a closing refused is asked for again": {
			(*desk).settlement, func(d *desk) {
				d.settle(0, 2100000)
				d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "refuse-closing", &project.RefuseClosing{Reason: "r"})
			},
			zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"}, "",
		},
	})
}

func TestEachStepOfTheEndHasItsTerm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement() // on Wednesday 2019-01-02
	due := func(key flow.WaitKey, want calendar.Date) {
		t.Helper()
		if got := d.awaits(projectRef("1"), key).Due; got != want {
			t.Errorf("%s due %s, want %s", key, got, want)
		}
	}
	due(project.AwaitSettlement, calendar.On(2019, 2, 1)) // 30 days
	d.submitSettlement(0)
	due(project.AwaitAcceptance, calendar.On(2019, 1, 16)) // 10 working days
	d.do(zhuanglang.CountyFinance, projectRef("1"), "return-settlement", &project.ReturnSettlement{Reason: "r"})
	due(project.AwaitSettlement, calendar.On(2019, 1, 16))
	d.settle(0, 3000000)
	due(project.AwaitRefund, calendar.On(2019, 1, 23)) // 15 working days
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 900000, Voucher: "R", Slip: file})
	due(project.AwaitClosing, calendar.On(2019, 1, 23))
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "refuse-closing", &project.RefuseClosing{Reason: "r"})
	due(project.AwaitClosing, calendar.On(2019, 1, 16))
}

func TestRulesOfDisclosure(t *testing.T) {
	t.Parallel()
	paid := func(d *desk) *desk {
		d.closed().pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.1"})
		return d
	}
	scores := func(execution int, more ...string) *pilot.SubmitSummary {
		s := map[string]int{"execution": execution, "outputs": 50, "benefits": 30, "satisfaction": 10}
		for _, factor := range more {
			s[factor] = 1
		}
		return &pilot.SubmitSummary{Scores: s, Narrative: "n"}
	}
	checkRules(t, map[string]ruleCase{
		"the full score is the most a factor gets": {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(11), "over-factor"},
		"a factor the programme does not weigh":    {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10, "beauty"), "unknown-factor"},
		"every factor is scored": {
			paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{Scores: map[string]int{"execution": 10}}, "missing-factor",
		},
		"every factor scored is a self-evaluation": {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10), ""},
		"the county does not announce": {
			paid, func(d *desk) { d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10)) },
			zhuanglang.CountyOfficer, thePilot, "announce", &pilot.Announce{Text: "t"}, "wrong-place",
		},
		"the approving office announces": {
			paid, func(d *desk) { d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10)) },
			zhuanglang.ProvinceOfficer, thePilot, "announce", &pilot.Announce{Text: "t"}, "",
		},
	})
}

func TestTheSelfEvaluationAndTheAnnouncementAreDueOnTheProgrammesDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed()
	d.pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.1"})
	if got := d.awaits(thePilot, pilot.AwaitSummary).Due; got != d.data.Golden["announcement"] {
		t.Errorf("self-evaluation due %s", got)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{
		Scores: map[string]int{"execution": 10, "outputs": 50, "benefits": 20, "satisfaction": 9}, Narrative: "n",
	})
	if got := d.awaits(thePilot, pilot.AwaitAnnouncement).Due; got != d.data.Golden["announcement"] {
		t.Errorf("announcement due %s", got)
	}
	if got := d.pilot().Summary; got.Total != 89 || got.Grade != "good" {
		t.Errorf("89 points are %+v", got)
	}
}

func TestAnArchivedDossierIsKeptThirtyYears(t *testing.T) {
	t.Parallel()
	d := newDesk(t).archived()
	if got := d.pilot(); got.Stage != pilot.Archived || got.Dossier == "" || len(got.Turns)+len(got.Duties) != 0 {
		t.Fatalf("archived: %s, dossier %q, still open %v %v", got.Stage, got.Dossier, got.Turns, got.Duties)
	}
	c := d.context
	c.Now, c.Actor = calendar.On(2019, 6, 30).At(10, 0), domain.Workflow
	for _, e := range (&pilot.Archive{Dossier: "sealed"}).Decide(d.pilot(), c) {
		if got := e.(*pilot.PilotArchived).RetainUntil; got != calendar.On(2049, 6, 30) {
			t.Errorf("kept until %s", got)
		}
	}
}
