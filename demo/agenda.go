package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// agenda returns what the demonstration's people will do and when, and the next time at which a wait ends merely
// because its due date has passed.
func (d *Driver) agenda(w *world) (acts []act, next time.Time) {
	add := func(turns []flow.TurnView, s script, sooner map[flow.WaitKey]calendar.Date) {
		for _, t := range turns {
			do, played := s[t.Key]
			switch {
			case played && (t.Key != pilot.AwaitNotice || t.Subject == d.contested()):
				acts = append(acts, act{day(t, sooner), func(ctx context.Context) error { return do(ctx, t) }})
			case !t.Due.IsZero():
				next = earlier(next, t.Due.End())
			}
		}
	}
	add(w.pilot.Progress.Turns, d.pilotScript(w), d.sooner())
	for _, p := range w.projects {
		plays := d.projectScript(p)
		maps.Copy(plays, d.accountScript(p, calendar.Of(w.now)))
		add(p.Progress.Turns, plays, d.sooner())
		acts = append(acts, d.troubles(p)...)
	}
	for _, p := range w.payments {
		add(p.Progress.Turns, d.paymentScript(p), d.paidOn(p))
	}
	for _, r := range w.recoveries {
		add(r.Progress.Turns, d.recoveryScript(r), agreedOn(r))
	}
	return acts, next
}

// script maps each wait to what the demonstration's people do during it.
type script map[flow.WaitKey]func(context.Context, flow.TurnView) error

// sooner lists the waits in which people act before the due date. They have to, because the last month has more steps
// than due dates; objections are decided immediately.
func (d *Driver) sooner() map[flow.WaitKey]calendar.Date {
	report, closing := d.data.Golden["final_report"], d.data.Golden["closing"]
	return map[flow.WaitKey]calendar.Date{
		project.AwaitFinalReport:   report,
		project.AwaitSpendingCheck: report.AddDays(13),
		project.AwaitFinalVerdict:  report.AddDays(15),
		project.AwaitSettlement:    report.AddDays(16),
		project.AwaitAcceptance:    report.AddDays(20),
		project.AwaitRefund:        closing.AddDays(-2),
		project.AwaitClosing:       closing,
		pilot.AwaitInquiry:         d.data.Golden["notice_ends"],
	}
}

// paidOn returns the dates for releasing and confirming the last tranche, before the closing. It returns nil for any other tranche.
func (d *Driver) paidOn(p *paymentView) map[flow.WaitKey]calendar.Date {
	if p.Tranche != 3 {
		return nil
	}
	on := d.data.Golden["closing"].AddDays(-2)
	return map[flow.WaitKey]calendar.Date{payment.AwaitRelease: on, payment.AwaitConfirmation: on}
}

// day returns the date on which someone acts in a turn: the date given in sooner, or otherwise the due date.
func day(t flow.TurnView, sooner map[flow.WaitKey]calendar.Date) calendar.Date {
	if early, ok := sooner[t.Key]; ok && early.Before(t.Due) {
		return early
	}
	return t.Due
}

// contested returns the code of the proposal to which there is an objection.
func (d *Driver) contested() string { return d.data.Projects[0].Code }

// projectIndex returns the index in the demonstration's data of the project with the given proposal code.
func (d *Driver) projectIndex(code string) int {
	return slices.IndexFunc(d.data.Projects, func(p zhuanglang.Project) bool { return p.Code == code })
}

// sender sends commands to one aggregate. A repeated step reuses the same idempotency key.
type sender func(ctx context.Context, who, name, subject string, body any) error

func (d *Driver) to(kind flow.Kind, id string) sender {
	return func(ctx context.Context, who, name, subject string, body any) error {
		key := name + "-" + id
		if subject != "" {
			key += "-" + subject
		}
		return d.client.post(ctx, who, catalogue.Path(kind)+"/"+id+"/"+name, key, body)
	}
}

