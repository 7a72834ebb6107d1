package e2e

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// reviewed brings a pilot to its panel review.
func (s *story) reviewed() *story {
	s.t.Helper()
	return s.submit().accept().endorse(approvers...).panel()
}

func TestAPanelScoresRecusesItselfAndRecommends(t *testing.T) {
	t.Parallel()
	system := start(t)

	s := system.draft(1, 2).reviewed()
	s.refused(zhuanglang.ProvinceOfficer, s.pilot(), "conclude-review", pilot.ConcludeReview{}, 409, "below-quorum")
	s.score(1, 80).score(2, 50)
	s.recuse("expert-1", 1)
	s.refused("expert-1", s.pilot(), "score", pilot.Score{Proposal: s.code(1)}, 403, "recused")
	s.conclude()
	if cases := s.read(s.pilot()).Cases; cases[0].Status == pilot.CaseRemoved || cases[1].Status != pilot.CaseRemoved {
		t.Errorf("80 points lead to %s, 50 points to %s", cases[0].Status, cases[1].Status)
	}
	s.reaches(s.pilot(), pilot.Notice)

	none := system.draft(2).reviewed().score(1, 50)
	none.recuse("expert-1", 1)
	none.conclude().reaches(none.pilot(), pilot.Failed)
}

func (s *story) recuse(expert string, n int) {
	s.t.Helper()
	s.do(expert, s.pilot(), "recuse", pilot.Recuse{Proposal: s.code(n), Interest: "近亲属任职"})
}

func TestAnObjectionIsUpheldDismissedOrReviewedAgain(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1, 2, 3, 4).notice()
	last := s.due(s.pilot(), pilot.AwaitNotice)
	s.on(last)
	for n := 1; n <= 3; n++ {
		s.object(n)
	}
	s.refused(zhuanglang.PublicPerson, s.pilot(), "object", pilot.Object{Proposal: s.code(1), Grounds: "g", Contact: "c"}, 409, "objection-pending")
	s.decide(1, pilot.Upheld)
	s.noticeOver().approve(1)
	s.reaches(s.project(4), project.Agreement)

	s.decide(2, pilot.Dismissed) // its notice resumes, while the fourth proposal is already a project
	s.decide(3, pilot.ReviewAgain)
	s.score(3, 85).conclude()
	s.noticeOver()
	s.await(s.pilot(), "approve", "")
	s.late(s.pilot(), pilot.AwaitNotice) // after the whole of the new notice period
	s.approve(2)
	s.reaches(s.project(2), project.Agreement)
	s.reaches(s.project(3), project.Agreement)
	s.refused(zhuanglang.ProvinceApprover, s.pilot(), "reject", pilot.Reject{Reason: "r"}, 409, "wrong-stage")
	if got := s.read(s.project(1)); got.ID != "" {
		t.Errorf("the proposal ended by an objection became %+v", got)
	}
}

func TestAPilotFailsWhenItsLastProposalLeaves(t *testing.T) {
	t.Parallel()
	system := start(t)
	onNotice := system.draft(1, 2).notice()
	onNotice.giveUp(1)
	onNotice.giveUp(2)
	onNotice.reaches(onNotice.pilot(), pilot.Failed)

	upheld := system.draft(1).notice()
	upheld.object(1)
	upheld.decide(1, pilot.Upheld)
	upheld.reaches(upheld.pilot(), pilot.Failed)

	rejected, cleared := system.draft(1).notice(), system.draft(2).notice()
	rejected.noticeOver().await(rejected.pilot(), "reject", "")
	rejected.reject(zhuanglang.ProvinceApprover)
	cleared.await(cleared.pilot(), "give-up", "")
	cleared.giveUp(1)
	cleared.reaches(cleared.pilot(), pilot.Failed)
}

// Once every project has ended, the pilot waits only for its last undecided proposal. When that proposal leaves the
// pilot, the wait ends.
func TestAPilotContinuesWhenItsLastUndecidedProposalLeaves(t *testing.T) {
	t.Parallel()
	system := start(t)
	waiting := func(number, begun, left int) *story {
		t.Helper()
		s := system.draftChanged(func(a *pilot.Application) { a.Evaluator.Fen = 0 }, begun, left).notice()
		s.object(2)
		s.noticeOver().approve(number)
		s.refuseAgreement(1)
		s.reaches(s.project(1), project.Abandoned)
		s.rest() // until the pilot has been notified
		return s
	}
	upheld := waiting(1, 1, 5)
	upheld.decide(2, pilot.Upheld)
	upheld.reaches(upheld.pilot(), pilot.Evaluation)

	again := waiting(2, 2, 5)
	again.decide(2, pilot.ReviewAgain)
	again.score(2, 40).conclude()
	again.reaches(again.pilot(), pilot.Evaluation)

	system = start(t)
	onNotice := waiting(1, 1, 5)
	onNotice.decide(2, pilot.Dismissed)
	onNotice.giveUp(2)
	onNotice.reaches(onNotice.pilot(), pilot.Evaluation)

	cleared := waiting(2, 2, 5)
	cleared.decide(2, pilot.Dismissed)
	cleared.noticeOver().await(cleared.pilot(), "approve", "")
	cleared.giveUp(2)
	cleared.reaches(cleared.pilot(), pilot.Evaluation)
}
