package workflows_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/reconcile"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// path is a course that aggregates can take, and the histories to keep from it. Together the paths go through every
// stage, every wait and all work of the workflows; TestTheCommittedHistoriesCoverEveryStory enforces this.
type path struct {
	villages int
	play     func(*scene) // starts the workers itself
}

var paths = map[string]path{
	"a pilot runs its course":                        {2, itsCourse},
	"a draft lapses":                                 {1, aDraftLapses},
	"a pilot is corrected and returned, and lapses":  {1, correctedAndReturned},
	"a pilot is withdrawn":                           {1, endedBy("pilot-withdrawn", zhuanglang.CountyOfficer, "withdraw", &pilot.Withdraw{Reason: "重新申报"}, pilot.AwaitEndorsement)},
	"a pilot is refused":                             {1, endedBy("pilot-refused", zhuanglang.CountyOfficer, "refuse", &pilot.Refuse{Reason: "材料不实"}, pilot.AwaitEligibility)},
	"a pilot is rejected":                            {1, endedBy("pilot-rejected", zhuanglang.ProvinceApprover, "reject", &pilot.Reject{Reason: "不予立项"}, pilot.AwaitApproval)},
	"a pilot fails":                                  {1, endedBy("pilot-failed", zhuanglang.OrganizationPerson("ZL-2017-01"), "give-up", &pilot.GiveUp{Proposal: "ZL-2017-01", Reason: "人员不足"}, pilot.AwaitApproval)},
	"proposals are objected to":                      {4, objections},
	"every office is late":                           {1, everyOfficeIsLate},
	"the evaluator's money comes back":               {1, theEvaluatorsMoneyComesBack},
	"an agreement is refused":                        {1, anAgreementIsRefused},
	"the mid-term is missed after a voided payment":  {1, theMidTermIsMissed},
	"a project is mended at every step":              {1, mendedAtEveryStep},
	"a project is not rectified":                     {1, notRectified},
	"a project fails its final evaluation":           {1, failsItsFinalEvaluation},
	"a project is in trouble to its end":             {1, inTroubleToItsEnd},
	"a refund is demanded":                           {1, aRefundIsDemanded},
	"a refund is returned":                           {1, aRefundIsReturned},
	"a tranche is paid again, then the project ends": {1, paidAgainThenTerminated},
	"a bank errs":                                    {1, aBankErrs},
	"a bank is away":                                 {1, aBankIsAway},
	"finance knows before the bank says it":          {1, financeKnowsFirst},
	"children are there before their parent":         {1, childrenAreThere},
	"a payment waits for its window":                 {1, aPaymentWaitsForItsWindow},
	"a difference is explained":                      {1, aDifferenceIsExplained},
	"histories grow long":                            {1, historiesGrowLong},
	"runs are resumed, replaced and cancelled":       {1, resumedReplacedAndCancelled},
	"the record is away":                             {1, theRecordIsAway},
}

// itsCourse makes the relay poll slowly, so that parent workflows start their children. On the other paths, the relay
// starts them first.
func itsCourse(s *scene) {
	s.config.Poll = 100 * time.Millisecond
	s.begin()
	s.toTheEnd()
	s.keep("pilot", s.home())
	s.keep("project", s.village())
	s.keep("disbursement", s.payment("1.1.1"))
}

func aDraftLapses(s *scene) {
	s.Hurry(30 * time.Millisecond)
	s.begin()
	recordtest.Until(s.t, "timers fired early", func() bool {
		return count(historyOf(s.t, s.client, s.home(), ""), enumspb.EVENT_TYPE_TIMER_FIRED) > 2
	})
	s.Hurry(time.Hour)
	s.idle(pilot.AwaitApplication)
	s.until(s.home(), pilot.Withdrawn)
	s.keep("pilot-withdrawn-by-its-deadline", s.home())
}

