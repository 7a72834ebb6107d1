package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Finding is one result of the automatic eligibility check (资格审查).
type Finding struct {
	Proposal string      `json:"proposal"`
	Code     string      `json:"code"`
	Text     domain.Text `json:"text"`
	Blocking bool        `json:"blocking"` // the proposal cannot be accepted
	Source   string      `json:"source"`
}

// OrganizationFacts is what the directory knows about an organization (社会组织名录).
type OrganizationFacts struct {
	CreditCode       string        `json:"credit_code"`
	Known            bool          `json:"known"`
	Registered       calendar.Date `json:"registered,omitzero"`
	InspectionPassed bool          `json:"inspection_passed"`     // latest annual inspection 年检
	Staff            int           `json:"staff"`                 // full-time
	BannedUntil      calendar.Date `json:"banned_until,omitzero"` // after a breach in another project
	Abnormal         bool          `json:"abnormal"`              // 活动异常名录
	Dishonest        bool          `json:"dishonest"`             // 严重违法失信名单
	Rating           int           `json:"rating,omitempty"`      // 1-5 for 1A-5A
	RatedUntil       calendar.Date `json:"rated_until,omitzero"`  // ratings hold five years
}

// RecordChecks brings the directory's facts about every organization of the application.
type RecordChecks struct {
	Facts []OrganizationFacts `json:"facts"`
}

// RefuseProposal takes one proposal out (不予受理, for one project).
type RefuseProposal struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Reason   string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Accept lets the application go on (受理).
type Accept struct{}

