package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// recovery returns the recovery of a project's first debt.
func (s *story) recovery(project int) flow.Ref {
	return flow.Ref{Kind: recovery.Kind, ID: s.project(project).ID + ".r1"}
}

func (s *story) repay(owed flow.Ref, fen money.Fen) {
	s.t.Helper()
	slip := s.file(zhuanglang.CountyFinance, "repayment")
	s.do(zhuanglang.CountyFinance, owed, "record-repayment", recovery.RecordRepayment{Fen: fen, Voucher: s.voucher(), Slip: slip})
}

func (s *story) terminate(n int) {
	s.t.Helper()
	s.do(zhuanglang.CountyApprover, s.project(n), "terminate", project.Terminate{Reason: "经查违约", Breach: true})
	s.reaches(s.project(n), project.Terminated)
}

func TestDebtsAreRepaidInInstalmentsOrAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved().rollout()
	const diverted = 1800000
	finding := project.RecordDiversion{Fen: diverted, Finding: "用于其他项目", Evidence: []string{s.file(zhuanglang.CountyFinance, "finding")}}
	s.do(zhuanglang.CountyFinance, s.project(1), "record-diversion", finding)
	owed := s.recovery(1)
	today := s.today()
	s.do(zhuanglang.CountyApprover, owed, "agree-instalments", recovery.AgreeInstalments{Reason: "资金周转困难", Instalments: []recovery.Instalment{
		{Due: today.AddDays(20), Fen: 600000}, {Due: today.AddDays(60), Fen: 1200000},
	}})
	s.repay(owed, 600000)
	s.late(owed, recovery.AwaitRepayment)
	s.refused(zhuanglang.CountyFinance, owed, "record-repayment",
		recovery.RecordRepayment{Fen: 1200001, Voucher: s.voucher(), Slip: s.file(zhuanglang.CountyFinance, "repayment")}, 422, "over-debt")
	s.repay(owed, 1200000)
	s.reaches(owed, recovery.Recovered)

	s.terminate(2)
	s.repay(s.recovery(2), s.plans[1].TranchesFen[0])
	s.reaches(s.recovery(2), recovery.Recovered)
	held := s.balanced(s.id)
	if want := diverted + s.plans[1].TranchesFen[0]; held[ledger.Treasury] != want || held[ledger.Receivable]+held[ledger.Disallowed] != 0 {
		t.Errorf("%s returned, %s receivable, %s disallowed; %s came back", held[ledger.Treasury], held[ledger.Receivable], held[ledger.Disallowed], want)
	}
	s.terminate(1)
}

func TestUnreturnedMoneyBecomesADebtAndDelaysNothing(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved().evaluated()
	s.settle(1, s.plans[0].TranchesFen[2]+50000)
	s.do(zhuanglang.CountyFinance, s.project(1), "demand-refund", project.DemandRefund{Reason: "逾期未退"})
	s.closeProject(1)
	s.pay(s.contract(1))
	s.disclosed()
	if held := s.balanced(s.id); held[ledger.Receivable] != 50000 {
		t.Errorf("%s receivable", held[ledger.Receivable])
	}
}

func TestAPlanChangesBySmallShiftsOrWithApproval(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved().rollout()
	shift := func(fen money.Fen) project.RequestChange { // from materials (30,000.00) to training (60,000.00)
		budget := append([]plan.BudgetLine{}, s.application.Proposals[0].Budget...)
		for i := range budget {
			switch budget[i].Kind {
			case "materials":
				budget[i].Fen -= fen
			case "training":
				budget[i].Fen += fen
			}
		}
		return project.RequestChange{Budget: budget, Reason: "按实际需求调剂"}
	}
	s.requestChange(shift(300000)) // 10 %: applied at once
	s.refused(s.organization(1), s.project(1), "request-change", shift(300000), 422, "nothing-changes")
	s.requestChange(shift(360000)) // 12 % since the budget was approved
	s.refused(s.organization(1), s.project(1), "request-change", shift(100), 409, "change-pending")
	s.do(zhuanglang.CountyApprover, s.project(1), "refuse-change", project.RefuseChange{Reason: "理由不足"})
	s.requestChange(shift(360000))
	s.do(zhuanglang.CountyApprover, s.project(1), "approve-change", project.ApproveChange{Opinion: "同意"})
	if got := get[struct{ Revision int }](s.client, reader, pathOf(s.project(1))); got.Revision != 2 {
		t.Errorf("the agreement is at revision %d", got.Revision)
	}
	s.terminate(1)
}

