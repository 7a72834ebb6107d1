package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/programme"
)

// Verdict is the evaluator's judgement (评估结论) with a score of 0-100 and its grade.
type Verdict struct {
	Outcome VerdictOutcome `json:"outcome,omitempty"`
	Score   int            `json:"score,omitempty"`
	Grade   string         `json:"grade,omitempty"`
}

// VerdictOutcome is what a verdict comes to.
type VerdictOutcome string

const (
	Pass    VerdictOutcome = "pass"    // 合格
	Rectify VerdictOutcome = "rectify" // 整改
	Fail    VerdictOutcome = "fail"    // 不合格
)

// ReportMidTerm is the organization's mid-term self-report (中期自评).
type ReportMidTerm struct {
	Report  string `json:"report" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded report"`
	Summary string `json:"summary" minLength:"1" maxLength:"4000"`
}

// JudgeMidTerm is the evaluator's mid-term verdict (中期评估).
type JudgeMidTerm struct {
	Outcome VerdictOutcome `json:"outcome" enum:"pass,rectify,fail"`
	Score   int            `json:"score" minimum:"0" maximum:"100"`
	Reason  string         `json:"reason" minLength:"1" maxLength:"4000"`
}

// ReportRectification tells what was rectified (整改报告).
type ReportRectification struct {
	Report  string `json:"report" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded report"`
	Summary string `json:"summary" minLength:"1" maxLength:"4000"`
}

// SubmitFinalReport is the organization's final report (结项报告).
type SubmitFinalReport struct {
	Report   string `json:"report" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded report"`
	Achieved []int  `json:"achieved" minItems:"1" maxItems:"20" minimum:"0" maximum:"1000000000" doc:"what was achieved, one figure per indicator in the application's order"`
}

// JudgeFinal is the evaluator's final verdict (末期评估).
type JudgeFinal struct {
	Outcome VerdictOutcome `json:"outcome" enum:"pass,fail"`
	Score   int            `json:"score" minimum:"0" maximum:"100"`
	Reason  string         `json:"reason" minLength:"1" maxLength:"4000"`
}

func (r *ReportMidTerm) evidence() []string                { return []string{r.Report} }
func (r *ReportMidTerm) check(_ *Project, c Context) error { return stored("report", r.Report, c) }
func (r *ReportMidTerm) decide(_ *Project, c Context) []Event {
	return []Event{&MidTermReported{Report: r.Report, Summary: r.Summary, Deadline: c.deadline(c.Today(), programme.MidTermVerdictTerm)}}
}

func (j *JudgeMidTerm) check(_ *Project, c Context) error { return judgeable(j.Outcome, j.Score, c) }

// judgeable refuses to pass what the grades call poor.
func judgeable(outcome VerdictOutcome, score int, c Context) error {
	worst := c.Rules.Grades[len(c.Rules.Grades)-1]
	if outcome == Pass && c.Rules.Grade(score).Key == worst.Key {
		return domain.Refuse("score-too-low", "score", "zh", worst.Name.ZH, "en", worst.Name.EN, "source", c.Rules.GradesSource)
	}
	return nil
}

func (j *JudgeMidTerm) decide(p *Project, c Context) []Event {
	judged := &MidTermJudged{
		Verdict: Verdict{j.Outcome, j.Score, c.Rules.Grade(j.Score).Key}, Reason: j.Reason, On: c.Today(),
	}
	switch j.Outcome {
	case Pass:
		return append([]Event{judged}, p.fallDue(met{midTerm: true}, c)...)
	case Rectify:
		judged.Rectify = c.deadline(c.Today(), programme.RectificationTerm)
		return []Event{judged}
	default:
		return append([]Event{judged}, p.termination("midterm-failed", "", c.Today(), c)...)
	}
}

func (r *ReportRectification) evidence() []string { return []string{r.Report} }
func (r *ReportRectification) check(_ *Project, c Context) error {
	return stored("report", r.Report, c)
}

func (r *ReportRectification) decide(_ *Project, c Context) []Event {
	return []Event{&RectificationReported{Report: r.Report, Summary: r.Summary, Deadline: c.deadline(c.Today(), programme.MidTermVerdictTerm)}}
}

