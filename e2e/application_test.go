package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/ledger"
	"terrace/domain/pilot"
	"terrace/domain/plan"
)

func TestAPilotGoesFromDraftToArchive(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2)
	s.approved().evaluated().closed().disclosed()
	if got := s.read(s.pilot()); !got.Progress.Ended || got.Evaluation.Total != 95 {
		t.Errorf("archived: %+v", got)
	}
	if held := s.balanced(s.id); held[ledger.Spent] != 21000000+19000000+6000000 {
		t.Errorf("%s spent", held[ledger.Spent])
	}
}

func TestAnApplicationCanBeWithdrawnUntilItsReviewIsConcluded(t *testing.T) {
	t.Parallel()
	system := start(t)
	requested := func(s *story) { s.submit().requestCorrection() }
	for name, bring := range map[string]func(*story){
		"as a draft":                   func(*story) {},
		"during the eligibility check": func(s *story) { s.submit() },
		"while it is corrected":        requested,
		"during endorsement":           func(s *story) { s.submit().accept().endorse(zhuanglang.CountyApprover) },
		"during the review":            func(s *story) { s.submit().accept().endorse(approvers...).panel().score(1, 80) },
	} {
		s := system.draft(1)
		bring(s)
		s.withdraw()
		if got := s.read(s.pilot()); got.Stage != pilot.Withdrawn || !got.Progress.Ended {
			t.Errorf("%s: %+v", name, got)
		}
	}
	s := system.draft(1).notice()
	s.refused(zhuanglang.CountyOfficer, s.pilot(), "withdraw", pilot.Withdraw{Reason: "r"}, 409, "wrong-stage")
}

func (s *story) requestCorrection() *story {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.pilot(), "request-correction", pilot.RequestCorrection{Reason: "补充附件"})
	return s
}

// putAndRemove adds the demonstration's second proposal to the application and removes it again.
func (s *story) putAndRemove() *story {
	s.t.Helper()
	q := s.data.Application().Proposals[1]
	s.do(zhuanglang.CountyOfficer, s.pilot(), "put-proposal", pilot.PutProposal{Proposal: q})
	s.do(zhuanglang.CountyOfficer, s.pilot(), "remove-proposal", pilot.RemoveProposal{Proposal: q.Code})
	return s
}

func (s *story) correct() *story {
	s.t.Helper()
	application := s.data.Application()
	application.Proposals = application.Proposals[:len(s.plans)]
	s.do(zhuanglang.CountyOfficer, s.pilot(), "correct", pilot.Correct{Application: application})
	return s
}

func TestAnOverdueApplicationIsWithdrawnAutomatically(t *testing.T) {
	t.Parallel()
	system := start(t)
	corrected, forgotten, drafted := system.draft(1).submit().requestCorrection(), system.draft(2).submit().requestCorrection(), system.draft(3)
	due := forgotten.due(forgotten.pilot(), pilot.AwaitCorrection)
	system.until(due.At(23, 59))
	corrected.correct()
	system.until(due.End())
	forgotten.reaches(forgotten.pilot(), pilot.Withdrawn)
	forgotten.refused(zhuanglang.CountyOfficer, forgotten.pilot(), "correct", pilot.Correct{Application: forgotten.data.Application()}, 409, "wrong-stage")
	corrected.reaches(corrected.pilot(), pilot.Eligibility)

	system.until(drafted.due(drafted.pilot(), pilot.AwaitApplication).End())
	drafted.reaches(drafted.pilot(), pilot.Withdrawn)
}

func TestAnApplicationIsSavedCorrectedAndAcceptedOrRejected(t *testing.T) {
	t.Parallel()
	system := start(t)

	saved := system.draft(2)
	all := saved.data.WithRefused()
	all.Proposals = []plan.Proposal{all.Proposals[0], all.Proposals[6]}
	saved.plans = []zhuanglang.Project{saved.data.Projects[0], {Code: all.Proposals[1].Code}}
	saved.do(zhuanglang.CountyOfficer, saved.pilot(), "save-draft", pilot.SaveDraft{Application: all})
	saved.submit().await(saved.pilot(), "accept", "")
	saved.refused(zhuanglang.CountyOfficer, saved.pilot(), "accept", pilot.Accept{}, 409, "not-eligible")
	saved.refuseProposal(2)
	saved.accept().withdraw()

	corrected := system.draft(1).putAndRemove().submit().requestCorrection().putAndRemove().correct()
	corrected.await(corrected.pilot(), "accept", "")
	corrected.refused(zhuanglang.CountyOfficer, corrected.pilot(), "request-correction", pilot.RequestCorrection{Reason: "r"}, 409, "corrected-once")
	corrected.accept().withdraw()

	refused := system.draft(1).submit()
	refused.do(zhuanglang.CountyOfficer, refused.pilot(), "refuse", pilot.Refuse{Reason: "不符合申报条件"})
	refused.reaches(refused.pilot(), pilot.Refused)

	failed := system.draft(1, 2).submit()
	failed.refuseProposal(1)
	failed.refuseProposal(2)
	failed.reaches(failed.pilot(), pilot.Failed)
}

func (s *story) refuseProposal(n int) {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.pilot(), "refuse-proposal", pilot.RefuseProposal{Proposal: s.code(n), Reason: "不符合条件"})
}

func TestAnOfficeEndorsesReturnsOneLevelDownOrRejects(t *testing.T) {
	t.Parallel()
	system := start(t)

	returned := system.draft(1).submit().accept().endorse(zhuanglang.CountyApprover)
	returned.refused(zhuanglang.ProvinceApprover, returned.pilot(), "endorse", pilot.Endorse{Opinion: "o"}, 403, "wrong-place")
	returned.sendBack(zhuanglang.CityApprover)
	returned.sendBack(zhuanglang.CountyApprover)
	returned.reaches(returned.pilot(), pilot.Correction)
	returned.correct().accept().endorse(approvers...)
	returned.reaches(returned.pilot(), pilot.Review)

	forgotten := system.draft(2).submit().accept()
	forgotten.sendBack(zhuanglang.CountyApprover)
	forgotten.withdraw()

	for level := range approvers {
		s := system.draft(2).submit().accept().endorse(approvers[:level]...)
		s.reject(approvers[level])
	}
}

func (s *story) sendBack(who string) {
	s.t.Helper()
	s.do(who, s.pilot(), "return", pilot.Return{Reason: "补充说明"})
}

func (s *story) reject(who string) {
	s.t.Helper()
	s.do(who, s.pilot(), "reject", pilot.Reject{Reason: "不予支持"})
	s.reaches(s.pilot(), pilot.Rejected)
}