func correctedAndReturned(s *scene) {
	s.begin()
	s.idle(pilot.AwaitEligibility)
	s.until(s.home(), pilot.Eligibility)
	s.Do(zhuanglang.CountyOfficer, s.home(), "request-correction", &pilot.RequestCorrection{Reason: "补充预算说明"})
	application := state[*pilot.Pilot](s, s.home()).Application
	s.Do(zhuanglang.CountyOfficer, s.home(), "correct", &pilot.Correct{Application: application})
	s.idle(pilot.AwaitEndorsement)
	s.until(s.home(), pilot.Endorsement)
	s.Do(zhuanglang.CountyApprover, s.home(), "endorse", &pilot.Endorse{Opinion: "同意推荐"})
	s.Do(zhuanglang.CityApprover, s.home(), "return", &pilot.Return{Reason: "村级意见不全"})
	s.Do(zhuanglang.CountyApprover, s.home(), "return", &pilot.Return{Reason: "请补正"})
	s.until(s.home(), pilot.Correction)
	s.until(s.home(), pilot.Withdrawn)
	s.keep("pilot-corrected-returned-and-withdrawn-by-its-deadline", s.home())
}

// endedBy returns a path in which one person ends the pilot while a wait is open.
func endedBy(name, who, command string, payload flow.Payload, wait flow.WaitKey) func(*scene) {
	return func(s *scene) {
		s.begin()
		s.idle(wait)
		s.Carry(s.Record, func() bool { return s.awaits(s.home(), wait) && s.Settled() })
		s.Do(who, s.home(), command, payload)
		s.toTheEnd()
		s.keep(name, s.home())
	}
}

// awaits reports whether an aggregate's wait is open.
func (s *scene) awaits(ref flow.Ref, wait flow.WaitKey) bool {
	found, err := s.Load(s.t.Context(), ref)
	if err != nil {
		return false
	}
	for _, turn := range flow.RecordOf(found).Turns {
		if turn.Key == wait {
			return true
		}
	}
	return false
}

// objections: one village proceeds, one is reviewed again and put on notice while the approval is pending, one
// withdraws, and one is under inquiry until the rollout, then reviewed, put on notice and approved there.
func objections(s *scene) {
	s.begin()
	s.idle(pilot.AwaitInquiry, pilot.AwaitApproval)
	s.Carry(s.Record, func() bool { return s.in(s.home(), pilot.Notice) && s.awaits(s.home(), pilot.AwaitNotice) })
	code := func(n int) string { return zhuanglang.Read().Projects[n-1].Code }
	for n := 2; n <= 4; n++ {
		s.Do(zhuanglang.PublicPerson, s.home(), "object", &pilot.Object{Proposal: code(n), Grounds: "与事实不符", Contact: "13900000000"})
	}
	decide := func(n int, outcome pilot.Outcome) {
		s.Do(zhuanglang.ProvinceApprover, s.home(), "decide-objection", &pilot.DecideObjection{Proposal: code(n), Outcome: outcome, Reason: "经核查"})
	}
	decide(2, pilot.ReviewAgain)
	decide(3, pilot.Upheld)
	s.idle(pilot.AwaitInquiry, pilot.AwaitApproval, pilot.AwaitReview)
	s.until(s.home(), pilot.Approval)
	s.scoreAgain(2)
	s.Carry(s.Record, func() bool { return s.awaits(s.home(), pilot.AwaitNotice) && s.Settled() })
	s.Carry(s.Record, func() bool { return !s.awaits(s.home(), pilot.AwaitNotice) && s.Settled() })
	s.approve("一")
	s.until(s.home(), pilot.Rollout)
	decide(4, pilot.ReviewAgain)
	s.scoreAgain(4)
	s.Carry(s.Record, func() bool { return s.awaits(s.home(), pilot.AwaitApproval) && s.Settled() })
	s.approve("二")
	s.toTheEnd()
	s.keep("pilot-objected-to", s.home())
}

