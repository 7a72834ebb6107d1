// Package recovery implements recoveries (追回). A recovery tracks an organization's debt until it is repaid.
package recovery

import (
	"fmt"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
)

// Kind is the aggregate kind of a recovery.
const Kind flow.Kind = "recovery"

// Recovery tracks an organization's debt until it is repaid (追回). It is independent: no project or pilot waits for it.
type Recovery struct {
	flow.Record
	OpenRecovery
	PaidFen     money.Fen     `json:"paid_fen,omitempty"`
	Instalments []Instalment  `json:"instalments,omitempty"`
	Reason      string        `json:"reason,omitempty"` // why the instalments were agreed
	ReasonOn    calendar.Date `json:"reason_on,omitzero"`
	Vouchers    []string      `json:"vouchers,omitempty"`
	EndedOn     calendar.Date `json:"ended_on,omitzero"`
}

// OpenRecovery opens the recovery of a debt.
type OpenRecovery struct {
	Project   string            `json:"project"`
	Pilot     string            `json:"pilot"`
	Programme flow.ProgrammeRef `json:"rules"`
	Home      string            `json:"home"` // place of the office that claims the money back
	Debtor    plan.Organization `json:"debtor"`
	Fen       money.Fen         `json:"fen"`
	Why       DebtCause         `json:"why"`
	Deadline  flow.Deadline     `json:"deadline"`
}

