package pilot

import (
	"cmp"
	"errors"
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

// Application is an office's application to run a pilot (申报).
type Application struct {
	Title        domain.Text     `json:"title"`
	Purposes     []string        `json:"purposes" minItems:"1" maxItems:"8" maxLength:"40" doc:"purposes of the fund served, as the programme names them"`
	RequestedFen money.Fen       `json:"requested_fen" minimum:"1" maximum:"100000000000000" doc:"money asked for, in fen (分)"`
	Evaluator    Evaluating      `json:"evaluator"`
	Proposals    []plan.Proposal `json:"proposals,omitempty" minItems:"1" maxItems:"500" doc:"if left out, the existing proposals stay; proposals can also be added and removed one by one"`
	Attachments  []string        `json:"attachments,omitempty" maxItems:"50" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of uploaded files"`
}

// Evaluating identifies the third-party evaluator (第三方评估) and the price of its contract.
type Evaluating struct {
	plan.Organization
	Fen money.Fen `json:"fen" minimum:"0" maximum:"100000000000000" doc:"the evaluator's contract, in fen (分)"`
}

// Draft creates a pilot with a draft application, which only the office itself can see.
type Draft struct {
	Programme string `json:"programme" minLength:"1" maxLength:"60" doc:"id of the programme, e.g. zhuanglang-2017"`
	Application
}

// SaveDraft replaces the draft. If the new version has no proposals, those already in the draft are kept.
type SaveDraft struct{ Application }

// Submit submits the draft application.
type Submit struct{}

// Withdraw withdraws the application (撤回).
type Withdraw struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// ProgrammeOf returns the id of the new pilot's programme.
func (d *Draft) ProgrammeOf() string { return d.Programme }

func (d *Draft) Files() []string { return d.Attachments }

func (d *SaveDraft) Files() []string { return d.Attachments }

func (d *Draft) Check(_ *Pilot, c flow.Context) error {
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
	return d.admit(c)
}

func (d *Draft) Decide(_ *Pilot, c flow.Context) []flow.Event {
	chain, _ := chainOf(c)
	return []flow.Event{&PilotDrafted{
		Application: recordApplication(d.Application), Home: c.Actor.Place, Chain: chain, Deadline: draftDeadline(c),
		Programme: flow.ProgrammeRef{ID: c.Rules.ID, Version: c.Rules.Version},
	}}
}

// chainOf returns the places of the offices that must endorse the application, from the actor's own office upwards.
func chainOf(c flow.Context) ([]string, error) {
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

// draftDeadline returns the end of the application window (申报期), counted from the call for applications.
func draftDeadline(c flow.Context) flow.Deadline {
	return c.Count(c.Today(), c.Rules.Call.Value, c.Term(ApplicationTerm))
}

func (d *SaveDraft) Check(_ *Pilot, c flow.Context) error { return d.admit(c) }

func (d *SaveDraft) Decide(_ *Pilot, _ flow.Context) []flow.Event {
	return []flow.Event{&DraftSaved{recordApplication(d.Application)}}
}

func (*Submit) Check(p *Pilot, c flow.Context) error { return p.judge(c) }

func (*Submit) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&PilotSubmitted{By: c.Actor.ID, Deadline: c.Deadline(c.Today(), EligibilityTerm)}}
}

// Check rejects the withdrawal of an application that has been reviewed.
func (*Withdraw) Check(p *Pilot, _ flow.Context) error {
	if p.NoticeRound > 0 {
		return flow.WrongStage(p, "withdraw")
	}
	return nil
}

func (w *Withdraw) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&PilotWithdrawn{On: c.Today(), Reason: w.Reason}}
}

// over returns a as the replacement for before. If a has no proposals, the result keeps those of before.
func (a Application) over(before Application) Application {
	if len(a.Proposals) == 0 {
		a.Proposals = before.Proposals
	}
	return a
}

// admit rejects content that not even a draft may have: files that have not been uploaded, and more proposals than the programme
// allows.
func (a Application) admit(c flow.Context) error {
	if err := withinLimit(len(a.Proposals), c); err != nil {
		return err
	}
	return flow.AllStored("attachments", a.Attachments, c)
}

func withinLimit(proposals int, c flow.Context) error {
	if most := c.Rules.Proposals; proposals > most.Value {
		return domain.Refuse("too-many-proposals", "proposals", "most", strconv.Itoa(most.Value), "source", most.Source)
	}
	return nil
}