// scoreAgain has the panel score a proposal again and the office conclude the review.
func (s *scene) scoreAgain(n int) {
	q := zhuanglang.Read().Projects[n-1]
	for _, expert := range zhuanglang.Experts {
		s.Do(expert, s.home(), "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: q.GrantFen}})
	}
	s.Do(zhuanglang.ProvinceOfficer, s.home(), "conclude-review", &pilot.ConcludeReview{})
}

func (s *scene) approve(number string) {
	s.Do(zhuanglang.ProvinceApprover, s.home(), "approve", &pilot.Approve{Number: s.Pilot[:8] + "-" + number})
}

// everyOfficeIsLate: every soft due date of a pilot, a project and a payment passes. Each brings a reminder, then an
// escalation.
func everyOfficeIsLate(s *scene) {
	s.begin()
	late := []struct {
		ref  flow.Ref
		wait flow.WaitKey
	}{
		{s.home(), pilot.AwaitEligibility},
		{s.home(), pilot.AwaitEndorsement},
		{s.home(), pilot.AwaitReview},
		{s.home(), pilot.AwaitApproval},
		{s.village(), project.AwaitAgreement},
		{s.payment("1.1.1"), payment.AwaitRelease},
		{s.payment("1.1.1"), payment.AwaitConfirmation},
		{s.village(), project.AwaitMidTermVerdict},
		{s.village(), project.AwaitMilestone},
		{s.village(), project.AwaitVerification},
		{s.village(), project.AwaitFinalReport},
		{s.village(), project.AwaitFinalVerdict},
		{s.village(), project.AwaitSettlement},
		{s.village(), project.AwaitAcceptance},
		{s.village(), project.AwaitClosing},
		{s.home(), pilot.AwaitSummary},
		{s.home(), pilot.AwaitAnnouncement},
	}
	for i, each := range late {
		s.idle()
		for _, still := range late[i:] {
			s.Idle = append(s.Idle, still.wait)
		}
		s.Carry(s.Record, func() bool { return s.overdue(each.ref, each.wait) && s.Settled() })
		if !s.overdue(each.ref, each.wait) {
			s.t.Fatalf("%s of %s never was overdue: %v", each.wait, each.ref, s.Journal())
		}
	}
	s.toTheEnd()
	s.keep("pilot-overdue", s.home())
	s.keep("project-overdue", s.village())
	s.keep("disbursement-overdue", s.payment("1.1.1"))
}

// overdue reports whether a wait was escalated.
func (s *scene) overdue(ref flow.Ref, wait flow.WaitKey) bool {
	found, err := s.Load(s.t.Context(), ref)
	if err != nil {
		return false
	}
	for _, turn := range flow.RecordOf(found).Turns {
		if turn.Key == wait && turn.Escalated {
			return true
		}
	}
	return false
}

func (s *scene) comesBack(paymentRef flow.Ref) {
	s.t.Helper()
	s.Do(zhuanglang.CountyFinance, paymentRef, "return-payment", &payment.ReturnPayment{Reason: "户名不符"})
}

func theEvaluatorsMoneyComesBack(s *scene) {
	s.begin()
	for _, each := range []struct {
		stage      flow.Stage
		paid, next string
		stays      []flow.WaitKey
	}{
		{pilot.Evaluation, "e.1", "e.2", []flow.WaitKey{pilot.AwaitSummary}},
		{pilot.Disclosure, "e.2", "e.3", []flow.WaitKey{pilot.AwaitAnnouncement}},
		{pilot.Sealing, "e.3", "e.4", nil},
	} {
		s.idle(each.stays...)
		s.Carry(s.Record, func() bool { return s.in(s.home(), each.stage) && s.in(s.payment(each.paid), payment.Posted) })
		s.comesBack(s.payment(each.paid))
		s.until(s.payment(each.next), payment.Posted)
	}
	s.toTheEnd()
	s.keep("pilot-paid-its-evaluator-again-and-again", s.home())
}

func anAgreementIsRefused(s *scene) {
	s.begin()
	s.idle(project.AwaitAgreement)
	s.until(s.village(), project.Agreement)
	s.Do(zhuanglang.OrganizationPerson("ZL-2017-01"), s.village(), "refuse-agreement", &project.RefuseAgreement{Reason: "条件变化"})
	s.toTheEnd()
	s.keep("project-abandoned", s.village())
}

func theMidTermIsMissed(s *scene) {
	s.begin()
	s.Doubt = true
	s.idle(project.AwaitMidTermReport)
	s.until(s.village(), project.Terminated)
	s.toTheEnd()
	s.keep("project-terminated-after-a-voided-payment", s.village())
	s.keep("disbursement-voided", s.payment("1.1.1"))
}

// mendedAtEveryStep: a milestone, the mid-term report, the settlement and the closing are sent back, the plan is
// changed, and diverted money is repaid in instalments.
func mendedAtEveryStep(s *scene) {
	s.begin()
	village := s.village()
	s.idle(project.AwaitMilestone, project.AwaitVerification, recovery.AwaitRepayment, project.AwaitChange, project.AwaitMidTermVerdict)
	s.until(village, pilot.Rollout)
	s.Do(zhuanglang.CountyFinance, village, "record-diversion", &project.RecordDiversion{Fen: 3_000, Finding: "挪作他用", Evidence: []string{recordtest.File}})
	s.until(s.recovery(1), recovery.Repayment)
	today := calendar.Of(s.Now())
	s.Do(zhuanglang.CountyApprover, s.recovery(1), "agree-instalments", &recovery.AgreeInstalments{Reason: "分期归还", Instalments: []recovery.Instalment{
		{Due: today.AddDays(30), Fen: 1_000}, {Due: today.AddDays(60), Fen: 1_000}, {Due: today.AddDays(90), Fen: 1_000},
	}})
	s.repay(1, 1_000, "一")
	q := state[*project.Project](s, village).Proposal
	s.Do(zhuanglang.OrganizationPerson(q.Code), village, "request-change", &project.RequestChange{Beneficiaries: "留守老人", Reason: "对象调整"})
	s.Carry(s.Record, func() bool { return s.overdue(village, project.AwaitChange) && s.Settled() })
	s.Do(zhuanglang.CountyApprover, village, "approve-change", &project.ApproveChange{})
	s.idle(project.AwaitVerification, recovery.AwaitRepayment, project.AwaitMidTermVerdict)
	s.Carry(s.Record, func() bool { return s.awaits(village, project.AwaitVerification) && s.Settled() })
	s.Do(zhuanglang.CountyOfficer, village, "return-milestone", &project.ReturnMilestone{Milestone: q.Milestones[0].Key, Reason: "照片不清"})
	s.idle(project.AwaitMidTermVerdict, recovery.AwaitRepayment)
	s.Carry(s.Record, func() bool { return s.awaits(village, project.AwaitMidTermVerdict) && s.Settled() })
	s.Do(zhuanglang.EvaluatorPerson, village, "judge-midterm", &project.JudgeMidTerm{Outcome: project.Rectify, Score: 65, Reason: "需整改"})
	s.Carry(s.Record, func() bool { return s.awaits(village, project.AwaitRectification) && s.Settled() })
	s.Do(zhuanglang.OrganizationPerson(q.Code), village, "report-rectification", &project.ReportRectification{Report: recordtest.File, Summary: "已整改"})
	s.idle(project.AwaitAcceptance, recovery.AwaitRepayment)
	s.Carry(s.Record, func() bool { return s.awaits(village, project.AwaitAcceptance) && s.Settled() })
	s.Do(zhuanglang.CountyFinance, village, "return-settlement", &project.ReturnSettlement{Reason: "缺明细"})
	s.idle(project.AwaitClosing, recovery.AwaitRepayment)
	s.until(village, project.Closing)
	s.Do(zhuanglang.EvaluatorPerson, village, "refuse-closing", &project.RefuseClosing{Reason: "缺照片"})
	s.toTheEnd()
	s.keep("project-mended-at-every-step", village)
	s.keep("recovery-in-instalments", s.recovery(1))
}

func (s *scene) repay(theRecovery int, fen money.Fen, voucher string) {
	s.Do(zhuanglang.CountyFinance, s.recovery(theRecovery), "record-repayment",
		&recovery.RecordRepayment{Fen: fen, Voucher: s.Pilot[:8] + voucher, Slip: recordtest.File})
}

func notRectified(s *scene) {
	s.begin()
	s.idle(project.AwaitMidTermVerdict, project.AwaitRectification)
	s.Carry(s.Record, func() bool { return s.awaits(s.village(), project.AwaitMidTermVerdict) && s.Settled() })
	s.Do(zhuanglang.EvaluatorPerson, s.village(), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Rectify, Score: 65, Reason: "需整改"})
	s.until(s.village(), project.Terminated)
	s.toTheEnd()
	s.keep("project-not-rectified", s.village())
}

