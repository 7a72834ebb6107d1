package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestTheMidTermContinuesOrEndsTheProject(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2, 3, 4, 5).approved().rollout()
	const passes, rectifies, fails, failsAgain, missesRectification = 1, 2, 3, 4, 5
	for _, n := range []int{passes, rectifies, fails, failsAgain, missesRectification} {
		s.reportMidTerm(n)
	}
	s.judgeMidTerm(passes, project.Pass)
	s.judgeMidTerm(fails, project.Fail)
	s.reaches(s.project(fails), project.Terminated)
	for _, n := range []int{rectifies, failsAgain, missesRectification} {
		s.judgeMidTerm(n, project.Rectify)
	}
	for _, n := range []int{rectifies, failsAgain} {
		who := s.organization(n)
		s.do(who, s.project(n), "report-rectification", project.ReportRectification{Report: s.file(who, "rectified"), Summary: "已整改"})
	}
	s.judgeMidTerm(rectifies, project.Pass)
	s.judgeMidTerm(failsAgain, project.Fail)
	s.late(s.project(missesRectification), project.AwaitRectification)
	for n, stage := range map[int]flow.Stage{passes: project.Rollout, rectifies: project.Rollout, failsAgain: project.Terminated, missesRectification: project.Terminated} {
		s.reaches(s.project(n), stage)
	}
	if got := s.read(s.project(missesRectification)); got.Owed != s.plans[4].TranchesFen[0] {
		t.Errorf("%s is owed", got.Owed)
	}
}

func TestALateMidTermReportWithoutExcuseEndsTheProject(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved().rollout()
	s.midTerm(1)
	s.late(s.project(2), project.AwaitMidTermReport)
	s.reaches(s.project(2), project.Terminated)
	s.reaches(s.project(1), project.Rollout)
}

func TestAVerdictAfterTheRolloutStillCounts(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2, 3, 4).approved().rollout()
	s.reportMidTerm(1)
	s.reportMidTerm(2)
	s.reportMidTerm(3)
	s.reportMidTerm(4)
	s.judgeMidTerm(4, project.Rectify)
	s.do(s.organization(4), s.project(4), "report-rectification", project.ReportRectification{Report: s.file(s.organization(4), "rectified"), Summary: "已整改"})
	s.on(s.data.Golden["rollout_ends"].AddDays(-5))
	s.judgeMidTerm(3, project.Rectify) // rectification runs past the end of the rollout
	s.rolloutOver()
	s.judgeMidTerm(1, project.Pass)
	s.judgeMidTerm(2, project.Fail)
	s.judgeMidTerm(4, project.Fail)
	s.late(s.project(3), project.AwaitRectification)
	for n, stage := range []flow.Stage{project.FinalEvaluation, project.Terminated, project.Terminated, project.Terminated} {
		s.reaches(s.project(n+1), stage)
	}
}

func TestAFailedProjectEndsOnceItsPendingPaymentHas(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved().rollout()
	for _, n := range []int{1, 2} {
		s.milestone(n, "M1")
		s.milestone(n, "M2")
		s.midTerm(n)
	}
	s.submitMilestone(1, "M3")
	s.returnMilestone(1, "M3")
	s.rolloutOver()
	s.release(s.payment(1, 2, 1))
	s.await(s.payment(1, 2, 1), "confirm", "")
	for _, n := range []int{1, 2} {
		s.reportFinal(n)
		s.judgeFinal(n, project.Fail)
		s.reaches(s.project(n), project.Terminated)
	}
	s.confirm(s.payment(1, 2, 1))                 // paid in spite of the failure, so it is owed too
	s.reaches(s.payment(2, 2, 1), payment.Voided) // stopped
	s.pay(s.contract(1))
	s.reaches(s.pilot(), pilot.Evaluation)
	for n, want := range map[int]money.Fen{1: 12600000 + 6300000, 2: 11400000} {
		if got := s.read(s.project(n)).Owed; got != want {
			t.Errorf("project %d owes %s, want %s", n, got, want)
		}
	}
}

func TestTheLastTrancheFollowsFromTheSettlement(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2, 3, 4).approved().evaluated()
	const all, less, nothing, refund = 1, 2, 3, 4 // projects, by what happens to their last tranche
	s.account(all, 0)
	s.submitSettlement(all)
	s.do(zhuanglang.CountyFinance, s.project(all), "return-settlement", project.ReturnSettlement{Reason: "附凭证"})
	s.submitSettlement(all)
	s.acceptSettlement(all)
	s.settle(less, 100000)
	s.settle(nothing, s.plans[nothing-1].TranchesFen[2])
	s.settle(refund, s.plans[refund-1].TranchesFen[2]+50000)
	s.pay(s.payment(all, 3, 1))
	s.pay(s.payment(less, 3, 1))
	if got := s.read(s.payment(less, 3, 1)).Fen; got != s.plans[less-1].TranchesFen[2]-100000 {
		t.Errorf("the reduced last tranche is %s", got)
	}
	s.refused(zhuanglang.EvaluatorPerson, s.project(refund), "close", project.CloseProject{Opinion: "o"}, 409, "wrong-stage")
	s.refund(refund, 20000)
	s.refund(refund, 30000)
	s.await(s.project(all), "refuse-closing", "")
	s.do(zhuanglang.EvaluatorPerson, s.project(all), "refuse-closing", project.RefuseClosing{Reason: "资产清单不全"})
	s.each(s.closeProject)
	s.pay(s.contract(1))
	s.disclosed()
	held := s.balanced(s.id)
	if total := held[ledger.Spent] + held[ledger.Available] + held[ledger.Treasury]; total != s.application.RequestedFen {
		t.Errorf("%s spent, %s available and %s refunded do not add up to the pilot's %s", held[ledger.Spent], held[ledger.Available], held[ledger.Treasury], s.application.RequestedFen)
	}
}