func (r *SubmitFinalReport) evidence() []string { return []string{r.Report} }
func (r *SubmitFinalReport) check(p *Project, c Context) error {
	if len(r.Achieved) != len(p.Proposal.Indicators) {
		return domain.Refuse("indicator-count", "achieved", "want", itoa(len(p.Proposal.Indicators)))
	}
	return stored("report", r.Report, c)
}

func (r *SubmitFinalReport) decide(_ *Project, c Context) []Event {
	return []Event{&FinalReported{Report: r.Report, Achieved: r.Achieved, Deadline: c.deadline(c.Today(), programme.FinalVerdictTerm)}}
}

// check: only a project whose milestones are all verified and whose mid-term was passed can pass.
func (j *JudgeFinal) check(p *Project, c Context) error {
	if j.Outcome == Pass {
		if i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Status != StepVerified }); i >= 0 {
			return domain.Refuse("milestone-open", "outcome", "key", p.Steps[i].Key)
		}
		if p.MidTerm.Outcome != Pass {
			return domain.Refuse("midterm-open", "outcome")
		}
	}
	return judgeable(j.Outcome, j.Score, c)
}

func (j *JudgeFinal) decide(p *Project, c Context) []Event {
	judged := &FinalJudged{
		Verdict: Verdict{j.Outcome, j.Score, c.Rules.Grade(j.Score).Key}, Reason: j.Reason,
		Settlement: c.deadline(c.Today(), programme.SettlementTerm),
	}
	if j.Outcome == Fail {
		return append([]Event{judged}, p.termination("final-failed", "", c.Today(), c)...)
	}
	return []Event{judged}
}

// MidTermReported means that the self-report is in; the evaluator judges.
type MidTermReported struct {
	Report   string   `json:"report"`
	Summary  string   `json:"summary"`
	Deadline Deadline `json:"deadline"`
}

func (e *MidTermReported) apply(p *Project) {
	p.done(AwaitMidTermReport, "")
	p.open(AwaitMidTermVerdict, "", e.Deadline)
}

// MidTermJudged carries the verdict; it is Late when the report never came in time.
type MidTermJudged struct {
	Verdict
	Reason  string        `json:"reason,omitempty"`
	On      calendar.Date `json:"on"`
	Late    bool          `json:"late,omitempty"`
	Rectify Deadline      `json:"rectify,omitzero"`
}

func (e *MidTermJudged) on() calendar.Date { return e.On }

func (e *MidTermJudged) apply(p *Project) {
	p.MidTerm = e.Verdict
	p.done(AwaitMidTermVerdict, "")
	p.done(AwaitMidTermReport, "")
	p.done(AwaitRectification, "")
	if e.Outcome == Rectify {
		p.open(AwaitRectification, "", e.Rectify)
	}
}

// RectificationReported is followed by re-evaluation (复评).
type RectificationReported struct {
	Report   string   `json:"report"`
	Summary  string   `json:"summary"`
	Deadline Deadline `json:"deadline"`
}

func (e *RectificationReported) apply(p *Project) {
	p.done(AwaitRectification, "")
	p.open(AwaitMidTermVerdict, "", e.Deadline)
}

// RolloutEnded means that the set day passed; the final evaluation begins. What is still
// open of the rollout stays open.
type RolloutEnded struct {
	On       calendar.Date `json:"on"`
	Deadline Deadline      `json:"deadline"`
}

func (e *RolloutEnded) on() calendar.Date { return e.On }

func (e *RolloutEnded) apply(p *Project) {
	p.Stage = FinalEvaluation
	p.done(AwaitRolloutEnd, "")
	p.open(AwaitFinalReport, "", e.Deadline)
}

// FinalReported means that the final report is in.
type FinalReported struct {
	Report   string   `json:"report"`
	Achieved []int    `json:"achieved"`
	Deadline Deadline `json:"deadline"`
}

func (e *FinalReported) apply(p *Project) {
	p.done(AwaitFinalReport, "")
	p.open(AwaitFinalVerdict, "", e.Deadline)
}

// FinalJudged carries the verdict; once passed, the settlement follows.
type FinalJudged struct {
	Verdict
	Reason     string   `json:"reason"`
	Settlement Deadline `json:"settlement"`
}

func (e *FinalJudged) apply(p *Project) {
	p.Final = e.Verdict
	p.done(AwaitFinalVerdict, "")
	if e.Outcome == Pass {
		p.Stage = Settlement
		p.open(AwaitSettlement, "", e.Settlement)
	}
}
