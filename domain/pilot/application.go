package pilot

import (
	"slices"
	"strconv"
	"strings"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/money"
	"terrace/domain/place"
)

// Application is what an office asks for (申报).
type Application struct {
	Title        domain.Text `json:"title"`
	Purposes     []string    `json:"purposes" minItems:"1" maxItems:"8" maxLength:"40" doc:"purposes of the fund served, as the programme names them"`
	RequestedFen money.Fen   `json:"requested_fen" minimum:"1" maximum:"100000000000000" doc:"money asked for, in fen (分)"`
	Evaluator    Evaluating  `json:"evaluator"`
	Proposals    []Proposal  `json:"proposals" minItems:"1" maxItems:"60"`
	Attachments  []string    `json:"attachments,omitempty" maxItems:"50" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of uploaded files"`
}

// Evaluating is the third-party evaluator (第三方评估) and what its contract costs.
type Evaluating struct {
	Organization
	Fen money.Fen `json:"fen" minimum:"0" maximum:"100000000000000" doc:"the evaluator's contract, in fen (分)"`
}

// Organization is a social organization (社会组织) as an application names it.
type Organization struct {
	CreditCode  string      `json:"credit_code" minLength:"18" maxLength:"18" doc:"unified social credit code (统一社会信用代码)"`
	Name        domain.Text `json:"name"`
	CodeChecked bool        `json:"code_checked,omitempty" doc:"confirms a credit code whose check digit fails: some issued codes do"`
}

// Village is where a project works (项目村).
type Village struct {
	Code    string      `json:"code" pattern:"^[0-9]{12}$" doc:"12-digit code of the village"`
	Vintage int         `json:"code_vintage" minimum:"1980" maximum:"2100" doc:"year of the code table"`
	Name    domain.Text `json:"name"`
}

// Proposal is one organization's plan for one village inside the pilot (项目申报).
type Proposal struct {
	Code         string       `json:"code" pattern:"^[A-Za-z0-9-]{1,24}$" doc:"code of the proposal, unique in the pilot"`
	Kind         string       `json:"kind" minLength:"1" maxLength:"20" doc:"kind of project, as the programme names it"`
	Title        domain.Text  `json:"title"`
	Village      Village      `json:"village"`
	Organization Organization `json:"organization"`
	Budget       []BudgetLine `json:"budget" minItems:"1" maxItems:"40"`
	Indicators   []Indicator  `json:"indicators" minItems:"1" maxItems:"20"`
	Milestones   []Milestone  `json:"milestones" minItems:"1" maxItems:"20"`
	// MatchingFen is pledged beside the grant (配套资金).
	MatchingFen   money.Fen `json:"matching_fen,omitempty" minimum:"0" maximum:"100000000000000" doc:"matching funds pledged, in money and in kind, in fen (分)"`
	Purpose       string    `json:"purpose,omitempty" maxLength:"40" doc:"purpose of the fund that the project serves, as the programme names it"`
	Beneficiaries string    `json:"beneficiaries,omitempty" maxLength:"200" doc:"kind of beneficiaries; no names"`
}

