package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// A change may remove a budget line although receipts for it are still being assessed.
func TestReceiptsCountAfterTheirLineLeftTheBudget(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	who := zhuanglang.OrganizationPerson("ZL-2017-01")
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-entrusted", &project.RecordEntrusted{Donor: "d", Purpose: "p", Fen: 1000000, Voucher: "E-1", Slip: file})
	entrusted, matching := invoice("I-1000", "materials", 400000), invoice("I-1001", "materials", 500000)
	entrusted.Source, matching.Source = project.FromEntrusted, project.FromMatching
	d.do(who, projectRef("1"), "report-spending", &project.ReportSpending{Receipts: []project.Invoice{entrusted, matching}})
	var budget []plan.BudgetLine
	for _, l := range d.project1().Proposal.Budget {
		if l.Kind == "service" {
			l.Fen += 3000000
		}
		if l.Kind != "materials" {
			budget = append(budget, l)
		}
	}
	d.do(who, projectRef("1"), "request-change", &project.RequestChange{Budget: budget, Reason: "r"})
	d.do(zhuanglang.CountyApprover, projectRef("1"), "approve-change", &project.ApproveChange{})
	d.do(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1})
	for account, want := range map[ledger.Account]money.Fen{
		{Owner: id + ".1", Name: ledger.EntrustedHeld}:                         600000,
		{Owner: id + ".1", Name: ledger.EntrustedSpent, Category: "materials"}: 400000,
		{Owner: id + ".1", Name: ledger.MatchingPaid, Category: "materials"}:   500000,
	} {
		if got := d.balances[account]; got != want {
			t.Errorf("%v holds %s, want %s", account, got, want)
		}
	}
}

func TestNoProjectIsSettledWithEntrustedMoneyLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.account(0, receipts(d.data.Projects[0], 0)...)
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-entrusted", &project.RecordEntrusted{Donor: "d", Purpose: "p", Fen: 1, Voucher: "E-1", Slip: file})
	if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})); got != "entrusted-left" {
		t.Errorf("with entrusted money left: %q", got)
	}
	d.do(zhuanglang.CountyFinance, projectRef("1"), "return-entrusted", &project.ReturnEntrusted{Fen: 1, Voucher: "E-2", Slip: file})
	d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
}

// Diverted money no longer counts towards its budget line, and may be found even after the settlement.
func TestDivertedMoneyFreesItsLineAndIsFoundLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	d.account(0, invoice("I-1000", "materials", 3000000))
	diverted := &project.RecordDiversion{Fen: 1800000, Kind: "materials", Finding: "f", Evidence: []string{file}}
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", diverted)
	d.account(0, invoice("I-1001", "materials", 1800000))

	d = newDesk(t).settlement()
	d.settle(0, 3000000) // 9,000.00 must be returned
	late := func(fen money.Fen) error {
		return d.try(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", &project.RecordDiversion{Fen: fen, Kind: "training", Finding: "f", Evidence: []string{file}})
	}
	if err := late(1800000); err != nil {
		t.Errorf("after the settlement: %v", err)
	}
	unaccounted := &project.RecordDiversion{Fen: 1, Finding: "f", Evidence: []string{file}}
	if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", unaccounted)); got != "over-advance" {
		t.Errorf("what is to be returned is accounted for: %q", got)
	}
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 900000, Voucher: "R-1", Slip: file})
}

// A closed project pays a tranche again each time the bank sends the money back.
func TestAClosedProjectPaysWhatComesBackAgainAndAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.settle(0, 0)
	d.pay(paymentRef("1", "3", "1"))
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"})
	for _, attempt := range []string{"1", "2"} {
		d.do(zhuanglang.CountyFinance, paymentRef("1", "3", attempt), "return-payment", &payment.ReturnPayment{Reason: "r"})
		if p := flow.ProgressOf(d.states[projectRef("1")]); p.Ended {
			t.Fatalf("after attempt %s the project has ended: nobody would pay again", attempt)
		}
		d.on(zhuanglangDay(d).AddDays(1))
		next := map[string]string{"1": "2", "2": "3"}[attempt]
		d.pay(paymentRef("1", "3", next))
		if p := flow.ProgressOf(d.states[projectRef("1")]); p.Ended {
			t.Fatalf("attempt %s may still come back, and the project has ended", next)
		}
	}
}

// A payment cannot be recorded as returned while the bank still has the order, because it could then be paid twice.
func TestNoReturnIsRecordedWhileTheBankHasTheOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	first := paymentRef("1", "1", "1")
	d.throughBank(first, payment.Pending)
	back := &payment.ReturnPayment{Reason: "r"}
	if got := refusal(t, d.try(zhuanglang.CountyFinance, first, "return-payment", back)); got != "bank-has-it" {
		t.Errorf("pending at the bank: %q", got)
	}
	d.on(d.awaits(first, payment.AwaitClearing).Due.AddDays(1))
	d.do(zhuanglang.CountyFinance, first, "return-payment", back)
}
