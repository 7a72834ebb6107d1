// Package project implements projects (项目). A project is one organization's work in one village, from the agreement to the closing.
package project

import (
	"fmt"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/recovery"
)

// Kind is the aggregate kind of a project.
const Kind flow.Kind = "project"

// Project is one organization's work in one village (项目). It has its own agreement, tranches, milestones, verdicts and settlement.
type Project struct {
	flow.Record
	Pilot       string            `json:"pilot"`
	Home        string            `json:"home"` // place of the office that launched the pilot
	Proposal    plan.Proposal     `json:"proposal"`
	GrantFen    money.Fen         `json:"grant_fen"`
	Evaluator   plan.Organization `json:"evaluator"`
	Signed      map[string]string `json:"signed,omitempty"`   // actor ids of the signatories, by side
	AgreedOn    calendar.Date     `json:"agreed_on,omitzero"` // date on which the second side signed
	AccountName string            `json:"account_name,omitempty"`
	Tranches    []TrancheState    `json:"tranches,omitempty"`
	PaidFen     money.Fen         `json:"paid_fen,omitempty"`
	Steps       []Step            `json:"steps,omitempty"` // status of each milestone, in plan order
	MidTerm     Verdict           `json:"midterm,omitzero"`
	Final       Verdict           `json:"final,omitzero"`
	// The reports last submitted: for the mid-term evaluation, on the rectification, and for the final evaluation.
	MidTermReport       Report      `json:"midterm_report,omitzero"`
	RectificationReport Report      `json:"rectification_report,omitzero"`
	FinalReport         Report      `json:"final_report,omitzero"`
	Account             *Account    `json:"account,omitempty"` // settlement last submitted, if any
	Settled             bool        `json:"settled,omitempty"`
	Statements          []Statement `json:"statements,omitempty"` // spending reports, in order of submission
	// Accepted holds the accepted spending of grant money, by kind. Booked holds the part of it that payments already cover, and
	// matches the ledger's account “spent”.
	Accepted     map[string]money.Fen `json:"accepted,omitempty"`
	Booked       map[string]money.Fen `json:"booked,omitempty"`
	Diverted     map[string]money.Fen `json:"diverted,omitempty"`      // spending that was accepted but later found to be diverted, by kind
	MatchingFen  money.Fen            `json:"matching_fen,omitempty"`  // accepted matching funds, in cash and in kind
	EntrustedFen money.Fen            `json:"entrusted_fen,omitempty"` // entrusted money that is held but not yet used
	RefundDue    money.Fen            `json:"refund_due,omitempty"`    // money that was paid but not spent, and must be returned
	RefundedFen  money.Fen            `json:"refunded_fen,omitempty"`
	Debts        []Debt               `json:"debts,omitempty"`    // amounts claimed back, each tracked by a recovery
	Vouchers     []string             `json:"vouchers,omitempty"` // voucher numbers of money received
	Revision     int                  `json:"revision,omitempty"` // revision of the agreement, incremented by every change
	Baseline     map[string]money.Fen `json:"baseline,omitempty"` // last approved budget, by kind
	Change       *Change              `json:"change,omitempty"`   // pending change, if any
	Decided      *ChangeDecision      `json:"decided,omitempty"`  // last decision on a change, if any
	BannedUntil  calendar.Date        `json:"banned_until,omitzero"`
	EndedOn      calendar.Date        `json:"ended_on,omitzero"`
	Reason       string               `json:"reason,omitempty"` // why the closing was last refused, or why the project ended without being closed
	ReasonOn     calendar.Date        `json:"reason_on,omitzero"`
	Claimed      string               `json:"claimed,omitempty"` // what the office last gave as the reason for claiming money back: a finding of diversion, or money not returned
}

// TrancheState is the status of a tranche, including the planned amount.
type TrancheState struct {
	Fen     money.Fen     `json:"fen"`
	Attempt int           `json:"attempt,omitempty"` // number of the current attempt to pay the tranche; 0 until its conditions are met
	Paid    bool          `json:"paid,omitempty"`
	Dropped bool          `json:"dropped,omitempty"` // whether nothing is left to pay
	Due     flow.Deadline `json:"due,omitzero"`
	Final   bool          `json:"final,omitempty"` // whether the tranche was paid and the bank can no longer send the money back
}

// OpenProject opens a project after the written approval of its proposal.
type OpenProject struct {
	Pilot     string            `json:"pilot"`
	Programme flow.ProgrammeRef `json:"programme"`
	Home      string            `json:"home"`
	Proposal  plan.Proposal     `json:"proposal"`
	GrantFen  money.Fen         `json:"grant_fen"`
	Evaluator plan.Organization `json:"evaluator"`
	Deadline  flow.Deadline     `json:"deadline"` // deadline for both sides to sign the agreement
}

