package pilot

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/plan"
)

// Finding is one result of the automatic eligibility check (资格审查).
type Finding struct {
	Proposal string      `json:"proposal" doc:"code of the proposal; empty in a finding about the evaluator"`
	Code     string      `json:"code"`
	Text     domain.Text `json:"text"`
	Blocking bool        `json:"blocking"` // whether the finding prevents the proposal from being accepted
	Source   string      `json:"source"`
}

// OrganizationFacts holds the entry for one organization in the directory of social organizations (社会组织名录).
type OrganizationFacts struct {
	CreditCode       string        `json:"credit_code"`
	Known            bool          `json:"known"`
	Name             domain.Text   `json:"name,omitzero"` // the registered name
	Registered       calendar.Date `json:"registered,omitzero"`
	InspectionPassed bool          `json:"inspection_passed"`     // whether the organization passed the latest annual inspection (年检)
	Staff            int           `json:"staff"`                 // number of full-time staff
	BannedUntil      calendar.Date `json:"banned_until,omitzero"` // last day of the ban after a breach in an earlier project
	Abnormal         bool          `json:"abnormal"`              // whether the organization is listed for irregular activity (活动异常名录)
	Dishonest        bool          `json:"dishonest"`             // whether the organization is listed for serious violations and dishonesty (严重违法失信名单)
	Rating           int           `json:"rating,omitempty"`      // rating from 1 to 5, which stands for 1A to 5A
	RatedUntil       calendar.Date `json:"rated_until,omitzero"`  // last day on which the rating is valid; ratings last five years
}

// RecordChecks records the directory entries of all organizations in the application and of the evaluator.
type RecordChecks struct {
	Facts []OrganizationFacts `json:"facts"`
}

// RefuseProposal refuses a single proposal (不予受理), while the others continue.
type RefuseProposal struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Reason   string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Accept accepts the application (受理), so that the offices can endorse it.
type Accept struct{}

