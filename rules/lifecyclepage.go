package rules

import (
	"fmt"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/pilot"
)

// lifecyclePage is docs/lifecycle.md: the declared table of waits and exits, and how
// the stages of each aggregate follow one another.
func (b Book) lifecyclePage() string {
	p := begin("Lifecycle 试点流程",
		"Who is awaited in each stage, until when, what happens when the day passes, and which commands lead where. "+
			"The table is declared once, in [`domain/pilot/lifecycle.go`](../domain/pilot/lifecycle.go); timers, screens and permissions derive from it.",
		"A **hard** 硬期限 due day refuses what comes later, and its consequence takes place by itself. A **soft** 软期限 one is an office's own: what comes later is accepted and marked late.",
		"A **standing** 常设 row is open throughout its stages, beside whatever is awaited: nobody's turn, and no due day.")
	for _, a := range aggregates {
		p.line("## %s\n", beside(a.title))
		p.line("```mermaid\nstateDiagram-v2")
		a.diagram(p)
		p.line("```\n")
		p.table("Row", "Awaited 待办", "In the stage 阶段", "Who 办理人", "Due 期限", "When the day passes 逾期后果", "Exits 操作 → 去向")
		for _, w := range b.Waits {
			if w.Aggregate == a.kind {
				p.row(fmt.Sprint(w.Row), fmt.Sprintf(`<a id="%s"></a>%s`, w.Key, both(w.Title)), stages(w.Stages), awaited(w), b.due(w), both(w.Consequence), exits(w))
			}
		}
		p.line("")
	}
	return p.String()
}

// aggregate is how the page shows one kind.
type aggregate struct {
	kind  pilot.Kind
	title domain.Text
	steps []transition
}

// transition is one arrow of a diagram: a command or, with the wait's name, its lapse.
type transition struct {
	from, to pilot.Stage
	by       string
}

var aggregates = []aggregate{
	{pilot.PilotKind, t("试点", "Pilot"), []transition{
		{"", pilot.Applying, "draft"},
		{pilot.Applying, pilot.Eligibility, "submit"},
		{pilot.Applying, pilot.Withdrawn, "withdraw"},
		{pilot.Applying, pilot.Withdrawn, "application/lapse"},
		{pilot.Eligibility, pilot.Endorsement, "accept"},
		{pilot.Eligibility, pilot.Correction, "request-correction"},
		{pilot.Eligibility, pilot.Refused, "refuse"},
		{pilot.Eligibility, pilot.Failed, "refuse-proposal"},
		{pilot.Eligibility, pilot.Withdrawn, "withdraw"},
		{pilot.Correction, pilot.Eligibility, "correct"},
		{pilot.Correction, pilot.Withdrawn, "withdraw"},
		{pilot.Correction, pilot.Withdrawn, "correction/lapse"},
		{pilot.Endorsement, pilot.Review, "endorse"},
		{pilot.Endorsement, pilot.Correction, "return"},
		{pilot.Endorsement, pilot.Rejected, "reject"},
		{pilot.Endorsement, pilot.Withdrawn, "withdraw"},
		{pilot.Review, pilot.Notice, "conclude-review"},
		{pilot.Review, pilot.Failed, "conclude-review"},
		{pilot.Review, pilot.Withdrawn, "withdraw"},
		{pilot.Notice, pilot.Approval, "notice/lapse"},
		{pilot.Notice, pilot.Failed, "decide-objection"},
		{pilot.Notice, pilot.Failed, "give-up"},
		{pilot.Approval, pilot.Rollout, "approve"},
		{pilot.Approval, pilot.Failed, "give-up"},
		{pilot.Approval, pilot.Rejected, "reject"},
		{pilot.Rollout, pilot.Evaluation, "record-end"},
		{pilot.Rollout, pilot.Evaluation, "record-payment"},
		{pilot.Rollout, pilot.Evaluation, "conclude-review"},
		{pilot.Rollout, pilot.Evaluation, "decide-objection"},
		{pilot.Rollout, pilot.Evaluation, "give-up"},
		{pilot.Evaluation, pilot.Disclosure, "submit-summary"},
		{pilot.Disclosure, pilot.Sealing, "announce"},
		{pilot.Sealing, pilot.Archived, "archive"},
	}},
	{pilot.ProjectKind, t("项目", "Project"), []transition{
		{"", pilot.Agreement, "open"},
		{pilot.Agreement, pilot.FirstTranche, "sign-as-organization"},
		{pilot.Agreement, pilot.FirstTranche, "sign-as-office"},
		{pilot.Agreement, pilot.Abandoned, "refuse-agreement"},
		{pilot.Agreement, pilot.Terminated, "terminate"},
		{pilot.FirstTranche, pilot.Rollout, "record-payment"},
		{pilot.FirstTranche, pilot.Terminated, "terminate"},
		{pilot.Rollout, pilot.FinalEvaluation, "rollout-end/lapse"},
		{pilot.Rollout, pilot.Terminated, "judge-midterm"},
		{pilot.Rollout, pilot.Terminated, "midterm-report/lapse"},
		{pilot.Rollout, pilot.Terminated, "rectification/lapse"},
		{pilot.Rollout, pilot.Terminated, "terminate"},
		{pilot.FinalEvaluation, pilot.Settlement, "judge-final"},
		{pilot.FinalEvaluation, pilot.Terminated, "judge-final"},
		{pilot.FinalEvaluation, pilot.Terminated, "judge-midterm"},
		{pilot.FinalEvaluation, pilot.Terminated, "rectification/lapse"},
		{pilot.FinalEvaluation, pilot.Terminated, "terminate"},
		{pilot.Settlement, pilot.LastTranche, "accept-settlement"},
		{pilot.Settlement, pilot.Closing, "accept-settlement"},
		{pilot.Settlement, pilot.Terminated, "terminate"},
		{pilot.LastTranche, pilot.Closing, "record-payment"},
		{pilot.LastTranche, pilot.Closing, "record-refund"},
		{pilot.LastTranche, pilot.Closing, "demand-refund"},
		{pilot.Closing, pilot.Closed, "close"},
	}},
	{pilot.PaymentKind, t("拨付", "Payment"), []transition{
		{"", pilot.Release, "open"},
		{pilot.Release, pilot.Instruction, "release"},
		{pilot.Release, pilot.Window, "release"},
		{pilot.Release, pilot.Voided, "void"},
		{pilot.Release, pilot.Voided, "stop"},
		{pilot.Window, pilot.Instruction, "window/lapse"},
		{pilot.Window, pilot.Voided, "void"},
		{pilot.Window, pilot.Voided, "stop"},
		{pilot.Instruction, pilot.Confirmation, "record-instruction"},
		{pilot.Instruction, pilot.Clearing, "record-instruction"},
		{pilot.Instruction, pilot.Posted, "record-instruction"},
		{pilot.Instruction, pilot.Voided, "record-instruction"},
		{pilot.Instruction, pilot.Returned, "record-instruction"},
		{pilot.Clearing, pilot.Posted, "record-instruction"},
		{pilot.Clearing, pilot.Posted, "confirm"},
		{pilot.Clearing, pilot.Voided, "record-instruction"},
		{pilot.Clearing, pilot.Returned, "record-instruction"},
		{pilot.Clearing, pilot.Returned, "return-payment"},
		{pilot.Confirmation, pilot.Posted, "confirm"},
		{pilot.Confirmation, pilot.Returned, "return-payment"},
		{pilot.Posted, pilot.Final, "payment-end/lapse"},
		{pilot.Posted, pilot.Final, "record-instruction"},
		{pilot.Posted, pilot.Final, "confirm"},
		{pilot.Posted, pilot.Returned, "record-instruction"},
		{pilot.Posted, pilot.Returned, "return-payment"},
	}},
	{pilot.RecoveryKind, t("追回", "Recovery"), []transition{
		{"", pilot.Repayment, "open"},
		{pilot.Repayment, pilot.Recovered, "record-repayment"},
	}},
	{pilot.DifferenceKind, t("差异", "Difference"), []transition{
		{"", pilot.Inspection, "open"},
		{pilot.Inspection, pilot.Explained, "explain"},
	}},
}