// judge checks the application against the programme's rules. The error joins all of its faults.
func (a Application) judge(c flow.Context) error {
	var faults []error
	if len(a.Proposals) == 0 {
		faults = append(faults, domain.Refuse("no-proposals", "proposals"))
	}
	if a.RequestedFen > c.Rules.Fund.TotalFen.Value {
		faults = append(faults, domain.Refuse("over-fund", "requested_fen", "most", c.Rules.Fund.TotalFen.Value.String(), "source", c.Rules.Fund.TotalFen.Source))
	}
	faults = append(faults, a.covers())
	for i, purpose := range a.Purposes {
		faults = append(faults, c.Rules.Purposeful(flow.At("purposes", i), purpose))
	}
	faults = append(faults, a.Evaluator.Judge("evaluator"))
	codes, organizations := map[string]bool{}, map[string]bool{}
	for i, q := range a.Proposals {
		field := flow.At("proposals", i)
		code, org := strings.ToUpper(q.Code), q.Organization.CreditCode
		if codes[code] {
			faults = append(faults, domain.About(q.Code, domain.Refuse("duplicate", field+".code", "value", q.Code)))
		}
		if organizations[org] {
			faults = append(faults, domain.About(q.Code, domain.Refuse("one-application", field+".organization.credit_code", "organization", org)))
		}
		if org == a.Evaluator.CreditCode {
			faults = append(faults, domain.About(q.Code, domain.Refuse("evaluator-applies", field+".organization.credit_code")))
		}
		faults = append(faults, domain.About(q.Code, q.Judge(field, c)))
		codes[code], organizations[org] = true, true
	}
	return errors.Join(faults...)
}

// covers returns an error if the amount requested does not pay for the evaluator and for even one proposal, as when yuan were entered
// for fen. The review could then recommend nothing.
func (a Application) covers() error {
	if len(a.Proposals) == 0 {
		return nil
	}
	cheapest := slices.MinFunc(a.Proposals, func(q, r plan.Proposal) int { return cmp.Compare(q.BudgetFen(), r.BudgetFen()) })
	if least := a.Evaluator.Fen + cheapest.BudgetFen(); a.RequestedFen < least {
		return domain.Refuse("request-too-small", "requested_fen", "got", a.RequestedFen.String(), "got-fen", strconv.FormatInt(int64(a.RequestedFen), 10),
			"least", least.String(), "least-fen", strconv.FormatInt(int64(least), 10), "proposal", cheapest.Code)
	}
	return nil
}

// PilotDrafted records that an office started an application.
type PilotDrafted struct {
	Programme   flow.ProgrammeRef   `json:"programme"`
	Application recordedApplication `json:"application"`
	Home        string              `json:"home"`
	Chain       []string            `json:"chain"`
	Deadline    flow.Deadline       `json:"deadline"`
}

func (e *PilotDrafted) Files() []string { return e.Application.Attachments }

func (e *PilotDrafted) Apply(p *Pilot) {
	p.Programme, p.Home, p.Chain, p.Application = e.Programme, e.Home, e.Chain, e.Application.application()
	p.Enter(Applying)
	p.Open(AwaitApplication, "", e.Deadline)
}

// DraftSaved records that the draft was replaced. If the new version had no proposals, those already in the draft were kept.
type DraftSaved struct {
	Application recordedApplication `json:"application"`
}

func (e *DraftSaved) Files() []string { return e.Application.Attachments }

func (e *DraftSaved) Apply(p *Pilot) { p.Application = e.Application.application().over(p.Application) }

// PilotSubmitted records that the application was submitted. The eligibility check by the first office follows.
type PilotSubmitted struct {
	By       string        `json:"by"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *PilotSubmitted) Apply(p *Pilot) {
	p.SubmittedBy = e.By
	p.toEligibility(e.Deadline)
}

func (p *Pilot) toEligibility(d flow.Deadline) {
	p.Cases = make([]Case, len(p.Proposals))
	for i := range p.Cases {
		p.Cases[i].Status = CaseProposed
	}
	p.Checked, p.Findings = false, nil
	p.Enter(Eligibility)
	p.Open(AwaitEligibility, "", d)
	p.Owe(CheckEligibility, strconv.Itoa(p.Rounds[string(AwaitEligibility)+"/"]))
}

// PilotWithdrawn records that the application was withdrawn or, if Lapsed is true, that the launching office missed a hard deadline.
type PilotWithdrawn struct {
	On     calendar.Date `json:"on"`
	Reason string        `json:"reason,omitempty"`
	Lapsed bool          `json:"lapsed,omitempty"`
}

func (e *PilotWithdrawn) EffectiveOn() calendar.Date { return e.On }

func (e *PilotWithdrawn) Apply(p *Pilot) {
	p.because(e.Reason)
	p.end(Withdrawn)
}

// because records the reason that the current event gives, or that there is none any more.
func (p *Pilot) because(reason string) {
	p.Reason, p.ReasonOn = reason, calendar.Date{}
	if reason != "" {
		p.ReasonOn = p.AsOf
	}
}

// end moves the pilot to a final stage, with no open waits and no outstanding duties.
func (p *Pilot) end(stage flow.Stage) {
	p.Enter(stage)
	p.Duties = nil
}