func failsItsFinalEvaluation(s *scene) {
	s.begin()
	s.idle(project.AwaitFinalVerdict)
	s.Carry(s.Record, func() bool { return s.awaits(s.village(), project.AwaitFinalVerdict) && s.Settled() })
	s.Do(zhuanglang.EvaluatorPerson, s.village(), "judge-final", &project.JudgeFinal{Outcome: project.Fail, Score: 40, Reason: "不合格"})
	s.toTheEnd()
	s.keep("project-failed", s.village())
}

// inTroubleToItsEnd: in every stage in which the project holds money, some of it is diverted, and the bank returns a
// payment, which is then made again.
func inTroubleToItsEnd(s *scene) {
	s.begin()
	village := s.village()
	divert := func(kind string) {
		s.Do(zhuanglang.CountyFinance, village, "record-diversion", &project.RecordDiversion{Fen: 100, Kind: kind, Finding: "挪作他用", Evidence: []string{recordtest.File}})
	}
	s.idle(project.AwaitVerification, recovery.AwaitRepayment, project.AwaitFinalReport, project.AwaitSpendingReport)
	s.until(village, project.FinalEvaluation) // before any milestone is verified: the second tranche falls due here
	divert("")
	s.idle(recovery.AwaitRepayment, project.AwaitFinalReport, project.AwaitSpendingReport)
	s.until(s.payment("1.2.1"), payment.Posted)
	s.idle(recovery.AwaitRepayment, project.AwaitSettlement)
	s.until(village, project.Settlement)
	divert(state[*project.Project](s, village).Proposal.Budget[0].Kind)
	s.comesBack(s.payment("1.2.1"))
	s.until(s.payment("1.2.2"), payment.Posted)
	s.idle(recovery.AwaitRepayment, payment.AwaitRelease)
	s.until(village, project.LastTranche)
	divert(state[*project.Project](s, village).Proposal.Budget[0].Kind)
	s.idle(recovery.AwaitRepayment, project.AwaitClosing)
	s.until(village, project.Closing)
	divert(state[*project.Project](s, village).Proposal.Budget[0].Kind)
	s.Carry(s.Record, func() bool { return s.in(s.payment("1.3.1"), payment.Posted) })
	s.comesBack(s.payment("1.3.1"))
	s.until(s.payment("1.3.2"), payment.Posted)
	s.idle(recovery.AwaitRepayment)
	s.Carry(s.Record, func() bool { return s.in(village, project.Closed) })
	s.comesBack(s.payment("1.3.2"))
	s.toTheEnd()
	s.keep("project-in-trouble-to-its-end", village)
	s.keep("recovery", s.recovery(1))
}

