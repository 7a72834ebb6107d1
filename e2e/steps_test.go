package e2e

import (
	"fmt"
	"strings"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// The steps of a pilot, each starting from the stage before it.

func (s *story) submit() *story {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.pilot(), "submit", pilot.Submit{})
	return s
}

func (s *story) accept() *story {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.pilot(), "accept", pilot.Accept{})
	return s
}

// approvers lists the approval chain, lowest level first.
var approvers = []string{zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceApprover}

func (s *story) endorse(who ...string) *story {
	s.t.Helper()
	for _, approver := range who {
		s.do(approver, s.pilot(), "endorse", pilot.Endorse{Opinion: "同意推荐"})
	}
	return s
}

func (s *story) panel() *story {
	s.t.Helper()
	s.do(zhuanglang.ProvinceOfficer, s.pilot(), "appoint-panel", pilot.AppointPanel{Experts: zhuanglang.Experts})
	return s
}

// score has every expert give a proposal the points and recommend its full grant.
func (s *story) score(n, points int) *story {
	s.t.Helper()
	for _, expert := range zhuanglang.Experts {
		s.scoreAs(expert, n, points)
	}
	return s
}

func (s *story) scoreAs(expert string, n, points int) {
	s.t.Helper()
	opinion := pilot.Opinion{Points: points, RecommendedFen: s.plans[n-1].GrantFen}
	s.do(expert, s.pilot(), "score", pilot.Score{Proposal: s.code(n), Opinion: opinion})
}

func (s *story) conclude() *story {
	s.t.Helper()
	s.do(zhuanglang.ProvinceOfficer, s.pilot(), "conclude-review", pilot.ConcludeReview{})
	return s
}

// notice brings the pilot from draft to public notice.
func (s *story) notice() *story {
	s.t.Helper()
	s.submit().accept().endorse(approvers...).panel()
	s.each(func(n int) { s.score(n, 80+n) })
	return s.conclude()
}

// noticeOver lets the public notice end.
func (s *story) noticeOver() *story {
	s.t.Helper()
	s.late(s.pilot(), pilot.AwaitNotice)
	return s
}

func (s *story) approve(number int) *story {
	s.t.Helper()
	s.do(zhuanglang.ProvinceApprover, s.pilot(), "approve", pilot.Approve{Number: fmt.Sprintf("甘民发〔2017〕%d号", number)})
	return s
}

// approved brings the pilot from draft to its agreements.
func (s *story) approved() *story {
	s.t.Helper()
	return s.notice().noticeOver().approve(1)
}

func (s *story) signAsOrganization(n int) {
	s.t.Helper()
	sign := project.SignAsOrganization{AccountName: s.plans[n-1].Organization.ZH, AccountNumber: "6208250000000001"}
	s.do(s.organization(n), s.project(n), "sign-as-organization", sign)
}

func (s *story) signAsOffice(n int) {
	s.t.Helper()
	s.do(zhuanglang.CountyApprover, s.project(n), "sign-as-office", project.SignAsOffice{})
}

func (s *story) sign(n int) {
	s.t.Helper()
	s.signAsOrganization(n)
	s.signAsOffice(n)
}

// today returns the date on the program's calendar.
func (s *story) today() calendar.Date {
	s.t.Helper()
	return calendar.Of(get[clock](s.client, mover, "/v1/clock").Now)
}

// final lets the period pass within which a bank may return a payment.
func (s *story) final() {
	s.t.Helper()
	s.on(s.today().AddDays(30))
}

// workday moves to the next day on which payments are sent, unless today is one.
func (s *story) workday() {
	s.t.Helper()
	today := s.today()
	if workday, _ := calendar.Published().Workday(today); !workday {
		next, _ := calendar.Published().AddWorkdays(today, 1)
		s.on(next)
	}
}

// release has two officers release a payment, on a working day.
func (s *story) release(payment flow.Ref) {
	s.t.Helper()
	s.workday()
	s.releaseNow(payment)
}

func (s *story) releaseNow(ref flow.Ref) {
	s.t.Helper()
	s.do(zhuanglang.CountyFinance, ref, "release", payment.ReleasePayment{})
	s.do(zhuanglang.CountyApprover, ref, "release", payment.ReleasePayment{})
}

func (s *story) confirm(ref flow.Ref) {
	s.t.Helper()
	slip := s.file(zhuanglang.CountyFinance, "bank slip of "+ref.ID)
	s.do(zhuanglang.CountyFinance, ref, "confirm", payment.ConfirmPayment{Voucher: "凭证-" + ref.ID[9:], Slip: slip})
}

