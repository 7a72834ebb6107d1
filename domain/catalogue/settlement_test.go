package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/project"
)

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
		"every spending report is judged first": {
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
		"a returned settlement is submitted again": {
			(*desk).settlement, func(d *desk) {
				submit(d)
				d.do(zhuanglang.CountyFinance, projectRef("1"), "return-settlement", &project.ReturnSettlement{Reason: "r"})
			},
			organization1, projectRef("1"), "submit-settlement", settlement(file), "",
		},
		"no more unspent money is returned than there is": {
			refunding, nil, zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 900001, Voucher: "R", Slip: file}, "refund-amount",
		},
		"unspent money can be returned in parts": {
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
		"a refused closing can be decided again": {
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

func TestNoMoreIsAcceptedThanWasGranted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Projects = slices.Clone(d.data.Projects)
	data.Projects[0].GrantFen -= 1000000 // the experts reduced the grant but not the budget lines
	d.data = &data
	d.settlement()
	all := receipts(d.data.Projects[0], 0)
	d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "report-spending", &project.ReportSpending{Receipts: all})
	if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1})); got != "over-grant" {
		t.Errorf("more than the grant: %q", got)
	}
	travel := []project.Disallowance{{Invoice: "ZL-2017-01-travel", Reason: "above the grant"}} // 16,000.00
	d.do(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1, Disallowed: travel})
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
}