// Instalment is one part of a debt, with its due date (分期).
type Instalment struct {
	Due calendar.Date `json:"due"`
	Fen money.Fen     `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
}

// AgreeInstalments allows the organization to repay its debt in instalments. A later agreement covers the amount still owed at that
// time.
type AgreeInstalments struct {
	Instalments []Instalment `json:"instalments" minItems:"1" maxItems:"60"`
	Reason      string       `json:"reason" minLength:"1" maxLength:"2000"`
}

// RecordRepayment records that the organization repaid some or all of its debt.
type RecordRepayment struct {
	Fen     money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Voucher string    `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the receipt voucher"`
	Slip    string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

func (r *Recovery) Root() string { return r.Pilot }

func (r *Recovery) Place() string { return r.Home }

// Label returns the name of the organization that owes the money.
func (r *Recovery) Label() domain.Text { return r.Debtor.Name }

func (r *Recovery) Party(seat flow.Seat) domain.Party {
	switch seat {
	case plan.HomeOffice:
		return domain.Party{Place: r.Home}
	case plan.ApplicantSeat:
		return domain.Party{Organizations: []string{r.Debtor.CreditCode}}
	default:
		return domain.Party{}
	}
}

// Claims returns a key for each voucher number, so that it cannot be entered twice.
func (r *Recovery) Claims() []string {
	keys := make([]string, len(r.Vouchers))
	for i, v := range r.Vouchers {
		keys[i] = plan.VoucherKey(r.Home, v)
	}
	return keys
}

// Readers includes the organization that owes the money.
func (r *Recovery) Readers() flow.Readers {
	return flow.Readers{Organizations: []string{r.Debtor.CreditCode}}
}

// Part returns the recovery in full, because nothing in it is confidential.
func (r *Recovery) Part(domain.Actor) flow.State { return r }

// EveryFile returns true, because everyone who can see the recovery can open its files.
func (*Recovery) EveryFile(domain.Actor) bool { return true }

// ProgrammeRefOf returns the version of the programme whose rules govern the recovery.
func (o *OpenRecovery) ProgrammeRefOf() flow.ProgrammeRef { return o.Programme }

// LeftFen returns the amount still owed.
func (r *Recovery) LeftFen() money.Fen { return r.Fen - r.PaidFen }

func (*OpenRecovery) Check(*Recovery, flow.Context) error { return nil }

func (o *OpenRecovery) Decide(*Recovery, flow.Context) []flow.Event {
	return []flow.Event{&RecoveryOpened{
		Project: o.Project, Pilot: o.Pilot, Programme: o.Programme, Home: o.Home, Debtor: plan.RecordedOrganization(o.Debtor), Fen: o.Fen,
		Why: o.Why, Deadline: o.Deadline,
	}}
}

// Check rejects instalments that do not add up to the amount owed, whose dates are out of order, or whose last date is later than the
// programme allows.
//
// Errors: instalment-day, instalment-sum.
func (a *AgreeInstalments) Check(r *Recovery, c flow.Context) error {
	var sum money.Fen
	last, _ := c.Calendar.Due(c.Today(), c.Term(InstalmentsTerm))
	before := c.Today()
	for i, part := range a.Instalments {
		sum += part.Fen
		if !part.Due.After(before) || part.Due.After(last) {
			return domain.Refuse("instalment-day", flow.At("instalments", i)+".due", "day", part.Due.String(), "last", last.String())
		}
		before = part.Due
	}
	if sum != r.LeftFen() {
		return domain.Refuse("instalment-sum", "instalments", "want", r.LeftFen().String(), "got", sum.String())
	}
	return nil
}

func (a *AgreeInstalments) Decide(_ *Recovery, c flow.Context) []flow.Event {
	e := &InstalmentsAgreed{Reason: a.Reason}
	for _, part := range a.Instalments {
		e.Parts = append(e.Parts, agreedPart{Due: part.Due, Fen: part.Fen, Deadline: c.By(c.Today(), part.Due)})
	}
	return []flow.Event{e}
}

func (p *RecordRepayment) Files() []string { return []string{p.Slip} }

func (p *RecordRepayment) Check(r *Recovery, c flow.Context) error {
	if p.Fen > r.LeftFen() {
		return domain.Refuse("over-debt", "fen", "most", r.LeftFen().String(), "got", p.Fen.String())
	}
	if err := plan.FreshVoucher(r.Vouchers, p.Voucher); err != nil {
		return err
	}
	return flow.Stored("slip", p.Slip, c)
}

func (p *RecordRepayment) Decide(r *Recovery, c flow.Context) []flow.Event {
	events := []flow.Event{&RepaymentRecorded{Fen: p.Fen, Voucher: p.Voucher, Slip: p.Slip}}
	if p.Fen == r.LeftFen() {
		events = append(events, &RecoveryCompleted{On: c.Today()})
	}
	return events
}

// RecoveryOpened records that the office claimed a debt from the organization.
type RecoveryOpened struct {
	Project   string                    `json:"project"`
	Pilot     string                    `json:"pilot"`
	Programme flow.ProgrammeRef         `json:"rules"`
	Home      string                    `json:"home"`
	Debtor    plan.RecordedOrganization `json:"debtor"`
	Fen       money.Fen                 `json:"fen"`
	Why       DebtCause                 `json:"why"`
	Deadline  flow.Deadline             `json:"deadline"`
}

func (e *RecoveryOpened) Apply(r *Recovery) {
	r.Record.Programme = e.Programme
	r.OpenRecovery = OpenRecovery{
		Project: e.Project, Pilot: e.Pilot, Programme: e.Programme, Home: e.Home, Debtor: plan.Organization(e.Debtor), Fen: e.Fen,
		Why: e.Why, Deadline: e.Deadline,
	}
	r.Enter(Repayment)
	r.Open(AwaitRepayment, "", e.Deadline)
}

// InstalmentsAgreed records that the organization may repay the rest of its debt in instalments.
type InstalmentsAgreed struct {
	Parts  []agreedPart `json:"parts"`
	Reason string       `json:"reason"`
}

// agreedPart is an instalment with its deadline.
type agreedPart struct {
	Due      calendar.Date `json:"due"`
	Fen      money.Fen     `json:"fen"`
	Deadline flow.Deadline `json:"deadline"`
}

// instalmentsAgreed1 is version 1 of the event, in which instalments and deadlines were separate lists in the same order.
type instalmentsAgreed1 struct {
	Instalments []struct {
		Due calendar.Date `json:"due"`
		Fen money.Fen     `json:"fen"`
	} `json:"instalments"`
	Deadlines []flow.Deadline `json:"deadlines"`
	Reason    string          `json:"reason"`
}

func (old instalmentsAgreed1) upcast() (InstalmentsAgreed, error) {
	e := InstalmentsAgreed{Reason: old.Reason}
	if len(old.Deadlines) != len(old.Instalments) {
		return e, fmt.Errorf("%d instalments but %d deadlines", len(old.Instalments), len(old.Deadlines))
	}
	for i, part := range old.Instalments {
		e.Parts = append(e.Parts, agreedPart{Due: part.Due, Fen: part.Fen, Deadline: old.Deadlines[i]})
	}
	return e, nil
}

func (e *InstalmentsAgreed) Apply(r *Recovery) {
	r.Turns, r.Instalments, r.Reason, r.ReasonOn = nil, nil, e.Reason, r.AsOf
	for i, part := range e.Parts {
		r.Instalments = append(r.Instalments, Instalment{Due: part.Due, Fen: part.Fen})
		r.Open(AwaitRepayment, strconv.Itoa(i+1), part.Deadline)
	}
}

// RepaymentRecorded records a repayment by the organization. It is credited to the instalments in order.
type RepaymentRecorded struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *RepaymentRecorded) Files() []string { return []string{e.Slip} }

func (e *RepaymentRecorded) Apply(r *Recovery) {
	r.PaidFen += e.Fen
	r.Vouchers = append(r.Vouchers, e.Voucher)
	rest := e.Fen
	for i := range r.Instalments {
		part := &r.Instalments[i]
		covered := min(part.Fen, rest)
		part.Fen -= covered
		rest -= covered
		if part.Fen == 0 {
			r.Done(AwaitRepayment, strconv.Itoa(i+1))
		}
	}
}

// RecoveryCompleted records that the debt has been fully repaid (追回完毕).
type RecoveryCompleted struct {
	On calendar.Date `json:"on"`
}

func (e *RecoveryCompleted) Apply(r *Recovery) {
	r.EndedOn = e.On
	r.Enter(Recovered)
}