// diagram draws the arrows; those between the same stages share one.
func (a aggregate) diagram(p *page) {
	id := func(s pilot.Stage) string {
		if s == "" {
			return "[*]"
		}
		return strings.ReplaceAll(string(s), "-", "_")
	}
	var named []pilot.Stage
	words := map[[2]pilot.Stage][]string{}
	var arrows [][2]pilot.Stage
	for _, s := range a.steps {
		if arrow := [2]pilot.Stage{s.from, s.to}; words[arrow] == nil {
			arrows = append(arrows, arrow)
		}
		by := s.by
		if wait, lapses := strings.CutSuffix(by, "/lapse"); lapses {
			by = wait + " passes"
		}
		words[[2]pilot.Stage{s.from, s.to}] = append(words[[2]pilot.Stage{s.from, s.to}], by)
		if !slices.Contains(named, s.to) {
			named = append(named, s.to)
			p.line("  state \"%s\" as %s", beside(pilot.StageName(s.to)), id(s.to))
		}
	}
	for _, arrow := range arrows {
		p.line("  %s --> %s: %s", id(arrow[0]), id(arrow[1]), strings.Join(words[arrow], ", "))
	}
	for _, stage := range named {
		if !slices.ContainsFunc(a.steps, func(s transition) bool { return s.from == stage }) {
			p.line("  %s --> [*]", id(stage))
		}
	}
}

func stages(all []pilot.Stage) string {
	var names []string
	for _, s := range all {
		names = append(names, beside(pilot.StageName(s)))
	}
	return strings.Join(names, "<br>")
}

func awaited(w pilot.Wait) string {
	if w.ByItself() {
		return beside(pilot.Seats[w.Who.Seat])
	}
	var roles []string
	for _, r := range w.Who.Roles {
		roles = append(roles, beside(domain.Roles[r]))
	}
	return strings.Join(roles, "<br>") + "<br>(" + beside(pilot.Seats[w.Who.Seat]) + ")"
}

// due is what sets the due day, and whether it is hard.
func (b Book) due(w pilot.Wait) string {
	set := []string{both(w.Due)}
	if w.Term != "" {
		set = []string{mono(w.Term)}
		for _, v := range b.values("terms." + string(w.Term)) {
			set = append(set, b.humane(v))
		}
	}
	switch {
	case w.Standing:
		set = append(set, "standing 常设")
	case w.Hard:
		set = append(set, "hard 硬期限")
	case !w.ByItself():
		set = append(set, "soft 软期限")
	}
	return strings.Join(set, "<br>")
}

func exits(w pilot.Wait) string {
	var all []string
	for _, e := range w.Exits {
		var leads []string
		for _, s := range e.Leads {
			leads = append(leads, pilot.StageName(s).EN)
		}
		line := mono(e.Command)
		if len(leads) > 0 {
			line += " → " + strings.Join(leads, ", ")
		}
		all = append(all, line)
	}
	return strings.Join(all, "<br>")
}
