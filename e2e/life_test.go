package e2e

import (
	"strings"

	"terrace/demo/zhuanglang"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// life plays pilots in which users send every command that is meant for users, each when it is legal. It calls show
// with every story before the story's first command, and returns the last story, which ends in the archive. The others
// end earlier.
func (s *system) life(show func(*story)) *story {
	s.t.Helper()
	begin := func(proposals ...int) *story {
		st := s.newStory(proposals...)
		show(st)
		st.draftNow()
		return st
	}
	withdrawn := begin(1)
	withdrawn.do(zhuanglang.CountyOfficer, withdrawn.pilot(), "save-draft", pilot.SaveDraft{Application: withdrawn.application})
	withdrawn.putAndRemove().submit().requestCorrection().putAndRemove().correct().withdraw()
	refused := begin(1).submit()
	refused.do(zhuanglang.CountyOfficer, refused.pilot(), "refuse", pilot.Refuse{Reason: "不符合申报条件"})
	rejected := begin(1).submit().accept().endorse(zhuanglang.CountyApprover)
	rejected.sendBack(zhuanglang.CityApprover)
	rejected.reject(zhuanglang.CountyApprover)

	st := begin(1, 2, 3, 4, 5)
	st.untilApproved()
	st.untilRollout()
	st.troubles()
	st.untilSettled()
	st.explained(st.payment(2, 1, 1))
	st.disclosed()
	return st
}

// untilApproved rejects one proposal, lets another withdraw, and brings three to their agreements.
func (s *story) untilApproved() {
	s.t.Helper()
	s.submit()
	s.refuseProposal(5)
	s.accept()
	s.urge(s.organization(1), s.pilot(), pilot.AwaitEndorsement, "")
	s.endorse(approvers...).panel()
	for n := 1; n <= 4; n++ {
		s.score(n, 80+n)
	}
	s.recuse("expert-1", 4)
	s.conclude()
	s.object(4)
	s.decide(4, pilot.Dismissed)
	s.giveUp(4)
	s.noticeOver().approve(1)
}

// untilRollout lets one organization decline, and pays two first tranches, one of them on the third attempt.
func (s *story) untilRollout() {
	s.t.Helper()
	s.refuseAgreement(3)
	s.sign(1)
	s.sign(2)
	s.urge(s.organization(1), s.payment(1, 1, 1), payment.AwaitRelease, "")
	s.void(s.payment(1, 1, 1))
	s.release(s.payment(1, 1, 2))
	s.returned(s.payment(1, 1, 2))
	s.pay(s.payment(1, 1, 3))
	s.pay(s.payment(2, 1, 1))
	for n := 1; n <= 2; n++ {
		s.reaches(s.project(n), project.Rollout)
	}
}

// troubles covers what can go wrong during the rollout: a diversion that is repaid, a termination, changes, entrusted
// money, disallowed receipts.
func (s *story) troubles() {
	s.t.Helper()
	const finance, diverted = zhuanglang.CountyFinance, 1800000
	s.do(finance, s.project(2), "record-diversion", project.RecordDiversion{Fen: diverted, Finding: "用于其他项目", Evidence: []string{s.file(finance, "finding")}})
	owed := s.recovery(2)
	s.urge(zhuanglang.CountyApprover, owed, recovery.AwaitRepayment, "")
	s.do(zhuanglang.CountyApprover, owed, "agree-instalments", recovery.AgreeInstalments{Reason: "资金周转困难", Instalments: []recovery.Instalment{
		{Due: s.today().AddDays(20), Fen: 600000}, {Due: s.today().AddDays(60), Fen: 1200000},
	}})
	s.repay(owed, 600000)
	s.repay(owed, 1200000)
	s.terminate(2)

	s.requestChange(project.RequestChange{Beneficiaries: "低收入农户", Reason: "对象调整"})
	s.do(zhuanglang.CountyApprover, s.project(1), "refuse-change", project.RefuseChange{Reason: "理由不足"})
	s.requestChange(project.RequestChange{Beneficiaries: "低收入农户", Reason: "对象调整,附名单"})
	s.do(zhuanglang.CountyApprover, s.project(1), "approve-change", project.ApproveChange{Opinion: "同意"})
	s.do(finance, s.project(1), "record-entrusted", project.RecordEntrusted{Donor: "某基金会", Purpose: "助学", Fen: 500000, Voucher: s.voucher(), Slip: s.file(finance, "donation")})
	s.do(finance, s.project(1), "return-entrusted", project.ReturnEntrusted{Fen: 500000, Voucher: s.voucher(), Slip: s.file(finance, "back")})
	receipt := s.receipt(1, "early", "travel", 100)
	s.reportSpending(1, receipt)
	s.judgeSpending(1, 1, project.Disallowance{Invoice: receipt.Number, Reason: "票据不符"})
}

// untilSettled brings the first project from its rollout to its end. Everything that can be sent back for correction is
// sent back once.
func (s *story) untilSettled() {
	s.t.Helper()
	who, finance := s.organization(1), zhuanglang.CountyFinance
	s.submitMilestone(1, "M1")
	s.urge(who, s.project(1), project.AwaitVerification, "M1")
	s.returnMilestone(1, "M1")
	s.milestone(1, "M1")
	s.milestone(1, "M2")
	s.reportMidTerm(1)
	s.judgeMidTerm(1, project.Rectify)
	s.do(who, s.project(1), "report-rectification", project.ReportRectification{Report: s.file(who, "rectified"), Summary: "已整改"})
	s.judgeMidTerm(1, project.Pass)
	s.pay(s.payment(1, 2, 1))
	s.milestone(1, "M3")
	s.milestone(1, "M4")
	s.rolloutOver()
	s.reportFinal(1)
	s.judgeFinal(1, project.Pass)
	s.account(1, s.plans[0].TranchesFen[2]+50000)
	s.submitSettlement(1)
	s.do(finance, s.project(1), "return-settlement", project.ReturnSettlement{Reason: "附凭证"})
	s.submitSettlement(1)
	s.acceptSettlement(1)
	s.refund(1, 20000)
	s.do(finance, s.project(1), "demand-refund", project.DemandRefund{Reason: "逾期未退"})
	s.await(s.project(1), "refuse-closing", "")
	s.do(zhuanglang.EvaluatorPerson, s.project(1), "refuse-closing", project.RefuseClosing{Reason: "资产清单不全"})
	s.closeProject(1)
	s.pay(s.contract(1))
}

// explained enters a bank statement in which a payment is one fen too large, and has finance explain the difference.
func (s *story) explained(payment flow.Ref) {
	s.t.Helper()
	s.enterStatement(payment, s.read(payment).Fen+1)
	if status, text := run(s.t, s.environment(), "reconcile"); status != 1 || !strings.Contains(text, "1 to explain") {
		s.t.Fatalf("terrace reconcile exits with %d: %s", status, text)
	}
	found := get[struct{ Items []struct{ ID string } }](s.client, zhuanglang.CountyFinance, "/v1/differences?pilot="+s.id)
	if len(found.Items) != 1 {
		s.t.Fatalf("found %d differences", len(found.Items))
	}
	task := flow.Ref{Kind: difference.Kind, ID: found.Items[0].ID}
	s.urge(zhuanglang.CountyApprover, task, difference.AwaitExplanation, "")
	s.do(zhuanglang.CountyFinance, task, "explain", difference.ExplainDifference{Explanation: "银行多付一分,已退回"})
}