// BudgetLine is money for one kind of spending (预算科目). What may be funded is
// judged by the declared kind, never by words in a title.
type BudgetLine struct {
	Kind  string       `json:"kind" minLength:"1" maxLength:"40" doc:"kind of spending, as the programme names it"`
	Title *domain.Text `json:"title,omitempty"`
	Fen   money.Fen    `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
}

// Indicator is a performance target (绩效目标).
type Indicator struct {
	Name   domain.Text `json:"name"`
	Target int         `json:"target" minimum:"0" maximum:"1000000000"`
	Unit   string      `json:"unit" minLength:"1" maxLength:"20"`
}

// Milestone is a step of the work that is accepted with evidence (里程碑).
type Milestone struct {
	Key      string        `json:"key" pattern:"^[A-Z][A-Z0-9]{0,7}$"`
	Name     domain.Text   `json:"name"`
	Due      calendar.Date `json:"due"`
	Evidence []string      `json:"evidence" minItems:"1" maxItems:"20" maxLength:"60" doc:"kinds of evidence that must be submitted"`
}

// BudgetFen is the proposal's budget in fen.
func (q Proposal) BudgetFen() money.Fen {
	var sum money.Fen
	for _, l := range q.Budget {
		sum += l.Fen
	}
	return sum
}

// Draft begins a pilot: an application that only its office sees.
type Draft struct {
	Programme string `json:"programme" minLength:"1" maxLength:"60" doc:"id of the programme, e.g. zhuanglang-2017"`
	Application
}

// SaveDraft replaces the draft.
type SaveDraft struct{ Application }

// Submit hands the application in.
type Submit struct{}

// Withdraw takes the application back (撤回).
type Withdraw struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// ProgrammeOf is the programme a new pilot is to live under.
func (d *Draft) ProgrammeOf() string { return d.Programme }

func (d *Draft) evidence() []string     { return d.Attachments }
func (d *SaveDraft) evidence() []string { return d.Attachments }

func (d *Draft) check(_ *Pilot, c Context) error {
	chain, err := chainOf(c)
	if err != nil {
		return err
	}
	if len(chain) == 0 || chain[0] != c.Actor.Place {
		return domain.Refuse("no-office", "", "place", c.Actor.Place)
	}
	if call := c.Rules.Call.Value; c.Today().Before(call) {
		return domain.Refuse("window-not-open", "", "call", call.String())
	}
	if due := draftDeadline(c); !c.Now.Before(due.Due.End()) {
		return domain.Refuse("window-closed", "", "due", due.Due.String())
	}
	return allStored("attachments", d.Attachments, c)
}

func (d *Draft) decide(_ *Pilot, c Context) []Event {
	chain, _ := chainOf(c)
	return []Event{&PilotDrafted{
		Application: d.Application, Home: c.Actor.Place, Chain: chain, Deadline: draftDeadline(c),
		Programme: ProgrammeRef{c.Rules.ID, c.Rules.Version},
	}}
}

// chainOf follows the table of places from the actor's office upward.
func chainOf(c Context) ([]string, error) {
	codes, err := c.Places.Chain(place.Code(c.Actor.Place), c.Rules.Chain.Value...)
	if err != nil {
		return nil, domain.Refuse("no-office", "", "place", c.Actor.Place)
	}
	chain := make([]string, len(codes))
	for i, code := range codes {
		chain[i] = string(code)
	}
	return chain, nil
}

// draftDeadline is the end of the application window (申报期), counted from the call.
func draftDeadline(c Context) Deadline {
	return c.count(c.Today(), c.Rules.Call.Value, c.Rules.Term("application").Span())
}

func (d *SaveDraft) check(_ *Pilot, c Context) error {
	return allStored("attachments", d.Attachments, c)
}

func (d *SaveDraft) decide(_ *Pilot, _ Context) []Event {
	return []Event{&DraftSaved{d.Application}}
}

func (*Submit) check(p *Pilot, c Context) error { return p.judge(c) }
func (*Submit) decide(_ *Pilot, c Context) []Event {
	return []Event{&PilotSubmitted{By: c.Actor.ID, Deadline: c.deadline(c.Today(), "eligibility")}}
}

// check: what was reviewed is no longer the applicant's to take back.
func (*Withdraw) check(p *Pilot, _ Context) error {
	if p.NoticeRound > 0 {
		return wrongStage(p, Find(PilotKind, "withdraw"))
	}
	return nil
}

func (w *Withdraw) decide(_ *Pilot, c Context) []Event {
	return []Event{&PilotWithdrawn{On: c.Today(), Reason: w.Reason}}
}

// allStored refuses files that were never uploaded.
func allStored(field string, files []string, c Context) error {
	for i, sha := range files {
		if err := stored(at(field, i), sha, c); err != nil {
			return err
		}
	}
	return nil
}

func at(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// judge holds the application against the programme's rules.
func (a Application) judge(c Context) error {
	if a.RequestedFen > c.Rules.Fund.TotalFen.Value {
		return domain.Refuse("over-fund", "requested_fen", "most", c.Rules.Fund.TotalFen.Value.String(), "source", c.Rules.Fund.TotalFen.Source)
	}
	for i, purpose := range a.Purposes {
		if !slices.Contains(c.Rules.Purposes.Value, purpose) {
			return domain.Refuse("unknown-purpose", at("purposes", i), "purpose", purpose)
		}
	}
	if err := a.Evaluator.judge("evaluator"); err != nil {
		return err
	}
	codes, organizations := map[string]bool{}, map[string]bool{}
	for i, q := range a.Proposals {
		field := at("proposals", i)
		switch org := q.Organization.CreditCode; {
		case codes[q.Code]:
			return domain.Refuse("duplicate", field+".code", "value", q.Code)
		case organizations[org]:
			return domain.Refuse("one-application", field+".organization.credit_code", "organization", org)
		case org == a.Evaluator.CreditCode:
			return domain.Refuse("evaluator-applies", field+".organization.credit_code")
		}
		codes[q.Code], organizations[q.Organization.CreditCode] = true, true
		if err := q.judge(field, c); err != nil {
			return err
		}
	}
	return nil
}

func (q Proposal) judge(field string, c Context) error {
	if err := q.Organization.judge(field + ".organization"); err != nil {
		return err
	}
	kind, known := c.Rules.Kind(q.Kind)
	if !known {
		return domain.Refuse("unknown-kind", field+".kind", "kind", q.Kind)
	}
	if total := q.BudgetFen(); total > kind.CapFen.Value {
		return domain.Refuse("over-cap", field+".budget", "most", kind.CapFen.Value.String(), "got", total.String(), "source", kind.CapFen.Source)
	}
	village := place.Code(q.Village.Code)
	if v, known := c.Places.Get(village); !known || v.Level != place.Village || !c.Places.Within(village, place.Code(c.Actor.Place)) {
		return domain.Refuse("unknown-village", field+".village.code", "code", q.Village.Code)
	}
	if err := q.judgeBudget(field, c); err != nil {
		return err
	}
	return q.judgeMilestones(field, c)
}

func (q Proposal) judgeBudget(field string, c Context) error {
	var admin money.Fen
	for i, l := range q.Budget {
		if err := fundable(at(under(field, "budget"), i), l.Kind, c); err != nil {
			return err
		}
		if l.Kind == adminKind {
			admin += l.Fen
		}
	}
	if most := money.Share(q.BudgetFen(), c.Rules.AdminPermille.Value); admin > most {
		return domain.Refuse("over-admin", under(field, "budget"), "most", most.String(), "got", admin.String(), "source", c.Rules.AdminPermille.Source)
	}
	if most := money.Share(q.BudgetFen()+q.MatchingFen, c.Rules.GrantPermille.Value); q.BudgetFen() > most {
		return domain.Refuse("matching-short", under(field, "matching_fen"), "most", most.String(), "got", q.BudgetFen().String(), "source", c.Rules.GrantPermille.Source)
	}
	return nil
}

// under names a field of a proposal; the proposal's own when it is the whole payload.
func under(proposal, field string) string { return strings.TrimPrefix(proposal+"."+field, ".") }

// adminKind is the kind of spending whose share is limited (管理费).
const adminKind = "admin"

func (q Proposal) judgeMilestones(field string, c Context) error {
	keys := map[string]bool{}
	for i, m := range q.Milestones {
		f := at(under(field, "milestones"), i)
		if keys[m.Key] {
			return domain.Refuse("duplicate", f+".key", "value", m.Key)
		}
		keys[m.Key] = true
		if m.Due.After(c.Rules.RolloutEnds.Value) {
			return domain.Refuse("after-rollout", f+".due", "last", c.Rules.RolloutEnds.Value.String())
		}
	}
	for _, t := range c.Rules.Tranches {
		for _, key := range t.Milestones {
			if !keys[key] {
				return domain.Refuse("missing-milestone", under(field, "milestones"), "key", key)
			}
		}
	}
	return nil
}

// judge holds the credit code against GB 32100-2015. A failing check digit asks
// to confirm, because some codes were issued so.
func (o Organization) judge(field string) error {
	switch creditcode.Check(o.CreditCode) {
	case creditcode.Malformed:
		return domain.Refuse("credit-code", field+".credit_code", "code", o.CreditCode)
	case creditcode.BadCheckDigit:
		if !o.CodeChecked {
			return domain.Refuse("credit-code-check", field+".credit_code", "code", o.CreditCode)
		}
	case creditcode.Valid:
	}
	return nil
}

// PilotDrafted means that an office began an application.
type PilotDrafted struct {
	Programme   ProgrammeRef `json:"programme"`
	Application `json:"application"`
	Home        string   `json:"home"`
	Chain       []string `json:"chain"`
	Deadline    Deadline `json:"deadline"`
}

func (e *PilotDrafted) apply(p *Pilot) {
	p.Programme, p.Home, p.Chain, p.Application = e.Programme, e.Home, e.Chain, e.Application
	p.enter(Applying)
	p.open(AwaitApplication, "", e.Deadline)
}

// DraftSaved means that the draft was replaced.
type DraftSaved struct {
	Application `json:"application"`
}

func (e *DraftSaved) apply(p *Pilot) { p.Application = e.Application }

// PilotSubmitted means that the application was handed in; the first office checks it.
type PilotSubmitted struct {
	By       string   `json:"by"`
	Deadline Deadline `json:"deadline"`
}

func (e *PilotSubmitted) apply(p *Pilot) {
	p.SubmittedBy = e.By
	p.toEligibility(e.Deadline)
}

func (p *Pilot) toEligibility(d Deadline) {
	p.Cases = make([]Case, len(p.Proposals))
	for i := range p.Cases {
		p.Cases[i].Status = CaseProposed
	}
	p.Checked = false
	p.enter(Eligibility)
	p.open(AwaitEligibility, "", d)
	p.owe(CheckEligibility, itoa(p.Rounds[string(AwaitEligibility)+"/"]))
}

// PilotWithdrawn means that the application was taken back, or a hard deadline of the applicant passed.
type PilotWithdrawn struct {
	On     calendar.Date `json:"on"`
	Reason string        `json:"reason,omitempty"`
	Lapsed bool          `json:"lapsed,omitempty"`
}

func (e *PilotWithdrawn) on() calendar.Date { return e.On }
func (e *PilotWithdrawn) apply(p *Pilot)    { p.end(Withdrawn) }

// end moves to a final stage: nothing is awaited or owed any more.
func (p *Pilot) end(stage Stage) {
	p.enter(stage)
	p.Duties = nil
}
