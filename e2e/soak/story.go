package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/e2e/soak/check"
)

// story is one pilot with its simulated people, each of whom acts as soon as it is their turn.
type story struct {
	*soak
	*dossier
	id string
}

func (s *story) pilot() flow.Ref { return flow.Ref{Kind: pilot.Kind, ID: s.id} }

func (s *story) project(n int) flow.Ref {
	return flow.Ref{Kind: project.Kind, ID: fmt.Sprintf("%s.%d", s.id, n)}
}

// heard waits until an event has happened the given number of times.
func (s *story) heard(ref flow.Ref, event string, times int) bool {
	return s.follower.await(s.life, s.id, ref.ID, event, times)
}

// do repeats a command until it is accepted. A rejection because of the stage means that the workflows have not got
// that far yet, or that events are arriving late.
func (s *story) do(who string, ref flow.Ref, command, subject string, payload any) bool {
	path := "/v1/" + string(ref.Kind) + "s/" + ref.ID + "/" + command
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		a, err := s.people.order(who, path, ref.ID+"/"+command+subject, payload)
		switch {
		case err != nil:
			return false
		case a.status < http.StatusBadRequest:
			return true
		case a.status != http.StatusConflict:
			s.people.surprise.note("%s by %s: %d %s", path, who, a.status, a.body)
			return false
		}
		s.people.counts.add("refused for now: "+a.code(), 1)
		pause(s.life, wait)
	}
}

// tell plays the pilot as far as its plan goes.
func (s *story) tell() bool {
	s.people.log.write(check.Line{Plan: &s.Plan})
	if !s.draft() || !s.apply() {
		return false
	}
	switch s.Kind {
	case withdrawn:
		return s.do(zhuanglang.CountyOfficer, s.pilot(), "withdraw", "", pilot.Withdraw{Reason: "另行安排"})
	case rejected:
		return s.do(zhuanglang.CountyApprover, s.pilot(), "reject", "", pilot.Reject{Reason: "不予支持"})
	}
	return s.review() && s.agree() && s.after()
}

func (s *story) draft() bool {
	a, err := s.people.order(s.Actor, "/v1/pilots", s.Key, pilot.Draft{Programme: s.programme, Application: s.application})
	var given receipt
	if err != nil || json.Unmarshal(a.body, &given) != nil || a.status != http.StatusCreated {
		if err == nil {
			s.people.surprise.note("draft %d: %d %s", s.number, a.status, a.body)
		}
		return false
	}
	s.id = given.Aggregate.ID
	s.kinds.Store(s.id, s.Kind)
	return true
}

func (s *story) apply() bool {
	return s.do(zhuanglang.CountyOfficer, s.pilot(), "submit", "", pilot.Submit{}) &&
		s.heard(s.pilot(), "eligibility-checked", 1) &&
		s.do(zhuanglang.CountyOfficer, s.pilot(), "accept", "", pilot.Accept{})
}

func (s *story) review() bool {
	if !s.do(zhuanglang.CountyApprover, s.pilot(), "endorse", "", pilot.Endorse{Opinion: "同意推荐"}) ||
		!s.do(zhuanglang.CountyOfficer, s.pilot(), "appoint-panel", "", pilot.AppointPanel{Experts: zhuanglang.Experts[:1]}) {
		return false
	}
	for _, q := range s.application.Proposals {
		opinion := pilot.Opinion{Points: 90, RecommendedFen: q.BudgetFen()}
		if !s.do(zhuanglang.Experts[0], s.pilot(), "score", q.Code, pilot.Score{Proposal: q.Code, Opinion: opinion}) {
			return false
		}
	}
	return s.do(zhuanglang.CountyOfficer, s.pilot(), "conclude-review", "", pilot.ConcludeReview{}) &&
		s.heard(s.pilot(), "cleared", len(s.projects)) &&
		s.do(zhuanglang.CountyApprover, s.pilot(), "approve", "", pilot.Approve{Number: fmt.Sprintf("庄民发〔2017〕%d号", s.number)})
}

func (s *story) agree() bool {
	for i, q := range s.application.Proposals {
		ref := s.project(i + 1)
		if !s.heard(ref, "opened", 1) {
			return false
		}
		if s.Kind == declined {
			if !s.do(speaker(q), ref, "refuse-agreement", "", project.RefuseAgreement{Reason: "无力承担"}) {
				return false
			}
			continue
		}
		sign := project.SignAsOrganization{AccountName: q.Organization.Name.ZH, AccountNumber: fmt.Sprintf("62082500%08d", i)}
		if !s.do(speaker(q), ref, "sign-as-organization", "", sign) || !s.do(zhuanglang.CountyApprover, ref, "sign-as-office", "", project.SignAsOffice{}) {
			return false
		}
	}
	return true
}

