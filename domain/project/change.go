package project

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/domain/plan"
)

// RequestChange requests a change to the plan (变更). Fields that it omits stay the same. A small shift between budget lines takes
// effect immediately and is recorded. Any other change, for example of the village, the purpose or the beneficiaries, needs the
// office's approval.
type RequestChange struct {
	Budget        []plan.BudgetLine `json:"budget,omitempty" maxItems:"40" doc:"the whole new budget"`
	Village       *plan.Village     `json:"village,omitempty"`
	Purpose       string            `json:"purpose,omitempty" maxLength:"40" doc:"purpose of the fund that the project serves, as the programme names it"`
	Beneficiaries string            `json:"beneficiaries,omitempty" maxLength:"200" doc:"kind of beneficiaries; no names"`
	Milestones    []plan.Milestone  `json:"milestones,omitempty" maxItems:"20" doc:"milestones that change; each must exist and not be submitted yet"`
	Indicators    []plan.Indicator  `json:"indicators,omitempty" maxItems:"20" doc:"the whole new list of performance targets"`
	Reason        string            `json:"reason" minLength:"1" maxLength:"2000"`
}

// ApproveChange approves the pending change.
type ApproveChange struct {
	Opinion string `json:"opinion,omitempty" maxLength:"2000"`
}

// RefuseChange refuses the pending change.
type RefuseChange struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Change is a requested change that is waiting for approval.
type Change struct {
	RequestChange
	Diff     []Alteration  `json:"diff"`
	By       string        `json:"by"`
	On       calendar.Date `json:"on,omitzero"` // day of the request
	Deadline flow.Deadline `json:"deadline"`
}

// ChangeDecision is the office's decision on a change.
type ChangeDecision struct {
	Outcome ChangeOutcome `json:"outcome"`
	Reason  string        `json:"reason,omitempty"` // reason for the refusal, or opinion given with the approval
	On      calendar.Date `json:"on,omitzero"`
	Diff    []Alteration  `json:"diff"`
}

// ChangeOutcome is the result of a decision on a change.
type ChangeOutcome string

const (
	ChangeWasApproved ChangeOutcome = "approved"
	ChangeWasRefused  ChangeOutcome = "refused"
)

// ChangeOutcomes maps each outcome to its display name.
var ChangeOutcomes = map[ChangeOutcome]domain.Text{
	ChangeWasApproved: {ZH: "已批准", EN: "approved"},
	ChangeWasRefused:  {ZH: "不予批准", EN: "refused"},
}

// Alteration is a single difference between the old plan and the new one.
type Alteration struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// plan returns the project's plan as it would be after the change.
func (r *RequestChange) plan(p *Project) plan.Proposal {
	next := p.Proposal
	if len(r.Budget) > 0 {
		next.Budget = r.Budget
	}
	if r.Village != nil {
		next.Village = *r.Village
	}
	if r.Purpose != "" {
		next.Purpose = r.Purpose
	}
	if r.Beneficiaries != "" {
		next.Beneficiaries = r.Beneficiaries
	}
	if len(r.Indicators) > 0 {
		next.Indicators = r.Indicators
	}
	next.Milestones = slices.Clone(next.Milestones)
	for _, m := range r.Milestones {
		if i := slices.IndexFunc(next.Milestones, func(old plan.Milestone) bool { return old.Key == m.Key }); i >= 0 {
			next.Milestones[i] = m
		}
	}
	return next
}

// grantAfter returns the grant after the change. If the new budget is below the current grant, the grant is reduced to match it.
func (r *RequestChange) grantAfter(p *Project) money.Fen {
	return min(p.GrantFen, r.plan(p).BudgetFen())
}

func (r *RequestChange) Check(p *Project, c flow.Context) error {
	if p.Turn(AwaitChange, "") != nil {
		return domain.Refuse("change-pending", "")
	}
	return r.judge(p, c)
}

