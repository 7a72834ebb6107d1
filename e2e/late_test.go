package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
)

// Everybody is late wherever that is allowed: people are reminded before, their superiors are told after, and what comes late
// is accepted and marked.
func TestWhoeverIsLateIsRemindedAndReportedAndStillHeard(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1)
	late := func(ref pilot.Ref, key pilot.WaitKey) {
		t.Helper()
		s.late(ref, key)
	}
	p, project := s.pilot(), s.project(1)
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
	late(project, pilot.AwaitAgreement)
	s.sign(1)
	late(s.payment(1, 1, 1), pilot.AwaitRelease)
	s.release(s.payment(1, 1, 1))
	late(s.payment(1, 1, 1), pilot.AwaitConfirmation)
	s.confirm(s.payment(1, 1, 1))
	late(project, pilot.AwaitMilestone)
	s.submitMilestone(1, "M1")
	late(project, pilot.AwaitVerification)
	s.acceptWork(1, "M1")
	s.verifyMilestone(1, "M1")
	late(project, pilot.AwaitSpendingReport)
	s.reportSpending(1, s.receipt(1, "late", "travel", 100))
	late(project, pilot.AwaitSpendingCheck)
	s.judgeSpending(1, 1, pilot.Disallowance{Invoice: s.receipt(1, "late", "travel", 100).Number, Reason: "票据不符"})
	s.requestChange(pilot.RequestChange{Beneficiaries: "低收入农户", Reason: "对象调整"})
	late(project, pilot.AwaitChange)
	s.do(zhuanglang.CountyApprover, project, "approve-change", pilot.ApproveChange{})
	for _, key := range []string{"M2", "M3", "M4"} {
		s.milestone(1, key)
	}
	s.reportMidTerm(1)
	late(project, pilot.AwaitMidTermVerdict)
	s.judgeMidTerm(1, pilot.Pass)
	s.pay(s.payment(1, 2, 1))
	s.rolloutOver()
	late(project, pilot.AwaitFinalReport)
	s.reportFinal(1)
	late(project, pilot.AwaitFinalVerdict)
	s.judgeFinal(1, pilot.Pass)
	late(project, pilot.AwaitSettlement)
	s.account(1, s.plans[0].TranchesFen[2]+101)
	s.submitSettlement(1)
	late(project, pilot.AwaitAcceptance)
	s.acceptSettlement(1)
	late(project, pilot.AwaitRefund)
	s.refund(1, 1)
	late(project, pilot.AwaitClosing)
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
