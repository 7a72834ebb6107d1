package project

import (
	"fmt"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/recovery"
)

// Debt is money that the organization must pay back (应追回). A recovery tracks its repayment.
type Debt struct {
	Fen    money.Fen          `json:"fen"`
	Why    recovery.DebtCause `json:"why"`
	Reason string             `json:"reason,omitempty"` // what the office gave as the reason; for disallowed spending, each receipt has its own
	On     calendar.Date      `json:"on,omitzero"`      // day from which the money is owed
	Due    flow.Deadline      `json:"due"`              // deadline for the repayment
}

// RecordDiversion records that the organization used money for another purpose (挪用). The money is claimed back, and the organization
// is banned from applying for the number of years set by the programme.
type RecordDiversion struct {
	Fen      money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Kind     string    `json:"kind,omitempty" maxLength:"40" doc:"kind of spending under which it was accounted for and accepted; empty when it was not"`
	Finding  string    `json:"finding" minLength:"1" maxLength:"2000"`
	Evidence []string  `json:"evidence" minItems:"1" maxItems:"50" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of uploaded files"`
}

// Terminate ends the project early and claims back any money that was paid but has not been accepted as spending (终止并追回).
type Terminate struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	Breach bool   `json:"breach,omitempty" doc:"the organization broke the agreement: it is banned from new applications"`
}

// DemandRefund converts unspent money into a debt, because the organization has failed to return it.
type DemandRefund struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// DebtFen returns the total ever claimed back from the project.
func (p *Project) DebtFen() (sum money.Fen) {
	for _, d := range p.Debts {
		sum += d.Fen
	}
	return sum
}

// debt returns the event that claims money back. The deadline for repayment is counted from the given date.
func (p *Project) debt(fen money.Fen, why recovery.DebtCause, from calendar.Date, c flow.Context) []flow.Event {
	if fen <= 0 {
		return nil
	}
	return []flow.Event{&DebtArisen{Number: len(p.Debts) + 1, Fen: fen, Why: why, Deadline: c.Deadline(from, recovery.RecoveryTerm)}}
}

// ban returns the last day of the ban on an organization that breaches its agreement today.
func ban(c flow.Context) calendar.Date { return c.Today().AddMonths(12 * c.Rules.BanYears.Value) }

func (r *RecordDiversion) Files() []string { return r.Evidence }

// Check rejects an amount greater than the money that was paid and is still unaccounted for. If a kind of spending is specified, it
// rejects an amount greater than was booked for that kind.
//
// Errors: over-advance, no-such-file.
func (r *RecordDiversion) Check(p *Project, c flow.Context) error {
	most := p.advance() - p.RefundDue // unspent money awaiting return is already accounted for
	if r.Kind != "" {
		most = p.Booked[r.Kind]
	}
	if r.Fen > most {
		return domain.Refuse("over-advance", "fen", "most", most.String(), "got", r.Fen.String())
	}
	return flow.AllStored("evidence", r.Evidence, c)
}

func (r *RecordDiversion) Decide(p *Project, c flow.Context) []flow.Event {
	found := &DiversionFound{Fen: r.Fen, Finding: r.Finding, Evidence: r.Evidence, BannedUntil: ban(c)}
	if r.Kind != "" {
		found.Unbooked = []Spending{{r.Kind, r.Fen}}
	}
	return append([]flow.Event{found}, p.debt(r.Fen, recovery.DebtDiverted, c.Today(), c)...)
}

func (*Terminate) Check(*Project, flow.Context) error { return nil }

func (r *Terminate) Decide(p *Project, c flow.Context) []flow.Event {
	events := p.termination("office", r.Reason, c.Today(), c)
	if r.Breach {
		events[0].(*ProjectTerminated).BannedUntil = ban(c)
	}
	return events
}

// Check returns an error while a payment is under way, which can happen after the bank has sent money back.
func (*DemandRefund) Check(p *Project, _ flow.Context) error { return p.underWay(-1) }

func (r *DemandRefund) Decide(p *Project, c flow.Context) []flow.Event {
	events := append([]flow.Event{&RefundDemanded{Reason: r.Reason}}, p.debt(p.RefundDue, recovery.DebtUnreturned, c.Today(), c)...)
	return append(events, &ClosingOpened{Deadline: c.Deadline(c.Today(), ClosingTerm)})
}

// recoveryID returns the id of the recovery for the project's nth debt.
func recoveryID(project string, n int) string { return project + ".r" + strconv.Itoa(n) }

// RecoveryOpening returns the command that opens the recovery of a debt.
func (p *Project) RecoveryOpening(id string) (*recovery.OpenRecovery, error) {
	d, known := p.DebtOf(id)
	if !known {
		return nil, fmt.Errorf("project %s has no debt for recovery %s", p.ID, id)
	}
	return &recovery.OpenRecovery{
		Project: p.ID, Pilot: p.Pilot, Programme: p.Programme, Home: p.Home, Debtor: p.Proposal.Organization,
		Fen: d.Fen, Why: d.Why, Deadline: d.Due,
	}, nil
}

// DebtOf returns the debt that the recovery with the id follows up, if it is one of the project's.
func (p *Project) DebtOf(id string) (Debt, bool) {
	for i, d := range p.Debts {
		if recoveryID(p.ID, i+1) == id {
			return d, true
		}
	}
	return Debt{}, false
}

// DebtArisen records that money was claimed back and that its recovery begins.
type DebtArisen struct {
	Number   int                `json:"number"`
	Fen      money.Fen          `json:"fen"`
	Why      recovery.DebtCause `json:"why"`
	Deadline flow.Deadline      `json:"deadline"` // deadline for the repayment
}

func (e *DebtArisen) Apply(p *Project) {
	reason := map[recovery.DebtCause]string{recovery.DebtTerminated: p.Reason, recovery.DebtDiverted: p.Claimed, recovery.DebtUnreturned: p.Claimed}[e.Why]
	p.Debts = append(p.Debts, Debt{Fen: e.Fen, Why: e.Why, Reason: reason, On: p.AsOf, Due: e.Deadline})
	p.Owe(StartRecovery, recoveryID(p.ID, e.Number))
}

// DiversionFound records that the organization used money for another purpose.
type DiversionFound struct {
	Fen         money.Fen     `json:"fen"`
	Unbooked    []Spending    `json:"unbooked,omitempty"` // accepted spending that proved to be diverted and is no longer booked
	Finding     string        `json:"finding"`
	Evidence    []string      `json:"evidence"`
	BannedUntil calendar.Date `json:"banned_until"`
}

func (e *DiversionFound) Files() []string { return e.Evidence }

func (e *DiversionFound) Apply(p *Project) {
	add(&p.Accepted, e.Unbooked, -1)
	add(&p.Booked, e.Unbooked, -1)
	add(&p.Diverted, e.Unbooked, 1)
	p.BannedUntil, p.Claimed = e.BannedUntil, e.Finding
}

// RefundDemanded records that unspent money was not returned in time and became a debt.
type RefundDemanded struct {
	Reason string `json:"reason"`
}

func (e *RefundDemanded) Apply(p *Project) {
	p.RefundDue, p.Claimed = 0, e.Reason
	p.Done(AwaitRefund, "")
}
