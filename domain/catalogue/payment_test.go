package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

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
		"an attempt that was given up no longer counts": {
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
		t.Errorf("the evaluator was paid %s, the ledger sums to %d", got, d.sum())
	}
}