func (d *Driver) pilotScript(w *world) script {
	id := w.pilot.ID
	send := d.to(pilot.Kind, id)
	plays := script{
		pilot.AwaitApplication: func(ctx context.Context, _ flow.TurnView) error { return d.apply(ctx, send) },
		pilot.AwaitEligibility: func(ctx context.Context, _ flow.TurnView) error { return d.accept(ctx, w, send) },
		pilot.AwaitEndorsement: func(ctx context.Context, t flow.TurnView) error {
			office := t.Who[0].Place
			who := map[string]string{"620825": zhuanglang.CountyApprover, "620800": zhuanglang.CityApprover, "620000": zhuanglang.ProvinceApprover}[office]
			return send(ctx, who, "endorse", office, pilot.Endorse{Opinion: "同意推荐（演示）"})
		},
		pilot.AwaitReview: func(ctx context.Context, _ flow.TurnView) error { return d.review(ctx, w, send) },
		pilot.AwaitInquiry: func(ctx context.Context, t flow.TurnView) error {
			d.show.Say("核查后异议不成立，公示继续", "the objection is dismissed after an inquiry; the notice goes on")
			return send(ctx, zhuanglang.ProvinceOfficer, "decide-objection", t.Subject, pilot.DecideObjection{Proposal: t.Subject, Outcome: pilot.Dismissed, Reason: "经核查不成立（演示）"})
		},
		pilot.AwaitApproval: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.ProvinceApprover, "approve", "", pilot.Approve{Number: "甘民发（演示）〔2017〕1号"})
		},
		pilot.AwaitSummary: func(ctx context.Context, _ flow.TurnView) error {
			scores := map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}
			return send(ctx, zhuanglang.CountyOfficer, "submit-summary", "", pilot.SubmitSummary{Scores: scores, Narrative: "六个村的项目均已结项（演示）"})
		},
		pilot.AwaitAnnouncement: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.ProvinceOfficer, "announce", "", pilot.Announce{Text: "福彩公益金使用情况公告（演示）"})
		},
	}
	if !w.objected {
		plays[pilot.AwaitNotice] = func(ctx context.Context, t flow.TurnView) error {
			d.show.Say("公示最后一日收到异议", "an objection on the last day of the notice")
			objection := pilot.Object{Proposal: t.Subject, Grounds: "对项目村的选择有疑问（演示）", Contact: "13800000000"}
			return send(ctx, zhuanglang.PublicPerson, "object", t.Subject, objection)
		}
	}
	return plays
}

// The faults in the demonstration's first application: a budget line for buying cattle, a credit code with a wrong
// check digit, and an organization listed for irregular activity.
const (
	cattleLine  = 2 // index of the proposal with the budget line for cattle
	wrongDigits = 1
)

func (d *Driver) troubled() pilot.Application {
	a := d.data.WithRefused()
	cattle := &a.Proposals[cattleLine].Budget[1]
	cattle.Kind, cattle.Title = "planting_breeding", &domain.Text{ZH: "购牛", EN: "cattle"}
	code := a.Proposals[wrongDigits].Organization.CreditCode
	a.Proposals[wrongDigits].Organization.CreditCode = code[:17] + "0"
	return a
}

// apply submits the application, and corrects it when it is rejected.
func (d *Driver) apply(ctx context.Context, send sender) error {
	a := d.troubled()
	tries := []struct {
		mend func()
		code string
		zh   string
		en   string
	}{
		{func() { a.Proposals[wrongDigits] = d.data.WithRefused().Proposals[wrongDigits] }, "credit-code-check", "统一社会信用代码校验位不符", "a credit code with a wrong check digit is refused"},
		{func() { a.Proposals[cattleLine] = d.data.WithRefused().Proposals[cattleLine] }, "forbidden-spending", "购牛预算科目被拒绝", "a budget line that buys cattle is refused"},
	}
	err := send(ctx, zhuanglang.CountyOfficer, "submit", "", pilot.Submit{})
	for err != nil {
		var problem *Problem
		if !errors.As(err, &problem) {
			return err
		}
		mended := false
		for i, t := range tries {
			t.mend()
			if problem.Code == t.code {
				d.show.Say(t.zh+"："+problem.ZH.What, t.en+": "+problem.EN.What)
				if err := send(ctx, zhuanglang.CountyOfficer, "save-draft", fmt.Sprint(i), pilot.SaveDraft{Application: a}); err != nil {
					return err
				}
				mended = true
				break
			}
		}
		if !mended {
			return err
		}
		err = send(ctx, zhuanglang.CountyOfficer, "submit", "", pilot.Submit{})
	}
	return nil
}