// pay carries a payment from its release to its confirmation.
func (s *story) pay(payment flow.Ref) {
	s.t.Helper()
	s.release(payment)
	s.confirm(payment)
}

func (s *story) void(ref flow.Ref) {
	s.t.Helper()
	s.do(zhuanglang.CountyFinance, ref, "void", payment.VoidPayment{Reason: "回单有误"})
}

// returned records that the bank returned the money.
func (s *story) returned(ref flow.Ref) {
	s.t.Helper()
	s.do(zhuanglang.CountyFinance, ref, "return-payment", payment.ReturnPayment{Reason: "账户已销户"})
}

// rollout brings every project from agreement to rollout.
func (s *story) rollout() *story {
	s.t.Helper()
	s.each(func(n int) {
		s.sign(n)
		s.pay(s.payment(n, 1, 1))
	})
	s.each(func(n int) { s.reaches(s.project(n), project.Rollout) })
	return s
}

func (s *story) submitMilestone(n int, key string) {
	s.t.Helper()
	submit := project.SubmitMilestone{Milestone: key}
	for _, m := range s.plans[n-1].Milestones {
		if m.Key == key {
			for _, kind := range m.Evidence {
				submit.Evidence = append(submit.Evidence, project.EvidenceFile{Kind: kind, SHA256: s.file(s.organization(n), key+" "+kind)})
			}
		}
	}
	s.do(s.organization(n), s.project(n), "submit-milestone", submit)
}

func (s *story) acceptWork(n int, key string) {
	s.t.Helper()
	s.do(s.village(n), s.project(n), "accept-work", project.AcceptWork{Milestone: key})
}

func (s *story) verifyMilestone(n int, key string) {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.project(n), "verify-milestone", project.VerifyMilestone{Milestone: key, VisitedOn: s.today(), Finding: "属实"})
}

// milestone carries a project's milestone from evidence to verification.
func (s *story) milestone(n int, key string) {
	s.t.Helper()
	s.submitMilestone(n, key)
	s.acceptWork(n, key)
	s.verifyMilestone(n, key)
}

func (s *story) reportMidTerm(n int) {
	s.t.Helper()
	s.do(s.organization(n), s.project(n), "report-midterm", project.ReportMidTerm{Report: s.file(s.organization(n), "mid-term"), Summary: "进度过半"})
}

func (s *story) judgeMidTerm(n int, outcome project.VerdictOutcome) {
	s.t.Helper()
	s.do(zhuanglang.EvaluatorPerson, s.project(n), "judge-midterm", project.JudgeMidTerm{Outcome: outcome, Score: 75, Reason: "现场评估"})
}

func (s *story) midTerm(n int) {
	s.t.Helper()
	s.reportMidTerm(n)
	s.judgeMidTerm(n, project.Pass)
}

// work carries every project through its rollout: all milestones, the mid-term evaluation and the second tranche.
func (s *story) work() *story {
	s.t.Helper()
	s.each(func(n int) {
		s.milestone(n, "M1")
		s.milestone(n, "M2")
		s.midTerm(n)
		s.pay(s.payment(n, 2, 1))
		s.milestone(n, "M3")
		s.milestone(n, "M4")
	})
	return s
}

func (s *story) rolloutOver() {
	s.t.Helper()
	s.onGolden("final_report")
}

func (s *story) reportFinal(n int) {
	s.t.Helper()
	s.do(s.organization(n), s.project(n), "submit-final-report", project.SubmitFinalReport{Report: s.file(s.organization(n), "final report"), Achieved: []int{100, 60}})
}

func (s *story) judgeFinal(n int, outcome project.VerdictOutcome) {
	s.t.Helper()
	s.do(zhuanglang.EvaluatorPerson, s.project(n), "judge-final", project.JudgeFinal{Outcome: outcome, Score: 90, Reason: "现场评估"})
}

// evaluated brings every project to its settlement.
func (s *story) evaluated() *story {
	s.t.Helper()
	s.rollout().work().rolloutOver()
	s.each(func(n int) {
		s.reportFinal(n)
		s.judgeFinal(n, project.Pass)
	})
	return s
}

// receipt returns a receipt for spending from a project's grant.
func (s *story) receipt(n int, number, kind string, fen money.Fen) project.Invoice {
	return project.Invoice{
		Number: fmt.Sprintf("%s-%d-%s", s.id[24:], n, number), Kind: kind, Fen: fen, Source: project.FromGrant, On: s.today(),
		File: s.file(s.organization(n), "receipt"), Title: "按预算支出",
	}
}

