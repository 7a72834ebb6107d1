package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/ledger"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestAnAgreementIsSignedByBothSidesOrDeclined(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2, 3).approved()
	available := s.balanced(s.id)[ledger.Available]
	s.signAsOffice(1)
	s.refused(zhuanglang.CountyApprover, s.project(1), "sign-as-office", project.SignAsOffice{}, 409, "already-signed")
	s.signAsOrganization(1)
	s.sign(2)
	s.refuseAgreement(3)
	s.reaches(s.project(3), project.Abandoned)
	for _, n := range []int{1, 2} { // one village never blocks another
		s.pay(s.payment(n, 1, 1))
		s.reaches(s.project(n), project.Rollout)
	}
	if back := s.balanced(s.id)[ledger.Available] - available; back != s.plans[2].GrantFen {
		t.Errorf("%s returned to the fund", back)
	}
}

func TestAPilotWhoseOrganizationsAllDeclineIsArchived(t *testing.T) {
	t.Parallel()
	system := start(t)
	half := func(a *pilot.Application) { a.RequestedFen = 60000000 } // half of the fund
	paid := system.draftChanged(half, 1)
	free := system.draftChanged(func(a *pilot.Application) { half(a); a.Evaluator.Fen = 0 }, 2)
	over := system.draftChanged(func(a *pilot.Application) { a.RequestedFen = 60000001 }, 3)
	for _, s := range []*story{paid, free, over} {
		s.notice()
	}
	paid.noticeOver().approve(1).refuseAgreement(1)
	over.await(over.pilot(), "approve", "")
	paid.void(paid.contract(1))
	paid.release(paid.contract(2))
	paid.returned(paid.contract(2))
	paid.pay(paid.contract(3))
	paid.reaches(paid.pilot(), pilot.Evaluation)
	paid.disclosed()

	// All pilots share one fund: money held for the first is not available to the others.
	over.refused(zhuanglang.ProvinceApprover, over.pilot(), "approve", pilot.Approve{Number: "3"}, 409, "fund-exhausted")
	over.do(zhuanglang.ProvinceApprover, over.pilot(), "reject", pilot.Reject{Reason: "资金不足"})
	free.approve(2)
	free.refuseAgreement(1)
	free.reaches(free.pilot(), pilot.Evaluation)
	free.disclosed()
}

func TestAPaymentIsVoidedReturnedOrConfirmed(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved()
	s.sign(1)
	s.void(s.payment(1, 1, 1))

	s.do(zhuanglang.CountyFinance, s.payment(1, 1, 2), "release", payment.ReleasePayment{})
	s.refused(zhuanglang.CountyFinance, s.payment(1, 1, 2), "release", payment.ReleasePayment{}, 403, "same-person")
	s.do(zhuanglang.CountyApprover, s.payment(1, 1, 2), "release", payment.ReleasePayment{})
	s.refused(zhuanglang.CountyFinance, s.payment(1, 1, 2), "void", payment.VoidPayment{Reason: "回单有误"}, 409, "wrong-stage")
	s.returned(s.payment(1, 1, 2))
	s.pay(s.payment(1, 1, 3))
	s.reaches(s.project(1), project.Rollout)
	if held := s.balanced(s.id); held[ledger.Advance] != s.plans[0].TranchesFen[0] {
		t.Errorf("advanced %s", held[ledger.Advance])
	}
}

func TestAMilestoneIsVerifiedOrReturned(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2).approved().rollout()
	s.submitMilestone(1, "M1")
	s.refused(zhuanglang.CountyOfficer, s.project(1), "verify-milestone", project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2017, 12, 1), Finding: "f"}, 409, "village-first")
	s.returnMilestone(1, "M1")
	s.milestone(1, "M1")

	s.midTerm(1)
	s.midTerm(2)
	s.milestone(2, "M1")
	s.milestone(2, "M2")
	s.rolloutOver() // milestones can still be verified, and tranches fall due
	s.milestone(1, "M2")
	for _, n := range []int{1, 2} {
		s.pay(s.payment(n, 2, 1))
		eventually(t, "the second tranche is paid", func() bool { return s.read(s.project(n)).Tranches[1].Paid })
	}
	s.reaches(s.project(1), project.FinalEvaluation)
}

func (s *story) returnMilestone(n int, key string) {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.project(n), "return-milestone", project.ReturnMilestone{Milestone: key, Reason: "签到表不清晰"})
}