// underspends has the organization spend so little that a refund is due.
func (s *scene) underspends() {
	village := s.village()
	s.idle(project.AwaitSpendingReport, project.AwaitRefund, recovery.AwaitRepayment)
	s.until(village, project.LastTranche)
}

func aRefundIsDemanded(s *scene) {
	s.begin()
	s.underspends()
	s.Carry(s.Record, func() bool { return s.overdue(s.village(), project.AwaitRefund) && s.Settled() })
	s.Do(zhuanglang.CountyFinance, s.village(), "demand-refund", &project.DemandRefund{Reason: "逾期未退"})
	s.toTheEnd()
	s.keep("project-whose-refund-was-demanded", s.village())
}

func aRefundIsReturned(s *scene) {
	s.begin()
	s.underspends()
	due := state[*project.Project](s, s.village()).RefundDue
	s.Do(zhuanglang.CountyFinance, s.village(), "record-refund", &project.RecordRefund{Fen: due, Voucher: s.Pilot[:8] + "退", Slip: recordtest.File})
	s.toTheEnd()
	s.keep("project-that-returned-money", s.village())
}

func paidAgainThenTerminated(s *scene) {
	s.config.Poll = 100 * time.Millisecond
	s.begin()
	s.idle(recovery.AwaitRepayment, project.AwaitSpendingReport, project.AwaitMilestone)
	s.Carry(s.Record, func() bool { return s.in(s.payment("1.1.1"), payment.Posted) && s.in(s.village(), pilot.Rollout) })
	s.comesBack(s.payment("1.1.1"))
	s.until(s.payment("1.1.2"), payment.Posted)
	s.idle(recovery.AwaitRepayment, project.AwaitSpendingReport, payment.AwaitRelease)
	s.until(s.payment("1.2.1"), payment.Release)
	s.Do(zhuanglang.CountyApprover, s.village(), "terminate", &project.Terminate{Reason: "组织停止活动"})
	s.untilHappened(s.recovery(1), "escalated")
	s.toTheEnd()
	s.keep("disbursement-returned-after-it-was-posted", s.payment("1.1.1"))
	s.keep("disbursement-stopped", s.payment("1.2.1"))
	s.keep("project-paid-again-then-terminated", s.village())
	s.keep("recovery-overdue", s.recovery(1))
}