// judge checks the new plan against the rules and against what has already happened in the project.
func (r *RequestChange) judge(p *Project, c flow.Context) error {
	for i, m := range r.Milestones {
		if step := p.step(m.Key); step.Status != StepPlanned && step.Status != StepReturned {
			return domain.Refuse("no-such-milestone", flow.At("milestones", i)+".key", "key", m.Key)
		}
	}
	plan := r.plan(p)
	if len(diffOf(p.Proposal, plan)) == 0 {
		return domain.Refuse("nothing-changes", "")
	}
	if err := r.judgeBudget(p, plan, c); err != nil {
		return err
	}
	if r.Purpose != "" {
		if err := c.Rules.Purposeful("purpose", r.Purpose); err != nil {
			return err
		}
	}
	if r.Village != nil {
		code := place.Code(r.Village.Code)
		if v, known := c.Places.Get(code); !known || v.Level != place.Village || !c.Places.Within(code, place.Code(p.Home)) {
			return domain.Refuse("unknown-village", "village.code", "code", r.Village.Code)
		}
	}
	for i, m := range r.Milestones {
		field := flow.At("milestones", i) + ".due"
		if m.Due.Before(c.Today()) {
			return domain.Refuse("past-day", field, "day", m.Due.String())
		}
		if err := m.JudgeDue(field, c); err != nil {
			return err
		}
	}
	return nil
}

// judgeBudget rejects a budget that breaks the programme's rules, is larger than the current one, reduces a line below the amount
// already reported, or reduces the grant below the amount already paid.
func (r *RequestChange) judgeBudget(p *Project, next plan.Proposal, c flow.Context) error {
	if len(r.Budget) == 0 {
		return nil
	}
	if err := next.JudgeBudget("", c); err != nil {
		return err
	}
	if before, after := p.Proposal.BudgetFen(), next.BudgetFen(); after > before {
		return domain.Refuse("budget-grows", "budget", "most", before.String(), "got", after.String())
	}
	now, reported := plan.BudgetOf(next.Budget), p.reported()
	for _, kind := range p.inBudgetOrder(reported) {
		if least := reported[kind]; now[kind] < least {
			name := c.Rules.SpendingName(kind)
			return domain.Refuse("below-spent", "budget", "kind", kind, "zh", name.ZH, "en", name.EN, "least", least.String(), "got", now[kind].String())
		}
	}
	if least := p.PaidFen + p.inTransit(); r.grantAfter(p) < least {
		return domain.Refuse("below-paid", "budget", "least", least.String(), "got", r.grantAfter(p).String())
	}
	return nil
}

// inBudgetOrder returns the kinds of spending in the order of the current budget lines. Kinds without a line come first.
func (p *Project) inBudgetOrder(amounts map[string]money.Fen) []string {
	line := func(kind string) int {
		return slices.IndexFunc(p.Proposal.Budget, func(l plan.BudgetLine) bool { return l.Kind == kind })
	}
	return slices.SortedFunc(maps.Keys(amounts), func(a, b string) int { return cmp.Or(line(a)-line(b), strings.Compare(a, b)) })
}

// shifted compares a budget with the last approved one. It returns the amount moved between lines, and the size of the smallest line
// involved.
func shifted(before, after map[string]money.Fen) (moved, smallest money.Fen) {
	smallest = -1
	touch := func(kind string) {
		if line := max(before[kind], 0); smallest < 0 || line < smallest {
			smallest = line
		}
	}
	for kind, fen := range after {
		if fen > before[kind] {
			moved += fen - before[kind]
			touch(kind)
		}
	}
	for kind, fen := range before {
		if after[kind] < fen {
			touch(kind)
		}
	}
	return moved, max(smallest, 0)
}

// small reports whether the change needs no approval. That is the case if it only shifts money between budget lines, and the total of
// all shifts since the last approved budget stays within the programme's permitted share of the smallest line involved.
func (r *RequestChange) small(p *Project, c flow.Context) bool {
	next := r.plan(p)
	same := next
	same.Budget = p.Proposal.Budget
	if len(diffOf(p.Proposal, same)) > 0 || next.BudgetFen() != p.Proposal.BudgetFen() {
		return false
	}
	moved, smallest := shifted(p.Baseline, plan.BudgetOf(next.Budget))
	return moved <= money.Share(smallest, c.Rules.ShiftPermille.Value)
}

func (r *RequestChange) Decide(p *Project, c flow.Context) []flow.Event {
	if r.small(p, c) {
		return []flow.Event{r.applied(p, true, "", c)}
	}
	e := &ChangeRequested{
		Budget:  plan.Each(r.Budget, func(l plan.BudgetLine) plan.RecordedBudgetLine { return plan.RecordedBudgetLine(l) }),
		Village: (*plan.RecordedVillage)(r.Village), Purpose: r.Purpose, Beneficiaries: r.Beneficiaries,
		Milestones: plan.Each(r.Milestones, func(m plan.Milestone) plan.RecordedMilestone { return plan.RecordedMilestone(m) }),
		Indicators: plan.Each(r.Indicators, func(i plan.Indicator) plan.RecordedIndicator { return plan.RecordedIndicator(i) }),
		Reason:     r.Reason, Diff: recordDiff(diffOf(p.Proposal, r.plan(p))), By: c.Actor.ID, Deadline: c.Deadline(c.Today(), ChangeTerm),
	}
	return []flow.Event{e}
}

