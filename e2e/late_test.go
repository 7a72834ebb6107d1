package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Every participant is as late as the rules allow: each is reminded before the deadline, and their superiors are
// notified after it. Late submissions are accepted and marked as late.
func TestLatePeopleAreRemindedEscalatedAndStillAccepted(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1)
	late := func(ref flow.Ref, key flow.WaitKey) {
		t.Helper()
		s.late(ref, key)
	}
	p, projectRef := s.pilot(), s.project(1)
	s.submit()
	late(p, pilot.AwaitEligibility)
	s.accept()
	for _, approver := range approvers {
		late(p, pilot.AwaitEndorsement)
		s.endorse(approver)
	}
	s.panel().score(1, 80)
	late(p, pilot.AwaitReview)
	s.conclude()
	s.object(1)
	late(p, pilot.AwaitInquiry)
	s.decide(1, pilot.Dismissed)
	s.noticeOver()
	late(p, pilot.AwaitApproval)
	s.approve(1)
	late(projectRef, project.AwaitAgreement)
	s.sign(1)
	late(s.payment(1, 1, 1), payment.AwaitRelease)
	s.release(s.payment(1, 1, 1))
	late(s.payment(1, 1, 1), payment.AwaitConfirmation)
	s.confirm(s.payment(1, 1, 1))
	late(projectRef, project.AwaitMilestone)
	s.submitMilestone(1, "M1")
	late(projectRef, project.AwaitVerification)
	s.acceptWork(1, "M1")
	s.verifyMilestone(1, "M1")
	late(projectRef, project.AwaitSpendingReport)
	s.reportSpending(1, s.receipt(1, "late", "travel", 100))
	late(projectRef, project.AwaitSpendingCheck)
	s.judgeSpending(1, 1, project.Disallowance{Invoice: s.receipt(1, "late", "travel", 100).Number, Reason: "票据不符"})
	s.requestChange(project.RequestChange{Beneficiaries: "低收入农户", Reason: "对象调整"})
	late(projectRef, project.AwaitChange)
	s.do(zhuanglang.CountyApprover, projectRef, "approve-change", project.ApproveChange{})
	for _, key := range []string{"M2", "M3", "M4"} {
		s.milestone(1, key)
	}
	s.reportMidTerm(1)
	late(projectRef, project.AwaitMidTermVerdict)
	s.judgeMidTerm(1, project.Pass)
	s.pay(s.payment(1, 2, 1))
	s.rolloutOver()
	late(projectRef, project.AwaitFinalReport)
	s.reportFinal(1)
	late(projectRef, project.AwaitFinalVerdict)
	s.judgeFinal(1, project.Pass)
	late(projectRef, project.AwaitSettlement)
	s.account(1, s.plans[0].TranchesFen[2]+101)
	s.submitSettlement(1)
	late(projectRef, project.AwaitAcceptance)
	s.acceptSettlement(1)
	late(projectRef, project.AwaitRefund)
	s.refund(1, 1)
	late(projectRef, project.AwaitClosing)
	s.closeProject(1)
	s.pay(s.contract(1))
	late(p, pilot.AwaitSummary)
	scores := map[string]int{"execution": 1, "outputs": 2, "benefits": 3, "satisfaction": 4}
	s.do(zhuanglang.CountyOfficer, p, "submit-summary", pilot.SubmitSummary{Scores: scores, Narrative: "n"})
	late(p, pilot.AwaitAnnouncement)
	s.do(zhuanglang.ProvinceOfficer, p, "announce", pilot.Announce{Text: "t"})
	s.final()
	s.reaches(p, pilot.Archived)
	for _, name := range []string{"pilot accepted", "pilot approved", "project midterm-judged", "project closed", "payment posted", "pilot announced"} {
		for _, e := range s.timeline(s.id) {
			if e.String() == name && !e.Late && e.Aggregate.ID != s.payment(1, 2, 1).ID && e.Aggregate.ID != s.contract(1).ID {
				t.Errorf("%s of %s is not marked late", name, e.Aggregate.ID)
			}
		}
	}
}