func (p *Project) Root() string { return p.Pilot }

func (p *Project) Place() string { return p.Home }

// Label returns the names of the village and the proposal.
func (p *Project) Label() domain.Text {
	q := p.Proposal
	return domain.Text{ZH: q.Village.Name.ZH + " " + q.Title.ZH, EN: q.Village.Name.EN + ": " + q.Title.EN}
}

// Claims returns a key for each invoice, so that only one project can account for it, and a key for each voucher, so that it cannot
// be entered twice in the same office.
func (p *Project) Claims() []string {
	var keys []string
	for _, s := range p.slips() {
		if s.ReusedBy == "" {
			keys = append(keys, receiptKey(s.Invoice))
		}
	}
	for _, v := range p.Vouchers {
		keys = append(keys, plan.VoucherKey(p.Home, v))
	}
	return keys
}

func (p *Project) Party(seat flow.Seat) domain.Party {
	switch seat {
	case plan.HomeOffice:
		return domain.Party{Place: p.Home}
	case plan.ApplicantSeat:
		return domain.Party{Organizations: []string{p.Proposal.Organization.CreditCode}}
	case plan.EvaluatorSeat:
		return domain.Party{Organizations: []string{p.Evaluator.CreditCode}}
	case plan.VillageSeat:
		return domain.Party{Place: p.Proposal.Village.Code}
	default:
		return domain.Party{}
	}
}

// Awaited returns the parties for whom a turn waits: for an agreement, the sides that have not signed; for a milestone, first the
// village and then the office.
func (p *Project) Awaited(t flow.Turn) []domain.Party {
	switch t.Key {
	case AwaitAgreement:
		var parties []domain.Party
		if p.Signed[organizationSide] == "" {
			parties = append(parties, flow.In(plan.ApplicantSeat, domain.Applicant).In(p))
		}
		if p.Signed[officeSide] == "" {
			parties = append(parties, flow.In(plan.HomeOffice, domain.Approver).In(p))
		}
		return parties
	case AwaitVerification:
		if step := p.step(t.Subject); step.AcceptedBy == "" {
			return []domain.Party{flow.In(plan.VillageSeat, domain.Village).In(p)}
		}
		return []domain.Party{flow.In(plan.HomeOffice, domain.CaseOfficer).In(p)}
	default:
		return nil
	}
}

func (p *Project) Lapse(turns []flow.Turn, c flow.Context) []flow.Event {
	due := turns[0].Due
	switch turns[0].Key {
	case AwaitMidTermReport, AwaitRectification:
		judged := &MidTermJudged{recordedVerdict: recordedVerdict{Outcome: Fail}, On: due, Late: true}
		return append([]flow.Event{judged}, p.termination("midterm-late", "", due, c)...)
	default:
		return []flow.Event{&RolloutEnded{On: due, Deadline: c.Deadline(due, FinalReportTerm)}}
	}
}

// termination returns the events that end the project early. Money promised but not paid returns to the fund, and money paid but not
// accepted as spending is claimed back.
func (p *Project) termination(why, reason string, on calendar.Date, c flow.Context) []flow.Event {
	ended := &ProjectTerminated{Why: why, Reason: reason, On: on, ReleasedFen: p.GrantFen - p.PaidFen - p.inTransit()}
	return append([]flow.Event{ended}, p.debt(p.advance(), recovery.DebtTerminated, on, c)...)
}

// cutShort reports whether the project ended without being closed.
func (p *Project) cutShort() bool { return p.Stage == Abandoned || p.Stage == Terminated }

// inTransit returns the total of the payments that are under way.
func (p *Project) inTransit() (sum money.Fen) {
	for _, t := range p.Tranches {
		if t.Attempt > 0 && !t.Paid && !t.Dropped {
			sum += t.Fen
		}
	}
	return sum
}

// ProgrammeRefOf returns the version of the programme whose rules govern the project.
func (o *OpenProject) ProgrammeRefOf() flow.ProgrammeRef { return o.Programme }

func (*OpenProject) Check(*Project, flow.Context) error { return nil }

func (o *OpenProject) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&ProjectOpened{
		Pilot: o.Pilot, Programme: o.Programme, Home: o.Home, Proposal: plan.RecordProposal(o.Proposal), GrantFen: o.GrantFen,
		Evaluator: plan.RecordedOrganization(o.Evaluator), Deadline: o.Deadline, Tranches: c.Rules.Split(o.GrantFen),
	}}
}