// RequestCorrection asks the launching office to correct the application, which is allowed only once (补正).
type RequestCorrection struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"what must be corrected"`
}

// Correct submits the corrected application. If it has no proposals, those submitted earlier are kept.
type Correct struct{ Application }

// Refuse refuses the application, stating the reason, and ends the pilot (不予受理).
type Refuse struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

func (*RecordChecks) Check(p *Pilot, _ flow.Context) error {
	if p.Checked {
		return domain.Refuse("already-checked", "")
	}
	return nil
}

func (r *RecordChecks) Decide(p *Pilot, c flow.Context) []flow.Event {
	facts := map[string]OrganizationFacts{}
	for _, f := range r.Facts {
		facts[f.CreditCode] = f
	}
	findings := []Finding{}
	if f, asked := facts[p.Evaluator.CreditCode]; asked {
		findings = append(findings, aboutEvaluator(p.Evaluator.Organization, f)...)
	}
	for i, q := range p.Proposals {
		if p.Cases[i].Status != CaseRemoved {
			findings = append(findings, findingsOf(q, facts[q.Organization.CreditCode], c)...)
		}
	}
	return []flow.Event{&EligibilityChecked{Findings: plan.Each(findings, func(f Finding) recordedFinding { return recordedFinding(f) }), Round: strconv.Itoa(p.Rounds[string(AwaitEligibility)+"/"])}}
}

// aboutEvaluator compares the evaluator with its directory entry. It need not be a social organization, so nothing found bars it.
func aboutEvaluator(o plan.Organization, f OrganizationFacts) []Finding {
	if !f.Known {
		text := domain.T("评估机构“"+o.Name.ZH+"”不在社会组织名录中，请核对其名称和统一社会信用代码", "the evaluator “"+o.Name.EN+"” is not in the directory of social organizations; check its name and its credit code")
		return []Finding{{"", "evaluator-not-in-directory", text, false, "default"}}
	}
	if text, differs := misnamed(o.Name, f.Name); differs {
		return []Finding{{"", "evaluator-name-differs", text, false, "default"}}
	}
	return nil
}

// misnamed compares the Chinese name in an application with the registered one, if that is known, and describes the difference.
func misnamed(written, registered domain.Text) (domain.Text, bool) {
	return domain.T("申报所填名称“"+written.ZH+"”与登记名称“"+registered.ZH+"”不一致", "the name in the application, “"+written.ZH+"”, differs from the registered name “"+registered.ZH+"”"),
		registered.ZH != "" && written.ZH != registered.ZH
}

// findingsOf checks the names in a proposal, and its organization's directory entry against the programme's conditions.
func findingsOf(q plan.Proposal, f OrganizationFacts, c flow.Context) (found []Finding) {
	rules, today := c.Rules.Eligibility, c.Today()
	add := func(code string, blocking bool, source, zh, en string) {
		found = append(found, Finding{q.Code, code, domain.Text{ZH: zh, EN: en}, blocking, source})
	}
	zh, en := c.Places.Name(place.Code(q.Village.Code))
	if text, differs := misnamed(q.Village.Name, domain.T(zh, en)); differs {
		add("village-name-differs", false, "default", "村名："+text.ZH, "village: "+text.EN)
	}
	if !f.Known {
		add("not-in-directory", true, "default", "该组织不在社会组织名录中", "the organization is not in the directory of social organizations")
		return found
	}
	if text, differs := misnamed(q.Organization.Name, f.Name); differs {
		add("name-differs", false, "default", "组织名称："+text.ZH, "organization: "+text.EN)
	}
	if rules.NotListed.Value && f.Abnormal {
		add("abnormal-list", true, rules.NotListed.Source, "该组织已被列入活动异常名录", "the organization is listed for irregular activity")
	}
	if rules.NotListed.Value && f.Dishonest {
		add("dishonest-list", true, rules.NotListed.Source, "该组织已被列入严重违法失信名单", "the organization is listed for serious violations and dishonesty")
	}
	if !f.BannedUntil.IsZero() && !today.After(f.BannedUntil) {
		add("banned", true, c.Rules.BanYears.Source, "该组织因违规，在"+f.BannedUntil.String()+"以前（含当日）不得申报", "because of a breach, the organization is barred from applying up to and including "+f.BannedUntil.String())
	}
	if rules.InspectionPassed.Value && !f.InspectionPassed {
		add("inspection", true, rules.InspectionPassed.Source, "该组织最近一次年检不合格", "the organization did not pass its latest annual inspection")
	}
	if f.Registered.AddMonths(12 * rules.MinYears.Value).After(today) {
		add("too-young", true, rules.MinYears.Source, "该组织登记年限不足", "the organization has not been registered long enough")
	}
	if f.Staff < rules.MinStaff.Value {
		add("too-few-staff", true, rules.MinStaff.Source, "该组织专职工作人员不足", "the organization has too few full-time staff")
	}
	switch {
	case f.Rating == 0:
		add("not-rated", false, rules.PreferredRating.Source, "该组织没有评估等级", "the organization has no rating")
	case f.RatedUntil.Before(today):
		add("rating-expired", false, rules.PreferredRating.Source, "该组织的评估等级已过有效期", "the organization's rating has expired")
	case f.Rating < rules.PreferredRating.Value:
		add("rating-low", false, rules.PreferredRating.Source, "该组织的评估等级低于优先条件", "the organization's rating is below the preferred level")
	}
	if q.Organization.CodeChecked {
		add("credit-code-confirmed", false, "GB 32100-2015", "该组织统一社会信用代码的校验位有误，但已人工核对", "the check digit of the organization's credit code is wrong, but the code was checked by hand")
	}
	return found
}

func (r *RefuseProposal) subjectOf(p *Pilot) error {
	if q, _ := p.caseOf(r.Proposal); q == nil || q.Status == CaseRemoved {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", r.Proposal)
	}
	return nil
}

func (r *RefuseProposal) Check(p *Pilot, _ flow.Context) error { return r.subjectOf(p) }

func (r *RefuseProposal) Decide(p *Pilot, c flow.Context) []flow.Event {
	return p.remove(r.Proposal, RemovalRefused, r.Reason, c)
}

// remove returns the events that remove a proposal from the pilot.
func (p *Pilot) remove(code string, why Removal, reason string, c flow.Context) []flow.Event {
	return append([]flow.Event{&ProposalRemoved{Proposal: code, Why: why, Reason: reason}}, p.without(c, code)...)
}

// without returns the events that follow from the removal of proposals. If none is left, the pilot fails. If the projects of all the
// others have ended, the verdicts are complete.
func (p *Pilot) without(c flow.Context, gone ...string) []flow.Event {
	left := p.remaining(gone...)
	switch {
	case len(left) == 0:
		return []flow.Event{&PilotFailed{On: c.Today()}}
	case p.Stage == Rollout && !slices.ContainsFunc(left, p.underWay):
		return []flow.Event{p.complete(c)}
	default:
		return nil
	}
}

func (*Accept) Check(p *Pilot, _ flow.Context) error {
	if !p.Checked {
		return domain.Refuse("checks-pending", "")
	}
	for i, q := range p.Cases {
		for _, f := range q.Findings {
			if f.Blocking && q.Status != CaseRemoved {
				return domain.Refuse("not-eligible", flow.At("proposals", i), "proposal", f.Proposal, "zh", f.Text.ZH, "en", f.Text.EN, "source", f.Source)
			}
		}
	}
	return nil
}

// Decide opens the wait for the first office's endorsement. Its deadline is that of the office's eligibility check, because one term
// covers both.
func (*Accept) Decide(p *Pilot, _ flow.Context) []flow.Event {
	return []flow.Event{&PilotAccepted{Deadline: p.Turn(AwaitEligibility, "").Deadline}}
}

func (*RequestCorrection) Check(p *Pilot, _ flow.Context) error {
	if p.Corrected {
		return domain.Refuse("corrected-once", "")
	}
	return nil
}

func (r *RequestCorrection) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&CorrectionRequested{Reason: r.Reason, Once: true, Deadline: c.Deadline(c.Today(), CorrectionTerm)}}
}

func (r *Correct) Files() []string { return r.Attachments }

func (r *Correct) Check(p *Pilot, c flow.Context) error {
	if err := r.admit(c); err != nil {
		return err
	}
	return r.over(p.Application).judge(c)
}

func (r *Correct) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&PilotCorrected{Application: recordApplication(r.Application), By: c.Actor.ID, Deadline: c.Deadline(c.Today(), EligibilityTerm)}}
}

func (*Refuse) Check(*Pilot, flow.Context) error { return nil }

func (r *Refuse) Decide(*Pilot, flow.Context) []flow.Event {
	return []flow.Event{&PilotRefused{Reason: r.Reason}}
}

// EligibilityChecked records that the proposals were checked against the directory of social organizations.
type EligibilityChecked struct {
	Round    string            `json:"round"`
	Findings []recordedFinding `json:"findings"`
}

func (e *EligibilityChecked) Apply(p *Pilot) {
	p.Checked = true
	p.Discharge(CheckEligibility, e.Round)
	about := func(proposal string) []Finding {
		return slices.DeleteFunc(plan.Each(e.Findings, func(f recordedFinding) Finding { return Finding(f) }), func(f Finding) bool { return f.Proposal != proposal })
	}
	p.Findings = about("")
	for i, q := range p.Proposals {
		p.Cases[i].Findings = about(q.Code)
	}
}

// ProposalRemoved records that a proposal left the pilot: it was refused, the review did not recommend it, its organization gave it up,
// or an objection to it was upheld.
type ProposalRemoved struct {
	Proposal string  `json:"proposal"`
	Why      Removal `json:"why"`
	Reason   string  `json:"reason,omitempty"`
}

func (e *ProposalRemoved) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status, q.Removed, q.Reason, q.ReasonOn = CaseRemoved, e.Why, e.Reason, p.AsOf
	p.Done(AwaitNotice, e.Proposal)
	p.Done(AwaitInquiry, e.Proposal)
	if !p.left(CaseCleared) {
		p.Done(AwaitApproval, "")
	}
}

// PilotFailed records that the pilot ended because it had no proposals left.
type PilotFailed struct {
	On calendar.Date `json:"on"`
}

func (e *PilotFailed) EffectiveOn() calendar.Date { return e.On }

func (e *PilotFailed) Apply(p *Pilot) { p.end(Failed) }

// PilotAccepted records that the application was found complete and eligible (受理).
type PilotAccepted struct {
	Deadline flow.Deadline `json:"deadline"`
}

func (e *PilotAccepted) Apply(p *Pilot) {
	p.Level = 0
	p.because("")
	p.Enter(Endorsement)
	p.Open(AwaitEndorsement, "", e.Deadline)
}

// CorrectionRequested records that the launching office has to correct the application.
type CorrectionRequested struct {
	Reason   string        `json:"reason"`
	Once     bool          `json:"once"` // whether the eligibility check requested it, which it may do only once
	Deadline flow.Deadline `json:"deadline"`
}

func (e *CorrectionRequested) Apply(p *Pilot) {
	p.Corrected = p.Corrected || e.Once
	p.because(e.Reason)
	p.Duties = nil
	p.Enter(Correction)
	p.Open(AwaitCorrection, "", e.Deadline)
}

// PilotCorrected records that the corrected application was submitted. It is then checked again.
type PilotCorrected struct {
	Application recordedApplication `json:"application"`
	By          string              `json:"by"`
	Deadline    flow.Deadline       `json:"deadline"`
}

func (e *PilotCorrected) Files() []string { return e.Application.Attachments }

func (e *PilotCorrected) Apply(p *Pilot) {
	p.Application, p.SubmittedBy = e.Application.application().over(p.Application), e.By
	p.toEligibility(e.Deadline)
}

// PilotRefused records that the application was refused, with the reason.
type PilotRefused struct {
	Reason string `json:"reason"`
}

func (e *PilotRefused) Apply(p *Pilot) {
	p.because(e.Reason)
	p.end(Refused)
}
