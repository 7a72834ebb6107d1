package project

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Verdict is the evaluator's verdict (评估结论), with a score from 0 to 100 and its grade.
type Verdict struct {
	Outcome VerdictOutcome `json:"outcome,omitempty"`
	Score   int            `json:"score,omitempty"`
	Grade   string         `json:"grade,omitempty"`
	Reason  string         `json:"reason,omitempty" doc:"what the evaluator found; missing where a deadline decided"`
	On      calendar.Date  `json:"on,omitzero" doc:"the day of the verdict"`
}

// Report is a report that the organization uploaded (报告).
type Report struct {
	File     string `json:"file" doc:"SHA-256 of the uploaded report"`
	Summary  string `json:"summary,omitempty"`
	Achieved []int  `json:"achieved,omitempty" doc:"in the final report: what was achieved, one figure per indicator in the plan's order"`
}

// VerdictOutcome is the decision in an evaluator's verdict.
type VerdictOutcome string

const (
	Pass    VerdictOutcome = "pass"    // the project passes (合格)
	Rectify VerdictOutcome = "rectify" // the organization must rectify shortcomings (整改)
	Fail    VerdictOutcome = "fail"    // the project fails (不合格)
)

// VerdictOutcomes maps each outcome to its display name.
var VerdictOutcomes = map[VerdictOutcome]domain.Text{
	Pass:    {ZH: "合格", EN: "passed"},
	Rectify: {ZH: "整改", EN: "to be rectified"},
	Fail:    {ZH: "不合格", EN: "failed"},
}

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

// ReportRectification is the organization's report on how it rectified the shortcomings (整改报告).
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

func (r *ReportMidTerm) Files() []string { return []string{r.Report} }

func (r *ReportMidTerm) Check(_ *Project, c flow.Context) error {
	return flow.Stored("report", r.Report, c)
}

func (r *ReportMidTerm) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&MidTermReported{Report: r.Report, Summary: r.Summary, Deadline: c.Deadline(c.Today(), MidTermVerdictTerm)}}
}

func (j *JudgeMidTerm) Check(_ *Project, c flow.Context) error {
	return judgeable(j.Outcome, j.Score, c)
}

// judgeable returns an error if a project is passed with a score in the lowest grade.
func judgeable(outcome VerdictOutcome, score int, c flow.Context) error {
	worst := c.Rules.Grades[len(c.Rules.Grades)-1]
	if outcome == Pass && c.Rules.Grade(score).Key == worst.Key {
		return domain.Refuse("score-too-low", "score", "zh", worst.Name.ZH, "en", worst.Name.EN, "source", c.Rules.GradesSource)
	}
	return nil
}

func (j *JudgeMidTerm) Decide(p *Project, c flow.Context) []flow.Event {
	judged := &MidTermJudged{
		recordedVerdict: recordedVerdict{j.Outcome, j.Score, c.Rules.Grade(j.Score).Key}, Reason: j.Reason, On: c.Today(),
	}
	switch j.Outcome {
	case Pass:
		return append([]flow.Event{judged}, p.fallDue(met{midTerm: true}, c)...)
	case Rectify:
		judged.Rectify = c.Deadline(c.Today(), RectificationTerm)
		return []flow.Event{judged}
	default:
		return append([]flow.Event{judged}, p.termination("midterm-failed", "", c.Today(), c)...)
	}
}

func (r *ReportRectification) Files() []string { return []string{r.Report} }

func (r *ReportRectification) Check(_ *Project, c flow.Context) error {
	return flow.Stored("report", r.Report, c)
}

func (r *ReportRectification) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&RectificationReported{Report: r.Report, Summary: r.Summary, Deadline: c.Deadline(c.Today(), MidTermVerdictTerm)}}
}

func (r *SubmitFinalReport) Files() []string { return []string{r.Report} }

func (r *SubmitFinalReport) Check(p *Project, c flow.Context) error {
	if len(r.Achieved) != len(p.Proposal.Indicators) {
		return domain.Refuse("indicator-count", "achieved", "want", strconv.Itoa(len(p.Proposal.Indicators)))
	}
	return flow.Stored("report", r.Report, c)
}

func (r *SubmitFinalReport) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&FinalReported{Report: r.Report, Achieved: r.Achieved, Deadline: c.Deadline(c.Today(), FinalVerdictTerm)}}
}