func aBankErrs(s *scene) {
	s.config.Gateway = &teller{answers: map[string][]payment.BankOutcome{
		"1.1.1": {payment.Pending, payment.SentBack},
		"1.1.2": {payment.BankRefused},
		"1.1.3": {payment.Pending, payment.BankRefused},
		"1.1.4": {silence, payment.Unheard, payment.BankPaid, payment.SentBack},
		"1.1.5": {silence, silence, silence, payment.BankPaid},
		"1.2.1": {silence, silence, payment.Unheard, payment.BankPaid},
	}}
	s.begin()
	s.toTheEnd()
	s.keep("disbursement-returned-by-the-bank", s.payment("1.1.1"))
	s.keep("disbursement-refused", s.payment("1.1.2"))
	s.keep("disbursement-refused-later", s.payment("1.1.3"))
	s.keep("disbursement-instructed-again-then-sent-back", s.payment("1.1.4"))
	s.keep("disbursement-unknown-then-paid", s.payment("1.1.5"))
	s.keep("disbursement-that-never-arrived", s.payment("1.2.1"))
}

func aBankIsAway(s *scene) {
	s.config.Gateway = &teller{answers: map[string][]payment.BankOutcome{"1.1.1": {silence}}}
	s.GoOn()
	s.begin()
	s.toTheEnd()
	s.keep("disbursement-confirmed-by-finance", s.payment("1.1.1"))
}

// financeKnowsFirst: finance enters the slip while the workflow is asking the bank, so the record rejects the bank's
// response.
func financeKnowsFirst(s *scene) {
	b := &teller{answers: map[string][]payment.BankOutcome{"1.1.1": {payment.Pending, payment.BankPaid}}}
	b.asked = func(tail string) {
		if tail == "1.1.1" && s.stageOf(s.payment(tail)) == payment.Clearing {
			s.Do(zhuanglang.CountyFinance, s.payment(tail), "confirm", &payment.ConfirmPayment{Voucher: s.Pilot[:8], Slip: recordtest.File})
		}
	}
	s.config.Gateway = b
	s.begin()
	s.toTheEnd()
	s.keep("disbursement-that-finance-knew-of-first", s.payment("1.1.1"))
}

func (s *scene) stageOf(ref flow.Ref) flow.Stage {
	news, err := s.News(s.t.Context(), ref)
	if err != nil {
		s.t.Error(err)
	}
	return news.Stage
}

// childrenAreThere: every child workflow is already running when its parent tries to start it.
func childrenAreThere(s *scene) {
	s.config.Record = &hasty{s.Record, s}
	s.begin()
	s.toTheEnd()
	s.keep("pilot-whose-villages-were-there", s.home())
	s.keep("project-whose-payments-were-there", s.village())
}

// hasty is a record that starts the workflow of each new aggregate at once, before the parent workflow can.
type hasty struct {
	*recordtest.Record
	s *scene
}