// applied returns the event that applies the change to the plan, the tranches, the indicators and the agreement.
func (r *RequestChange) applied(p *Project, logged bool, opinion string, c flow.Context) *ChangeApplied {
	next, grant := r.plan(p), r.grantAfter(p)
	e := &ChangeApplied{
		Revision: p.Revision + 1, Logged: logged, Opinion: opinion, Reason: r.Reason, Diff: recordDiff(diffOf(p.Proposal, next)), Proposal: plan.RecordProposal(next),
		GrantFen: grant, Tranches: p.resplit(grant), ReleasedFen: p.GrantFen - grant,
	}
	for _, m := range r.Milestones {
		if p.Turn(AwaitMilestone, m.Key) != nil {
			if e.Milestones == nil {
				e.Milestones = map[string]flow.Deadline{}
			}
			e.Milestones[m.Key] = c.By(c.Today(), m.Due)
		}
	}
	return e
}

// resplit deducts a reduction of the grant from the tranches that are not yet due, starting with the last.
func (p *Project) resplit(grant money.Fen) []money.Fen {
	less := p.GrantFen - grant
	parts := make([]money.Fen, len(p.Tranches))
	for i := len(parts) - 1; i >= 0; i-- {
		parts[i] = p.Tranches[i].Fen
		if p.Tranches[i].Attempt == 0 {
			cut := min(parts[i], less)
			parts[i] -= cut
			less -= cut
		}
	}
	return parts
}

// diffOf returns the differences between two plans.
func diffOf(before, after plan.Proposal) (diff []Alteration) {
	alter := func(field, from, to string) {
		if from != to {
			diff = append(diff, Alteration{field, from, to})
		}
	}
	was, is := plan.BudgetOf(before.Budget), plan.BudgetOf(after.Budget)
	for _, l := range slices.Concat(before.Budget, after.Budget) {
		if !slices.ContainsFunc(diff, func(a Alteration) bool { return a.Field == "budget."+l.Kind }) {
			alter("budget."+l.Kind, was[l.Kind].String(), is[l.Kind].String())
		}
	}
	alter("village", before.Village.Code, after.Village.Code)
	alter("purpose", before.Purpose, after.Purpose)
	alter("beneficiaries", before.Beneficiaries, after.Beneficiaries)
	for i, m := range before.Milestones {
		field := "milestones." + m.Key
		alter(field+".name", m.Name.ZH, after.Milestones[i].Name.ZH)
		alter(field+".due", m.Due.String(), after.Milestones[i].Due.String())
		alter(field+".evidence", strings.Join(m.Evidence, ", "), strings.Join(after.Milestones[i].Evidence, ", "))
	}
	for i := range max(len(before.Indicators), len(after.Indicators)) {
		alter("indicators."+strconv.Itoa(i+1), indicatorText(before.Indicators, i), indicatorText(after.Indicators, i))
	}
	return diff
}

func indicatorText(all []plan.Indicator, i int) string {
	if i >= len(all) {
		return ""
	}
	return all[i].Name.ZH + " " + strconv.Itoa(all[i].Target) + " " + all[i].Unit
}

func (*ApproveChange) Unadmitted(s flow.State, _ *place.Table) error {
	return s.(*Project).unchanging()
}

func (*RefuseChange) Unadmitted(s flow.State, _ *place.Table) error { return s.(*Project).unchanging() }

// unchanging returns an error saying that no change is pending, provided that the project is in a stage in which there could be one.
func (p *Project) unchanging() error {
	if slices.Contains([]flow.Stage{Rollout, FinalEvaluation, Settlement}, p.Stage) {
		return domain.Refuse("no-change-pending", "")
	}
	return nil
}

// Check validates the change again, because the project may have changed since it was requested.
func (*ApproveChange) Check(p *Project, c flow.Context) error { return p.Change.judge(p, c) }

func (a *ApproveChange) Decide(p *Project, c flow.Context) []flow.Event {
	return []flow.Event{p.Change.applied(p, false, a.Opinion, c)}
}