// after plays what follows the signatures: only the payments, or the termination of a project, or everything up to the
// archive.
func (s *story) after() bool {
	switch s.Kind {
	case terminated:
		return s.heard(s.project(1), "tranche-paid", 1) &&
			s.do(zhuanglang.CountyApprover, s.project(1), "terminate", "", project.Terminate{Reason: "组织停止活动"}) && s.heard(s.project(1), "terminated", 1)
	case whole:
		return s.work() && s.settle() && s.disclose()
	case declined:
		return s.heard(flow.Ref{ID: s.id}, "contract-final", 1)
	}
	for i := range s.projects {
		if !s.heard(s.project(i+1), "tranche-final", len(s.Shares)) {
			return false
		}
	}
	return true
}

// work plays the rollout: milestones with evidence, the mid-term evaluation, and the end on its day.
func (s *story) work() bool {
	q, plan, ref := s.application.Proposals[0], s.projects[0], s.project(1)
	if !s.heard(ref, "rollout-begun", 1) {
		return false
	}
	for _, m := range q.Milestones {
		submit := project.SubmitMilestone{Milestone: m.Key}
		for _, kind := range m.Evidence {
			file, err := s.file(speaker(q), m.Key+" "+kind)
			if err != nil {
				return false
			}
			submit.Evidence = append(submit.Evidence, project.EvidenceFile{Kind: kind, SHA256: file})
		}
		verify := project.VerifyMilestone{Milestone: m.Key, VisitedOn: calendar.Of(s.almanac.now()), Finding: "属实"}
		if !s.do(speaker(q), ref, "submit-milestone", m.Key, submit) ||
			!s.do(zhuanglang.VillagePerson(plan.Code), ref, "accept-work", m.Key, project.AcceptWork{Milestone: m.Key}) ||
			!s.do(zhuanglang.CountyOfficer, ref, "verify-milestone", m.Key, verify) {
			return false
		}
	}
	report, err := s.file(speaker(q), "mid-term")
	return err == nil && s.do(speaker(q), ref, "report-midterm", "", project.ReportMidTerm{Report: report, Summary: "进度过半"}) &&
		s.do(zhuanglang.EvaluatorPerson, ref, "judge-midterm", "", project.JudgeMidTerm{Outcome: project.Pass, Score: 75, Reason: "现场评估"}) &&
		s.heard(ref, "tranche-final", 2) && s.wholeRolledOut()
}

// wholeRolledOut reports whether this pilot is waiting only for the last day of the rollout.
func (s *story) wholeRolledOut() bool {
	s.waiting.Add(1)
	return s.heard(s.project(1), "rollout-ended", 1)
}

// settle plays the final report, every receipt, the last tranche and the closing.
func (s *story) settle() bool {
	q, ref := s.application.Proposals[0], s.project(1)
	var files []string
	for _, what := range []string{"final report", "receipt", "final account", "lottery mark"} {
		file, err := s.file(speaker(q), what)
		if err != nil {
			return false
		}
		files = append(files, file)
	}
	achieved := make([]int, len(q.Indicators))
	for i, target := range q.Indicators {
		achieved[i] = target.Target
	}
	bill := project.Invoice{Number: fmt.Sprintf("SK-%d", s.number), Kind: "service", Fen: money.Fen(s.Grants[0]), Source: project.FromGrant, On: lastDay, File: files[1], Title: "按预算支出"}
	return s.do(speaker(q), ref, "submit-final-report", "", project.SubmitFinalReport{Report: files[0], Achieved: achieved}) &&
		s.do(zhuanglang.EvaluatorPerson, ref, "judge-final", "", project.JudgeFinal{Outcome: project.Pass, Score: 90, Reason: "现场评估"}) &&
		s.do(speaker(q), ref, "report-spending", "", project.ReportSpending{Receipts: []project.Invoice{bill}}) &&
		s.do(zhuanglang.CountyFinance, ref, "judge-spending", "", project.JudgeSpending{Report: 1}) &&
		s.do(speaker(q), ref, "submit-settlement", "", project.SubmitSettlement{Account: files[2], MarkPhotos: files[3:]}) &&
		s.do(zhuanglang.CountyFinance, ref, "accept-settlement", "", project.AcceptSettlement{}) &&
		s.heard(ref, "tranche-paid", 3) &&
		s.do(zhuanglang.EvaluatorPerson, ref, "close", "", project.CloseProject{Opinion: "同意结项"})
}

// disclose plays the self-evaluation and the announcement. The workflow then seals the dossier.
func (s *story) disclose() bool {
	scores := map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}
	return s.heard(s.pilot(), "contract-final", 1) &&
		s.do(zhuanglang.CountyOfficer, s.pilot(), "submit-summary", "", pilot.SubmitSummary{Scores: scores, Narrative: "项目均已结项"}) &&
		s.do(zhuanglang.CountyOfficer, s.pilot(), "announce", "", pilot.Announce{Text: "资金使用情况公告"}) &&
		s.heard(s.pilot(), "archived", 1)
}

// file uploads a small file used only by this pilot.
func (s *story) file(who, what string) (string, error) {
	return s.people.upload(who, "text/plain", fmt.Appendf(nil, "演示数据 / demonstration data\n%s\n%s\n", s.id, what))
}