// receipts returns one receipt for each line of a project's budget; the largest is reduced by unspent.
func (s *story) receipts(n int, unspent money.Fen) (all []project.Invoice) {
	for _, line := range s.application.Proposals[n-1].Budget {
		fen := line.Fen
		if line.Kind == "service" {
			fen -= unspent
		}
		all = append(all, s.receipt(n, strings.ReplaceAll(line.Kind, "_", "-"), line.Kind, fen))
	}
	return all
}

func (s *story) reportSpending(n int, receipts ...project.Invoice) {
	s.t.Helper()
	s.do(s.organization(n), s.project(n), "report-spending", project.ReportSpending{Receipts: receipts})
}

func (s *story) judgeSpending(n, report int, disallowed ...project.Disallowance) {
	s.t.Helper()
	s.do(zhuanglang.CountyFinance, s.project(n), "judge-spending", project.JudgeSpending{Report: report, Disallowed: disallowed})
}

// account reports all of a project's spending in one report, which finance accepts.
func (s *story) account(n int, unspent money.Fen) {
	s.t.Helper()
	s.reportSpending(n, s.receipts(n, unspent)...)
	s.judgeSpending(n, len(s.read(s.project(n)).Spending))
}

func (s *story) submitSettlement(n int) {
	s.t.Helper()
	who := s.organization(n)
	settlement := project.SubmitSettlement{Account: s.file(who, "final account"), MarkPhotos: []string{s.file(who, "lottery mark")}}
	s.do(who, s.project(n), "submit-settlement", settlement)
}

func (s *story) acceptSettlement(n int) {
	s.t.Helper()
	s.do(zhuanglang.CountyFinance, s.project(n), "accept-settlement", project.AcceptSettlement{})
}

func (s *story) settle(n int, unspent money.Fen) {
	s.t.Helper()
	s.account(n, unspent)
	s.submitSettlement(n)
	s.acceptSettlement(n)
}

// refund returns a project's unspent money, with its own voucher.
func (s *story) refund(n int, fen money.Fen) {
	s.t.Helper()
	slip := s.file(zhuanglang.CountyFinance, "refund")
	s.do(zhuanglang.CountyFinance, s.project(n), "record-refund", project.RecordRefund{Fen: fen, Voucher: s.voucher(), Slip: slip})
}

// voucher returns a voucher number that has not been used.
func (s *story) voucher() string { return fmt.Sprintf("收-%s-%d", s.id[24:], len(s.accepted)) }

func (s *story) closeProject(n int) {
	s.t.Helper()
	s.do(zhuanglang.EvaluatorPerson, s.project(n), "close", project.CloseProject{Opinion: "同意结项"})
}

// closed settles and closes every project, and pays the evaluator.
func (s *story) closed() *story {
	s.t.Helper()
	s.each(func(n int) {
		s.settle(n, 0)
		s.pay(s.payment(n, 3, 1))
		s.closeProject(n)
	})
	s.pay(s.contract(1))
	return s
}

func (s *story) refuseAgreement(n int) {
	s.t.Helper()
	s.do(s.organization(n), s.project(n), "refuse-agreement", project.RefuseAgreement{Reason: "无力承担"})
}

// disclosed brings the pilot from the end of its last project to its archive.
func (s *story) disclosed() {
	s.t.Helper()
	scores := map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}
	s.do(zhuanglang.CountyOfficer, s.pilot(), "submit-summary", pilot.SubmitSummary{Scores: scores, Narrative: "项目均已结项"})
	s.do(zhuanglang.ProvinceOfficer, s.pilot(), "announce", pilot.Announce{Text: "资金使用情况公告"})
	s.final()
	s.reaches(s.pilot(), pilot.Archived)
}

func (s *story) withdraw() {
	s.t.Helper()
	s.do(zhuanglang.CountyOfficer, s.pilot(), "withdraw", pilot.Withdraw{Reason: "另行安排"})
}

func (s *story) object(n int) {
	s.t.Helper()
	s.do(zhuanglang.PublicPerson, s.pilot(), "object", pilot.Object{Proposal: s.code(n), Grounds: "对选村有疑问", Contact: "13800000000"})
}

func (s *story) decide(n int, outcome pilot.Outcome) {
	s.t.Helper()
	s.do(zhuanglang.ProvinceOfficer, s.pilot(), "decide-objection", pilot.DecideObjection{Proposal: s.code(n), Outcome: outcome, Reason: "经核查"})
}

func (s *story) giveUp(n int) {
	s.t.Helper()
	s.do(s.organization(n), s.pilot(), "give-up", pilot.GiveUp{Proposal: s.code(n), Reason: "无力承担"})
}

func (s *story) requestChange(change project.RequestChange) {
	s.t.Helper()
	s.do(s.organization(1), s.project(1), "request-change", change)
}