func (h *hasty) Execute(ctx context.Context, cmd flow.Command) error {
	err := h.Record.Execute(ctx, cmd)
	if err == nil && cmd.Name == "open" {
		start := client.StartWorkflowOptions{ID: workflows.IDOf(cmd.Aggregate), TaskQueue: h.s.config.Prefix + workflows.Queue, Memo: workflows.Memo()}
		_, err = h.s.client.ExecuteWorkflow(ctx, start, workflows.TypeOf(cmd.Aggregate.Kind), workflows.Start{ID: cmd.Aggregate.ID, Indexed: true})
	}
	return err
}

func aPaymentWaitsForItsWindow(s *scene) {
	s.begin()
	saturday := func(tail string) {
		s.idle(payment.AwaitRelease)
		s.until(s.payment(tail), payment.Release)
		day := calendar.Of(s.Now())
		for workday := true; workday || day.Weekday() != time.Saturday; workday, _ = calendar.Published().Workday(day) {
			day = day.AddDays(1)
		}
		s.MoveTo(day.At(10, 0))
		s.idle()
		s.until(s.payment(tail), payment.Window)
	}
	saturday("1.1.1")
	s.untilHappened(s.payment("1.1.1"), "window-opened")
	saturday("1.2.1")
	s.Do(zhuanglang.CountyApprover, s.village(), "terminate", &project.Terminate{Reason: "组织停止活动"})
	s.toTheEnd()
	s.keep("disbursement-on-the-next-working-day", s.payment("1.1.1"))
	s.keep("disbursement-stopped-before-its-window", s.payment("1.2.1"))
}