// Check returns an error if a project is passed without having all its milestones verified and having passed the mid-term evaluation.
func (j *JudgeFinal) Check(p *Project, c flow.Context) error {
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

func (j *JudgeFinal) Decide(p *Project, c flow.Context) []flow.Event {
	judged := &FinalJudged{
		recordedVerdict: recordedVerdict{j.Outcome, j.Score, c.Rules.Grade(j.Score).Key}, Reason: j.Reason,
		Settlement: c.Deadline(c.Today(), SettlementTerm),
	}
	if j.Outcome == Fail {
		return append([]flow.Event{judged}, p.termination("final-failed", "", c.Today(), c)...)
	}
	return []flow.Event{judged}
}

// MidTermReported records that the organization submitted its mid-term report, which the evaluator must now assess.
type MidTermReported struct {
	Report   string        `json:"report"`
	Summary  string        `json:"summary"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *MidTermReported) Files() []string { return []string{e.Report} }

func (e *MidTermReported) Apply(p *Project) {
	p.MidTermReport = Report{File: e.Report, Summary: e.Summary}
	p.Done(AwaitMidTermReport, "")
	p.Open(AwaitMidTermVerdict, "", e.Deadline)
}

// recordedVerdict is the journal's representation of a verdict.
type recordedVerdict struct {
	Outcome VerdictOutcome `json:"outcome,omitempty"`
	Score   int            `json:"score,omitempty"`
	Grade   string         `json:"grade,omitempty"`
}

func (r recordedVerdict) verdict(reason string, on calendar.Date) Verdict {
	return Verdict{Outcome: r.Outcome, Score: r.Score, Grade: r.Grade, Reason: reason, On: on}
}

// MidTermJudged records the mid-term verdict. Late is true if the project failed because the report was not submitted in time.
type MidTermJudged struct {
	recordedVerdict
	Reason  string        `json:"reason,omitempty"`
	On      calendar.Date `json:"on"`
	Late    bool          `json:"late,omitempty"`
	Rectify flow.Deadline `json:"rectify,omitzero"`
}

func (e *MidTermJudged) EffectiveOn() calendar.Date { return e.On }

func (e *MidTermJudged) Apply(p *Project) {
	p.MidTerm = e.verdict(e.Reason, p.AsOf)
	p.Done(AwaitMidTermVerdict, "")
	p.Done(AwaitMidTermReport, "")
	p.Done(AwaitRectification, "")
	if e.Outcome == Rectify {
		p.Open(AwaitRectification, "", e.Rectify)
	}
}

// RectificationReported records that the organization reported its rectification. The evaluator then assesses the project again (复评).
type RectificationReported struct {
	Report   string        `json:"report"`
	Summary  string        `json:"summary"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *RectificationReported) Files() []string { return []string{e.Report} }

func (e *RectificationReported) Apply(p *Project) {
	p.RectificationReport = Report{File: e.Report, Summary: e.Summary}
	p.Done(AwaitRectification, "")
	p.Open(AwaitMidTermVerdict, "", e.Deadline)
}

// RolloutEnded records that the last day of the rollout has passed and the final evaluation begins. The waits for outstanding
// milestones and reports stay open.
type RolloutEnded struct {
	On       calendar.Date `json:"on"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *RolloutEnded) EffectiveOn() calendar.Date { return e.On }

func (e *RolloutEnded) Apply(p *Project) {
	p.Stage = FinalEvaluation
	p.Done(AwaitRolloutEnd, "")
	p.Open(AwaitFinalReport, "", e.Deadline)
}

// FinalReported records that the organization submitted its final report.
type FinalReported struct {
	Report   string        `json:"report"`
	Achieved []int         `json:"achieved"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *FinalReported) Files() []string { return []string{e.Report} }

func (e *FinalReported) Apply(p *Project) {
	p.FinalReport = Report{File: e.Report, Achieved: e.Achieved}
	p.Done(AwaitFinalReport, "")
	p.Open(AwaitFinalVerdict, "", e.Deadline)
}

// FinalJudged records the final verdict. If the project passed, the settlement is next.
type FinalJudged struct {
	recordedVerdict
	Reason     string        `json:"reason"`
	Settlement flow.Deadline `json:"settlement"`
}

func (e *FinalJudged) Apply(p *Project) {
	p.Final = e.verdict(e.Reason, p.AsOf)
	p.Done(AwaitFinalVerdict, "")
	if e.Outcome == Pass {
		p.Stage = Settlement
		p.Open(AwaitSettlement, "", e.Settlement)
	}
}