func (*RefuseChange) Check(*Project, flow.Context) error { return nil }

func (r *RefuseChange) Decide(*Project, flow.Context) []flow.Event {
	return []flow.Event{&ChangeRefused{Reason: r.Reason}}
}

// ChangeRequested records that a change was requested and needs the office's approval.
type ChangeRequested struct {
	Budget        []plan.RecordedBudgetLine `json:"budget,omitempty"`
	Village       *plan.RecordedVillage     `json:"village,omitempty"`
	Purpose       string                    `json:"purpose,omitempty"`
	Beneficiaries string                    `json:"beneficiaries,omitempty"`
	Milestones    []plan.RecordedMilestone  `json:"milestones,omitempty"`
	Indicators    []plan.RecordedIndicator  `json:"indicators,omitempty"`
	Reason        string                    `json:"reason"`
	Diff          []recordedAlteration      `json:"diff"`
	By            string                    `json:"by"`
	Deadline      flow.Deadline             `json:"deadline"`
}

// recordedAlteration is the journal's representation of an alteration.
type recordedAlteration struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

func recordDiff(diff []Alteration) []recordedAlteration {
	return plan.Each(diff, func(a Alteration) recordedAlteration { return recordedAlteration(a) })
}

func (e *ChangeRequested) Apply(p *Project) {
	p.Change = &Change{
		RequestChange: RequestChange{
			Budget:  plan.Each(e.Budget, func(l plan.RecordedBudgetLine) plan.BudgetLine { return plan.BudgetLine(l) }),
			Village: (*plan.Village)(e.Village), Purpose: e.Purpose, Beneficiaries: e.Beneficiaries,
			Milestones: plan.Each(e.Milestones, func(m plan.RecordedMilestone) plan.Milestone { return plan.Milestone(m) }),
			Indicators: plan.Each(e.Indicators, func(i plan.RecordedIndicator) plan.Indicator { return plan.Indicator(i) }),
			Reason:     e.Reason,
		},
		Diff: plan.Each(e.Diff, func(a recordedAlteration) Alteration { return Alteration(a) }), By: e.By, On: p.AsOf, Deadline: e.Deadline,
	}
	p.Open(AwaitChange, "", e.Deadline)
}

// ChangeApplied records a change that took effect in the budget, the tranches, the milestones, the indicators and the revision of the
// agreement together. Logged is true if it needed no approval.
type ChangeApplied struct {
	Revision    int                      `json:"revision"`
	Logged      bool                     `json:"logged,omitempty"`
	Opinion     string                   `json:"opinion,omitempty"`
	Reason      string                   `json:"reason"`
	Diff        []recordedAlteration     `json:"diff"`
	Proposal    plan.RecordedProposal    `json:"proposal"`
	GrantFen    money.Fen                `json:"grant_fen"`
	Tranches    []money.Fen              `json:"tranches"`
	ReleasedFen money.Fen                `json:"released_fen,omitempty"` // part of the grant that returns to the fund
	Milestones  map[string]flow.Deadline `json:"milestones,omitempty"`   // new deadlines of the outstanding milestones
}

func (e *ChangeApplied) Apply(p *Project) {
	p.Proposal, p.GrantFen, p.Revision = e.Proposal.Proposal(), e.GrantFen, e.Revision
	for i, fen := range e.Tranches {
		p.Tranches[i].Fen = fen
	}
	if !e.Logged {
		if slices.ContainsFunc(e.Diff, func(a recordedAlteration) bool { return strings.HasPrefix(a.Field, "budget.") }) {
			p.Baseline = plan.BudgetOf(p.Proposal.Budget)
		}
		p.decide(ChangeWasApproved, e.Opinion)
	}
	for _, m := range p.Proposal.Milestones {
		if d, changed := e.Milestones[m.Key]; changed {
			p.Open(AwaitMilestone, m.Key, d)
		}
	}
}

// ChangeRefused records that the office refused the change.
type ChangeRefused struct {
	Reason string `json:"reason"`
}

func (e *ChangeRefused) Apply(p *Project) { p.decide(ChangeWasRefused, e.Reason) }

// decide ends the wait for a decision on the pending change.
func (p *Project) decide(outcome ChangeOutcome, reason string) {
	p.Decided, p.Change = &ChangeDecision{outcome, reason, p.AsOf, p.Change.Diff}, nil
	p.Done(AwaitChange, "")
}