// finding opens a difference the way the reconciliation does.
func (s *scene) finding() flow.Ref {
	home := state[*pilot.Pilot](s, s.home())
	ref := flow.Ref{Kind: difference.Kind, ID: s.Pilot + ".d1"}
	err := s.Execute(s.t.Context(), flow.Command{
		ID: "open/" + ref.ID, Name: "open", Aggregate: ref, Actor: domain.Workflow, Payload: &difference.OpenDifference{
			What: difference.AmountDiffers, Home: home.Home, Pilot: home.ID, Programme: home.Programme, Subject: home.ID + ".1.1.1", ExpectedFen: 5, FoundFen: 6,
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ref
}

func (s *scene) explain(ref flow.Ref) {
	s.Do(zhuanglang.CountyFinance, ref, "explain", &difference.ExplainDifference{Explanation: "手续费"})
}

func aDifferenceIsExplained(s *scene) {
	s.begin()
	ref := s.finding()
	s.untilHappened(ref, "escalated")
	s.explain(ref)
	s.toTheEnd()
	s.keep("difference-overdue", ref)
}

// historiesGrowLong keeps the run that continued as new and its successor.
func historiesGrowLong(s *scene) {
	s.begin()
	difference := s.finding()
	long := map[string]flow.Ref{}
	first := map[string]string{}
	lengthen := func(name string, ref flow.Ref) { long[name], first[name] = ref, s.lengthen(ref) }
	lengthen("difference", difference)
	s.explain(difference)
	s.idle(payment.AwaitConfirmation)
	s.until(s.payment("1.1.1"), payment.Confirmation)
	lengthen("pilot", s.home())
	lengthen("project", s.village())
	lengthen("disbursement", s.payment("1.1.1"))
	s.idle(recovery.AwaitRepayment)
	s.until(s.village(), pilot.Rollout)
	s.Do(zhuanglang.CountyApprover, s.village(), "terminate", &project.Terminate{Reason: "组织停止活动"})
	s.until(s.recovery(1), recovery.Repayment)
	lengthen("recovery", s.recovery(1))
	s.toTheEnd()
	for name, ref := range long {
		s.keepRun(name+"-long", ref, first[name])
		s.keep(name+"-behind-a-long-one", ref)
	}
}

// resumedReplacedAndCancelled: a run that began on an older story is replaced, an operator cancels its successor, and a
// third run is started by Resume.
func resumedReplacedAndCancelled(s *scene) {
	s.config.Indexed = false
	resume := func(replace bool) {
		resuming := worker.Resuming{Open: s.Record, Client: s.client, Prefix: s.config.Prefix}
		if _, err := resuming.Resume(s.t.Context(), replace, func(worker.Resumed) {}); err != nil {
			s.t.Fatal(err)
		}
	}
	old := client.StartWorkflowOptions{
		ID: workflows.IDOf(s.home()), TaskQueue: s.config.Prefix + workflows.Queue, Memo: map[string]any{workflows.StoryMemo: workflows.Story - 1},
	}
	replaced, err := s.client.ExecuteWorkflow(s.t.Context(), old, workflows.PilotType, workflows.Start{ID: s.Pilot})
	if err != nil {
		s.t.Fatal(err)
	}
	s.begin()
	s.idle(pilot.AwaitEndorsement)
	s.until(s.home(), pilot.Endorsement)
	resume(true)
	s.keepRun("pilot-replaced", s.home(), replaced.GetRunID())
	s.Carry(s.Record, func() bool { return s.overdue(s.home(), pilot.AwaitEndorsement) && s.Settled() })
	behind := s.run(s.home())
	s.keepRun("pilot-behind-a-replaced-one", s.home(), behind)
	if err := s.client.CancelWorkflow(s.t.Context(), workflows.IDOf(s.home()), behind); err != nil {
		s.t.Fatal(err)
	}
	recordtest.Until(s.t, "the run is over", func() bool {
		history := historyOf(s.t, s.client, s.home(), behind)
		return count(history, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED)+count(history, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED) > 0
	})
	s.keepRun("pilot-cancelled", s.home(), behind)
	resume(false)
	s.toTheEnd()
	s.keep("pilot-resumed", s.home())
}

// theRecordIsAway: the workflows retry until the record is available again.
func theRecordIsAway(s *scene) {
	away := &unreliable{Record: s.Record}
	away.faults.Store(3)
	s.config.Record = away
	s.begin()
	s.toTheEnd()
	s.keep("pilot-whose-record-was-away", s.home())
}

// unreliable is a record that fails the workflows' first commands.
type unreliable struct {
	*recordtest.Record
	faults atomic.Int32 // faults still to come
}

func (u *unreliable) Execute(ctx context.Context, cmd flow.Command) error {
	if cmd.Actor.ID == domain.Workflow.ID && u.faults.Add(-1) >= 0 {
		return errors.New("connection refused")
	}
	return u.Record.Execute(ctx, cmd)
}

// makeNights saves the histories of a night in which the sweep and the reconciliation succeed, and of one in which a
// part of each fails permanently.
func makeNights(t *testing.T, c client.Client) {
	t.Helper()
	prefix := temporaltest.Prefix()
	w := sdkworker.New(c, prefix+workflows.Queue, sdkworker.Options{})
	workflows.Register(w)
	var broken atomic.Bool
	fault := temporal.NewNonRetryableApplicationError("it cannot be read", "broken", nil)
	compare := func(_ context.Context, part reconcile.Part) (reconcile.Counts, error) {
		if part == reconcile.BooksPart && broken.Load() {
			return reconcile.Counts{}, fault
		}
		return reconcile.Counts{Found: 1, Opened: 1}, nil
	}
	sweep := func(context.Context) (activities.Swept, error) {
		if broken.Load() {
			return activities.Swept{}, fault
		}
		return activities.Swept{Aggregates: 1, Moments: 2}, nil
	}
	w.RegisterActivityWithOptions(compare, activity.RegisterOptions{Name: "Reconcile"})
	w.RegisterActivityWithOptions(sweep, activity.RegisterOptions{Name: "Sweep"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for _, fails := range []bool{false, true} {
		broken.Store(fails)
		for workflow, names := range map[string][2]string{
			workflows.ReconciliationType: {"reconciliation", "reconciliation-with-a-part-that-failed"},
			workflows.SweepType:          {"sweep", "sweep-that-failed"},
		} {
			name := names[0]
			if fails {
				name = names[1]
			}
			run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: prefix + name, TaskQueue: prefix + workflows.Queue}, workflow)
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Get(t.Context(), nil); (err != nil) != fails {
				t.Fatal(err)
			}
			keep(t, c, name, run.GetID(), run.GetRunID())
		}
	}
}