// End is the outcome of a project as reported to the pilot.
type End struct {
	Outcome     flow.Stage    `json:"outcome"` // closed, abandoned or terminated
	On          calendar.Date `json:"on"`
	AcceptedFen money.Fen     `json:"accepted_fen"` // total accepted spending
	PaidFen     money.Fen     `json:"paid_fen"`
	RefundedFen money.Fen     `json:"refunded_fen"`
	OwedFen     money.Fen     `json:"owed_fen"` // total that the organization was told to repay, whether or not it has repaid it
	Score       int           `json:"score,omitempty"`
}

// Ending returns the outcome of the project for the report to the pilot.
func (p *Project) Ending() End {
	return End{
		Outcome: p.Stage, On: p.EndedOn, AcceptedFen: sumOf(p.Accepted), PaidFen: p.PaidFen,
		RefundedFen: p.RefundedFen, OwedFen: p.DebtFen(), Score: p.Final.Score,
	}
}

// PaymentOpening returns the command that opens the payment of a due tranche.
func (p *Project) PaymentOpening(paymentID string) (*payment.OpenPayment, error) {
	i := p.tranche(paymentID)
	if i < 0 {
		return nil, fmt.Errorf("payment %s of project %s is not due", paymentID, p.ID)
	}
	t := p.Tranches[i]
	return &payment.OpenPayment{
		Payer: flow.Ref{Kind: Kind, ID: p.ID}, Pilot: p.Pilot, Programme: p.Programme, Home: p.Home, Account: p.ID,
		Tranche: i + 1, Attempt: t.Attempt, Payee: p.Proposal.Organization, AccountName: p.AccountName, Fen: t.Fen, Deadline: t.Due, Evaluator: p.Evaluator.CreditCode,
	}, nil
}

// ProjectOpened records that an approved proposal became a project. The next step is for both sides to sign the agreement.
type ProjectOpened struct {
	Pilot     string                    `json:"pilot"`
	Programme flow.ProgrammeRef         `json:"programme"`
	Home      string                    `json:"home"`
	Proposal  plan.RecordedProposal     `json:"proposal"`
	GrantFen  money.Fen                 `json:"grant_fen"`
	Evaluator plan.RecordedOrganization `json:"evaluator"`
	Deadline  flow.Deadline             `json:"deadline"` // deadline for both sides to sign the agreement
	Tranches  []money.Fen               `json:"tranches"`
}

func (e *ProjectOpened) Apply(p *Project) {
	p.Pilot, p.Programme, p.Home, p.Proposal = e.Pilot, e.Programme, e.Home, e.Proposal.Proposal()
	p.GrantFen, p.Evaluator, p.Baseline = e.GrantFen, plan.Organization(e.Evaluator), plan.BudgetOf(p.Proposal.Budget)
	for _, fen := range e.Tranches {
		p.Tranches = append(p.Tranches, TrancheState{Fen: fen})
	}
	p.Steps = make([]Step, len(p.Proposal.Milestones))
	for i, m := range p.Proposal.Milestones {
		p.Steps[i] = Step{Key: m.Key, Status: StepPlanned}
	}
	p.Enter(Agreement)
	p.Open(AwaitAgreement, "", e.Deadline)
}

// ProjectTerminated records that the project ended early (终止).
type ProjectTerminated struct {
	Why         string        `json:"why"`
	Reason      string        `json:"reason,omitempty"`
	On          calendar.Date `json:"on"`
	ReleasedFen money.Fen     `json:"released_fen"` // money promised but not paid, which returns to the fund
	BannedUntil calendar.Date `json:"banned_until,omitzero"`
}

func (e *ProjectTerminated) EffectiveOn() calendar.Date { return e.On }

// Apply ends the project, and gives the workflows the duty to stop any payments that are under way.
func (e *ProjectTerminated) Apply(p *Project) {
	p.EndedOn, p.RefundDue, p.Change, p.Reason, p.ReasonOn = e.On, 0, nil, e.Reason, p.AsOf
	if !e.BannedUntil.IsZero() {
		p.BannedUntil = e.BannedUntil
	}
	for i, t := range p.Tranches {
		if t.Attempt > 0 && !t.Paid && !t.Dropped {
			p.Owe(StopPayment, payment.IDOf(p.ID, i+1, t.Attempt))
		}
	}
	p.finish(Terminated)
}

// finish ends the project. Its end is reported to the pilot as soon as no payment is under way.
func (p *Project) finish(stage flow.Stage) {
	p.Stage = stage
	p.Turns = slices.DeleteFunc(p.Turns, func(t flow.Turn) bool { return t.Key != AwaitMoney })
	if len(p.Turns) == 0 {
		p.Owe(ReportEnd, "")
	}
}