// accept removes the ineligible proposals and accepts the others.
func (d *Driver) accept(ctx context.Context, w *world, send sender) error {
	for i, q := range w.pilot.Cases {
		blocked := slices.ContainsFunc(q.Findings, func(f pilot.Finding) bool { return f.Blocking })
		if !blocked || q.Status == pilot.CaseRemoved {
			continue
		}
		d.show.Say("在活动异常名录中的组织不予受理", "the organization on the abnormal list is refused")
		code := w.pilot.Proposals[i].Code
		if err := send(ctx, zhuanglang.CountyOfficer, "refuse-proposal", code, pilot.RefuseProposal{Proposal: code, Reason: q.Findings[0].Text.ZH}); err != nil {
			return err
		}
	}
	return send(ctx, zhuanglang.CountyOfficer, "accept", "", pilot.Accept{})
}

func (d *Driver) review(ctx context.Context, w *world, send sender) error {
	scored := slices.ContainsFunc(w.pilot.Cases, func(q pilot.Case) bool { return len(q.Scores) > 0 })
	if !scored {
		if err := send(ctx, zhuanglang.ProvinceOfficer, "appoint-panel", "", pilot.AppointPanel{Experts: zhuanglang.Experts}); err != nil {
			return err
		}
	}
	for i, q := range w.pilot.Proposals {
		if w.pilot.Cases[i].Status != pilot.CaseReview {
			continue
		}
		for n, expert := range zhuanglang.Experts {
			opinion := pilot.Opinion{Points: 78 + 2*n + i, RecommendedFen: q.BudgetFen(), Comment: "可行（演示）"}
			if err := send(ctx, expert, "score", q.Code, pilot.Score{Proposal: q.Code, Opinion: opinion}); err != nil {
				return err
			}
		}
	}
	return send(ctx, zhuanglang.ProvinceOfficer, "conclude-review", "", pilot.ConcludeReview{})
}

func (d *Driver) projectScript(p projectView) script {
	organization, village := zhuanglang.OrganizationPerson(p.Proposal.Code), zhuanglang.VillagePerson(p.Proposal.Code)
	send := d.to(project.Kind, p.ID)
	file := func(ctx context.Context, what string) (string, error) {
		return d.evidence(ctx, organization, p.ID, what)
	}
	return script{
		project.AwaitAgreement: func(ctx context.Context, t flow.TurnView) error {
			if !slices.Contains(p.Signed, "organization") {
				sign := project.SignAsOrganization{AccountName: p.Proposal.Organization.Name.ZH, AccountNumber: "6208250000000001"}
				return send(ctx, organization, "sign-as-organization", "", sign)
			}
			return send(ctx, zhuanglang.CountyApprover, "sign-as-office", "", project.SignAsOffice{})
		},
		project.AwaitMilestone: func(ctx context.Context, t flow.TurnView) error {
			return d.milestone(ctx, p, t, organization, send)
		},
		project.AwaitVerification: func(ctx context.Context, t flow.TurnView) error {
			return d.verify(ctx, p, t, village, send)
		},
		project.AwaitMidTermReport: func(ctx context.Context, _ flow.TurnView) error {
			report, err := file(ctx, "midterm-report")
			if err != nil {
				return err
			}
			return send(ctx, organization, "report-midterm", "", project.ReportMidTerm{Report: report, Summary: "进度过半（演示）"})
		},
		project.AwaitMidTermVerdict: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.EvaluatorPerson, "judge-midterm", "", project.JudgeMidTerm{Outcome: project.Pass, Score: 86, Reason: "按计划推进（演示）"})
		},
		project.AwaitFinalReport: func(ctx context.Context, _ flow.TurnView) error {
			report, err := file(ctx, "final-report")
			if err != nil {
				return err
			}
			achieved := make([]int, len(p.Proposal.Indicators))
			for i, indicator := range p.Proposal.Indicators {
				achieved[i] = indicator.Target
			}
			return send(ctx, organization, "submit-final-report", "", project.SubmitFinalReport{Report: report, Achieved: achieved})
		},
		project.AwaitFinalVerdict: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.EvaluatorPerson, "judge-final", "", project.JudgeFinal{Outcome: project.Pass, Score: 91, Reason: "指标完成（演示）"})
		},
		project.AwaitClosing: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.EvaluatorPerson, "close", "", project.CloseProject{Opinion: "同意结项（演示）"})
		},
	}
}