func TestAReceiptIsAccountedForOnce(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved().rollout()
	mine := s.receipt(1, "once", "travel", 10000)
	s.reportSpending(1, mine)
	s.judgeSpending(1, 1)
	again := mine
	again.File = s.file(s.organization(2), "the same receipt")
	s.reportSpending(2, again)
	s.refused(zhuanglang.CountyFinance, s.project(2), "judge-spending", project.JudgeSpending{Report: 1}, 409, "receipt-reused")
	s.judgeSpending(2, 1, project.Disallowance{Invoice: mine.Number, Reason: "重复报销"})
	cattle := s.receipt(1, "cattle", "planting_breeding", 100)
	s.refused(s.organization(1), s.project(1), "report-spending", project.ReportSpending{Receipts: []project.Invoice{cattle}}, 422, "forbidden-spending")
}

func TestEntrustedMoneyIsKeptSeparate(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved().rollout()
	finance, projectRef := zhuanglang.CountyFinance, s.project(1)
	s.do(finance, projectRef, "record-entrusted", project.RecordEntrusted{Donor: "某基金会", Purpose: "助学", Fen: 500000, Voucher: s.voucher(), Slip: s.file(finance, "donation")})
	spent := s.receipt(1, "donated", "materials", 300000)
	spent.Source = project.FromEntrusted
	s.reportSpending(1, spent)
	s.judgeSpending(1, 1)
	s.refused(finance, projectRef, "return-entrusted", project.ReturnEntrusted{Fen: 200001, Voucher: s.voucher(), Slip: s.file(finance, "back")}, 422, "over-entrusted")
	s.do(finance, projectRef, "return-entrusted", project.ReturnEntrusted{Fen: 200000, Voucher: s.voucher(), Slip: s.file(finance, "back")})
	held := s.balanced(s.id)
	if held[ledger.EntrustedHeld] != 0 || held[ledger.EntrustedSpent] != 300000 || held[ledger.EntrustedReturned] != 200000 || held[ledger.Spent] != 0 {
		t.Errorf("the accounts hold %v", held)
	}
	s.work().rolloutOver()
	s.reportFinal(1)
	s.judgeFinal(1, project.Pass)
	s.submitSettlement(1)
	s.acceptSettlement(1)
	s.refund(1, s.read(s.project(1)).RefundDue)
	s.closeProject(1)
}

func TestPaymentsGoOutOnWorkingDays(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved()
	s.sign(1)
	s.sign(2)
	weekend := s.today().AddDays(1)
	for workday, _ := calendar.Published().Workday(weekend); workday; workday, _ = calendar.Published().Workday(weekend) {
		weekend = weekend.AddDays(1)
	}
	s.on(weekend)
	for _, ref := range []flow.Ref{s.payment(1, 1, 1), s.payment(2, 1, 1)} {
		s.releaseNow(ref)
		s.reaches(ref, payment.Window)
	}
	s.void(s.payment(1, 1, 1))
	s.terminate(2)
	s.reaches(s.payment(2, 1, 1), payment.Voided)
	s.await(s.payment(1, 1, 2), "release", "")
	s.releaseNow(s.payment(1, 1, 2))
	s.reaches(s.payment(1, 1, 2), payment.Window)
	s.workday()
	s.confirm(s.payment(1, 1, 2))
	s.reaches(s.project(1), project.Rollout)
}

func TestMoneyThatComesBackAfterItWasPostedIsPaidAgain(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved().rollout()
	s.reportSpending(1, s.receipt(1, "early", "service", 1000000))
	s.judgeSpending(1, 1) // covered by the first tranche
	s.returned(s.payment(1, 1, 1))
	eventually(t, "the books hold nothing of it", func() bool { return s.balanced(s.id)[ledger.Spent] == 0 })
	s.pay(s.payment(1, 1, 2))
	eventually(t, "the spending is covered again", func() bool { return s.balanced(s.id)[ledger.Spent] == 1000000 })
	s.work().rolloutOver()
	s.reportFinal(1)
	s.judgeFinal(1, project.Pass)
	s.submitSettlement(1)
	s.acceptSettlement(1)
	s.refund(1, s.read(s.project(1)).RefundDue)
	s.closeProject(1)
	s.pay(s.contract(1))
	s.reaches(s.pilot(), pilot.Evaluation)
	s.returned(s.contract(1))
	s.pay(s.contract(2))
	s.disclosed()
	if held := s.balanced(s.id); held[ledger.Spent] != 1000000+6000000 || held[ledger.Advance] != 0 {
		t.Errorf("the accounts hold %v", held)
	}
}

func TestAClosedProjectFollowsItsLastPayment(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved().evaluated()
	s.settle(1, 0)
	s.pay(s.payment(1, 3, 1))
	s.closeProject(1)
	s.reaches(s.project(1), project.Closed)
	s.returned(s.payment(1, 3, 1))
	s.pay(s.payment(1, 3, 2))
	s.final()
	s.reaches(s.payment(1, 3, 2), payment.Final)
	eventually(t, "the project ends once its payments are final", func() bool { return s.read(s.project(1)).Progress.Ended })
}