// RequestCorrection asks the applicant to mend the application, once (补正).
type RequestCorrection struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"what must be corrected"`
}

// Correct hands in the corrected application.
type Correct struct{ Application }

// Refuse ends the application with a reason (不予受理).
type Refuse struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

func (*RecordChecks) check(p *Pilot, _ Context) error {
	if p.Checked {
		return domain.Refuse("already-checked", "")
	}
	return nil
}

func (r *RecordChecks) decide(p *Pilot, c Context) []Event {
	facts := map[string]OrganizationFacts{}
	for _, f := range r.Facts {
		facts[f.CreditCode] = f
	}
	findings := []Finding{}
	for i, q := range p.Proposals {
		if p.Cases[i].Status != CaseRemoved {
			findings = append(findings, q.findings(facts[q.Organization.CreditCode], c)...)
		}
	}
	return []Event{&EligibilityChecked{Findings: findings, Round: itoa(p.Rounds[string(AwaitEligibility)+"/"])}}
}

// findings holds an organization's facts against the programme's conditions.
func (q Proposal) findings(f OrganizationFacts, c Context) (found []Finding) {
	rules, today := c.Rules.Eligibility, c.Today()
	add := func(code string, blocking bool, source, zh, en string) {
		found = append(found, Finding{q.Code, code, domain.Text{ZH: zh, EN: en}, blocking, source})
	}
	if !f.Known {
		add("not-in-directory", true, "default", "组织不在名录中", "the organization is not in the directory")
		return found
	}
	if rules.NotListed.Value && f.Abnormal {
		add("abnormal-list", true, rules.NotListed.Source, "组织在活动异常名录中", "the organization is on the abnormal-activity list")
	}
	if rules.NotListed.Value && f.Dishonest {
		add("dishonest-list", true, rules.NotListed.Source, "组织在严重违法失信名单中", "the organization is on the list of serious dishonesty")
	}
	if !f.BannedUntil.IsZero() && !today.After(f.BannedUntil) {
		add("banned", true, c.Rules.BanYears.Source, "组织违规后在禁期内,至"+f.BannedUntil.String(), "the organization is banned after a breach, until "+f.BannedUntil.String())
	}
	if rules.InspectionPassed.Value && !f.InspectionPassed {
		add("inspection", true, rules.InspectionPassed.Source, "最近一次年检未合格", "the latest annual inspection was not passed")
	}
	if f.Registered.AddMonths(12 * rules.MinYears.Value).After(today) {
		add("too-young", true, rules.MinYears.Source, "登记年限不足", "registered for too short a time")
	}
	if f.Staff < rules.MinStaff.Value {
		add("too-few-staff", true, rules.MinStaff.Source, "专职工作人员不足", "too few full-time staff")
	}
	switch {
	case f.Rating == 0:
		add("not-rated", false, rules.PreferredRating.Source, "未参加评估", "the organization has no rating")
	case f.RatedUntil.Before(today):
		add("rating-expired", false, rules.PreferredRating.Source, "评估等级已过有效期", "the rating has expired")
	case f.Rating < rules.PreferredRating.Value:
		add("rating-low", false, rules.PreferredRating.Source, "评估等级低于优先条件", "the rating is below the preferred one")
	}
	if q.Organization.CodeChecked {
		add("credit-code-confirmed", false, "GB 32100-2015", "统一社会信用代码校验位不符,已人工确认", "the credit code's check digit fails and was confirmed by hand")
	}
	return found
}

func (r *RefuseProposal) subjectOf(p *Pilot) error {
	if q, _ := p.caseOf(r.Proposal); q == nil || q.Status == CaseRemoved {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", r.Proposal)
	}
	return nil
}

func (r *RefuseProposal) check(p *Pilot, _ Context) error { return r.subjectOf(p) }

func (r *RefuseProposal) decide(p *Pilot, c Context) []Event {
	return p.remove(r.Proposal, "refused", r.Reason, c)
}

// remove takes a proposal out.
func (p *Pilot) remove(code, why, reason string, c Context) []Event {
	return append([]Event{&ProposalRemoved{Proposal: code, Why: why, Reason: reason}}, p.without(c, code)...)
}

// without is what follows when proposals leave: the pilot fails when none is
// left, and the verdicts are complete when everything else has ended already.
func (p *Pilot) without(c Context, gone ...string) []Event {
	left := p.remaining(gone...)
	switch {
	case len(left) == 0:
		return []Event{&PilotFailed{On: c.Today()}}
	case p.Stage == Rollout && !slices.ContainsFunc(left, p.underWay):
		return []Event{p.complete(c)}
	default:
		return nil
	}
}

func (*Accept) check(p *Pilot, _ Context) error {
	if !p.Checked {
		return domain.Refuse("checks-pending", "")
	}
	for i, q := range p.Cases {
		for _, f := range q.Findings {
			if f.Blocking && q.Status != CaseRemoved {
				return domain.Refuse("not-eligible", at("proposals", i), "proposal", f.Proposal, "zh", f.Text.ZH, "en", f.Text.EN, "source", f.Source)
			}
		}
	}
	return nil
}

// decide lets the first office's endorsement share the deadline of its check.
func (*Accept) decide(p *Pilot, _ Context) []Event {
	return []Event{&PilotAccepted{Deadline: p.turn(AwaitEligibility, "").Deadline}}
}

func (*RequestCorrection) check(p *Pilot, _ Context) error {
	if p.Corrected {
		return domain.Refuse("corrected-once", "")
	}
	return nil
}

func (r *RequestCorrection) decide(_ *Pilot, c Context) []Event {
	return []Event{&CorrectionRequested{Reason: r.Reason, Once: true, Deadline: c.deadline(c.Today(), "correction")}}
}

func (r *Correct) evidence() []string { return r.Attachments }
func (r *Correct) check(_ *Pilot, c Context) error {
	if err := allStored("attachments", r.Attachments, c); err != nil {
		return err
	}
	return r.judge(c)
}

func (r *Correct) decide(_ *Pilot, c Context) []Event {
	return []Event{&PilotCorrected{Application: r.Application, By: c.Actor.ID, Deadline: c.deadline(c.Today(), "eligibility")}}
}

func (*Refuse) check(*Pilot, Context) error      { return nil }
func (r *Refuse) decide(*Pilot, Context) []Event { return []Event{&PilotRefused{Reason: r.Reason}} }

// EligibilityChecked means that the proposals were compared with the directory.
type EligibilityChecked struct {
	Round    string    `json:"round"`
	Findings []Finding `json:"findings"`
}

func (e *EligibilityChecked) apply(p *Pilot) {
	p.Checked = true
	p.discharge(CheckEligibility, e.Round)
	for i, q := range p.Proposals {
		p.Cases[i].Findings = slices.DeleteFunc(slices.Clone(e.Findings), func(f Finding) bool { return f.Proposal != q.Code })
	}
}

// ProposalRemoved means that one proposal left the pilot: refused, objected to with success, not recommended or given up.
type ProposalRemoved struct {
	Proposal string `json:"proposal"`
	Why      string `json:"why"`
	Reason   string `json:"reason,omitempty"`
}

func (e *ProposalRemoved) apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status = CaseRemoved
	p.done(AwaitNotice, e.Proposal)
	p.done(AwaitInquiry, e.Proposal)
	if !p.left(CaseCleared) {
		p.done(AwaitApproval, "")
	}
}

// PilotFailed means that no proposal is left.
type PilotFailed struct {
	On calendar.Date `json:"on"`
}

func (e *PilotFailed) on() calendar.Date { return e.On }
func (e *PilotFailed) apply(p *Pilot)    { p.end(Failed) }

// PilotAccepted means that the application is complete and eligible (受理).
type PilotAccepted struct {
	Deadline Deadline `json:"deadline"`
}

func (e *PilotAccepted) apply(p *Pilot) {
	p.Level = 0
	p.enter(Endorsement)
	p.open(AwaitEndorsement, "", e.Deadline)
}

// CorrectionRequested means that the applicant has to mend the application.
type CorrectionRequested struct {
	Reason   string   `json:"reason"`
	Once     bool     `json:"once"` // uses up the one correction of the eligibility check
	Deadline Deadline `json:"deadline"`
}

func (e *CorrectionRequested) apply(p *Pilot) {
	p.Corrected = p.Corrected || e.Once
	p.Duties = nil
	p.enter(Correction)
	p.open(AwaitCorrection, "", e.Deadline)
}

// PilotCorrected means that the corrected application is in; it is checked anew.
type PilotCorrected struct {
	Application `json:"application"`
	By          string   `json:"by"`
	Deadline    Deadline `json:"deadline"`
}

func (e *PilotCorrected) apply(p *Pilot) {
	p.Application, p.SubmittedBy = e.Application, e.By
	p.toEligibility(e.Deadline)
}

// PilotRefused ends the application, with the reason.
type PilotRefused struct {
	Reason string `json:"reason"`
}

func (e *PilotRefused) apply(p *Pilot) { p.end(Refused) }