// evidence uploads a small text file as evidence and returns its SHA-256 digest.
func (d *Driver) evidence(ctx context.Context, who, project, what string) (string, error) {
	text := fmt.Sprintf("演示数据 / demonstration data\n%s\n%s\n", project, what)
	return d.client.upload(ctx, who, "evidence-"+project+"-"+what, []byte(text))
}

func (d *Driver) milestone(ctx context.Context, p projectView, t flow.TurnView, organization string, send sender) error {
	submit := project.SubmitMilestone{Milestone: t.Subject}
	for _, m := range p.Proposal.Milestones {
		if m.Key != t.Subject {
			continue
		}
		for _, kind := range m.Evidence {
			sha, err := d.evidence(ctx, organization, p.ID, t.Subject+"-"+kind)
			if err != nil {
				return err
			}
			submit.Evidence = append(submit.Evidence, project.EvidenceFile{Kind: kind, SHA256: sha})
		}
	}
	return send(ctx, organization, "submit-milestone", t.Subject+"-"+t.Due.String(), submit)
}

// verify makes the village accept the work and the office verify it. For the first milestone of the second project, the
// office first sends it back once.
func (d *Driver) verify(ctx context.Context, p projectView, t flow.TurnView, village string, send sender) error {
	subject := t.Subject + "-" + t.Due.String()
	first := t.Due.Before(d.data.Projects[1].Milestones[0].Due.AddDays(20)) // a resubmitted milestone is due later
	if p.Proposal.Code == d.data.Projects[1].Code && t.Subject == "M1" && first {
		d.show.Say("一个村的里程碑被退回补充材料", "one village's milestone is returned for more evidence")
		return send(ctx, zhuanglang.CountyOfficer, "return-milestone", subject, project.ReturnMilestone{Milestone: t.Subject, Reason: "签到表不清晰（演示）"})
	}
	for _, step := range p.Milestones {
		if step.Key == t.Subject && step.AcceptedBy == "" {
			if err := send(ctx, village, "accept-work", subject, project.AcceptWork{Milestone: t.Subject}); err != nil {
				return err
			}
		}
	}
	return send(ctx, zhuanglang.CountyOfficer, "verify-milestone", subject, project.VerifyMilestone{Milestone: t.Subject, VisitedOn: t.Due.AddDays(-3), Finding: "现场核实属实（演示）"})
}

func (d *Driver) paymentScript(p *paymentView) script {
	send := d.to(payment.Kind, p.ID)
	return script{
		payment.AwaitRelease: func(ctx context.Context, _ flow.TurnView) error {
			if err := send(ctx, zhuanglang.CountyFinance, "release", "", payment.ReleasePayment{}); err != nil && !refusedWith(err, "same-person") {
				return err
			}
			return send(ctx, zhuanglang.CountyApprover, "release", "", payment.ReleasePayment{})
		},
		payment.AwaitConfirmation: func(ctx context.Context, _ flow.TurnView) error {
			slip, err := d.evidence(ctx, zhuanglang.CountyFinance, p.ID, "bank-slip")
			if err != nil {
				return err
			}
			return send(ctx, zhuanglang.CountyFinance, "confirm", "", payment.ConfirmPayment{Voucher: "凭证-" + p.ID[len(p.ID)-6:], Slip: slip})
		},
	}
}

func refusedWith(err error, code domain.Code) bool {
	var problem *Problem
	return errors.As(err, &problem) && problem.Code == string(code)
}
