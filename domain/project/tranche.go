package project

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/recovery"
)

// trancheDeadline returns the deadline for paying a tranche whose conditions are met today.
func trancheDeadline(c flow.Context) flow.Deadline {
	return c.Deadline(c.Today(), payment.TrancheTerm)
}

// RecordTranche reports to a project the outcome of the payment of one of its tranches.
type RecordTranche struct{ payment.End }

func (r *RecordTranche) Check(p *Project, _ flow.Context) error {
	i := p.tranche(r.Payment)
	if i < 0 || p.Tranches[i].Dropped || (p.Tranches[i].Paid && !p.Tranches[i].moves(r.Outcome)) {
		return domain.Refuse("already-recorded", "payment", "id", r.Payment)
	}
	return nil
}

// moves reports whether an outcome changes the state of a tranche that has already been paid.
func (t TrancheState) moves(outcome flow.Stage) bool {
	return outcome == payment.Returned || (outcome == payment.Final && !t.Final)
}

// tranche returns the index of the tranche for which the payment is the current attempt, or -1 if there is none.
func (p *Project) tranche(paymentID string) int {
	for i, t := range p.Tranches {
		if t.Attempt > 0 && paymentID == payment.IDOf(p.ID, i+1, t.Attempt) {
			return i
		}
	}
	return -1
}

func (r *RecordTranche) Decide(p *Project, c flow.Context) []flow.Event {
	i := p.tranche(r.Payment)
	again := &TrancheDue{Tranche: i + 1, Attempt: p.Tranches[i].Attempt + 1, Fen: p.Tranches[i].Fen, Deadline: trancheDeadline(c)}
	switch {
	case p.Tranches[i].Paid && r.Outcome == payment.Final:
		return []flow.Event{&TrancheFinal{Tranche: i + 1, Payment: r.Payment}}
	case p.Tranches[i].Paid:
		return r.reversal(p, i, again)
	case p.cutShort():
		return r.stray(p, i, c)
	case !r.Paid():
		return []flow.Event{&TrancheUnpaid{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome}, again}
	}
	paid := &TranchePaid{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen, Booked: p.bookable(nil, p.advance()+r.Fen)}
	events := []flow.Event{paid}
	switch {
	case r.Reversed:
		return append(events, &TrancheReversed{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen, Unbooked: paid.Booked}, again)
	case r.Outcome == payment.Final:
		events = append(events, &TrancheFinal{Tranche: i + 1, Payment: r.Payment})
	}
	switch {
	case p.Stage == FirstTranche:
		events = append(events, p.begin(c))
	case p.Stage == LastTranche && p.RefundDue == 0 && p.underWay(i) == nil:
		events = append(events, &ClosingOpened{Deadline: c.Deadline(c.Today(), ClosingTerm)})
	}
	return events
}

// stray returns the events that follow the end of a payment that was still under way when the project was terminated.
func (r *RecordTranche) stray(p *Project, i int, c flow.Context) []flow.Event {
	late := &StrayPaymentEnded{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome}
	if !r.Paid() {
		late.ReleasedFen = p.Tranches[i].Fen
		return []flow.Event{late}
	}
	late.PaidFen = r.Fen
	events := append([]flow.Event{late}, p.debt(r.Fen, recovery.DebtTerminated, c.Today(), c)...)
	if r.Reversed {
		events = append(events, &PaymentCameHome{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen})
	}
	return events
}

// reversal returns the events that follow when the bank sends money back after the payment was posted. The project reverses its
// bookings and the tranche is paid again. If the money has already been claimed back, finance records its return as a repayment
// instead.
func (r *RecordTranche) reversal(p *Project, i int, again *TrancheDue) []flow.Event {
	short := r.Fen - p.advance()
	if short > sumOf(p.Booked) || p.cutShort() {
		return []flow.Event{&PaymentCameHome{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen}}
	}
	reversed := &TrancheReversed{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen}
	for _, kind := range p.kinds(p.Booked) {
		if fen := min(p.Booked[kind], short); fen > 0 {
			reversed.Unbooked = append(reversed.Unbooked, Spending{kind, fen})
			short -= fen
		}
	}
	return []flow.Event{reversed, again}
}

// begin returns the event that starts the rollout, with all due dates set by the agreement and the programme.
func (p *Project) begin(c flow.Context) flow.Event {
	e := &RolloutBegun{
		Milestones: map[string]flow.Deadline{},
		MidTerm:    setDay(c, c.Rules.MidTerm.Value),
		Ends:       setDay(c, c.Rules.RolloutEnds.Value),
		Spending:   c.Deadline(c.Today(), SpendingReportTerm),
	}
	for _, m := range p.Proposal.Milestones {
		e.Milestones[m.Key] = c.By(c.Today(), m.Due)
	}
	return e
}

// setDay returns a deadline on a date fixed by the programme. A project that starts after that date gets a term of its own instead.
func setDay(c flow.Context, day calendar.Date) flow.Deadline {
	if day.After(c.Today()) {
		return c.By(c.Today(), day)
	}
	return c.Deadline(c.Today(), LateStartTerm)
}

// TrancheDue records that all conditions of a tranche are met, so that it must be paid.
type TrancheDue struct {
	Tranche  int           `json:"tranche"`
	Attempt  int           `json:"attempt"`
	Fen      money.Fen     `json:"fen"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *TrancheDue) Apply(p *Project) {
	t := &p.Tranches[e.Tranche-1]
	t.Attempt, t.Fen, t.Due = e.Attempt, e.Fen, e.Deadline
	if p.Turn(AwaitMoney, strconv.Itoa(e.Tranche)) == nil {
		p.Open(AwaitMoney, strconv.Itoa(e.Tranche), flow.Deadline{})
	}
	p.Owe(payment.Pay, payment.IDOf(p.ID, e.Tranche, e.Attempt))
}

// TranchePaid records that a tranche was paid to the organization.
type TranchePaid struct {
	Tranche int        `json:"tranche"`
	Payment string     `json:"payment"`
	Fen     money.Fen  `json:"fen"`
	Booked  []Spending `json:"booked,omitempty"` // spending that was accepted before the money was paid
}

func (e *TranchePaid) Apply(p *Project) {
	p.Tranches[e.Tranche-1].Paid = true
	p.PaidFen += e.Fen
	add(&p.Booked, e.Booked, 1)
	p.Done(AwaitMoney, strconv.Itoa(e.Tranche))
}

// TrancheUnpaid records that the attempt to pay a tranche was voided, or that the bank sent the money back.
type TrancheUnpaid struct {
	Tranche int        `json:"tranche"`
	Payment string     `json:"payment"`
	Outcome flow.Stage `json:"outcome"`
}

func (*TrancheUnpaid) Apply(*Project) {}

// TrancheFinal records that the bank can no longer send back the money of a tranche.
type TrancheFinal struct {
	Tranche int    `json:"tranche"`
	Payment string `json:"payment"`
}

func (e *TrancheFinal) Apply(p *Project) {
	p.Tranches[e.Tranche-1].Final = true
	if p.final() {
		p.Done(AwaitFinality, "")
	}
}

// final reports whether all payments of the project have ended and none can still be sent back.
func (p *Project) final() bool {
	for _, t := range p.Tranches {
		if t.Attempt > 0 && !t.Final && !t.Dropped {
			return false
		}
	}
	return true
}

// TrancheReversed records that the bank sent back the money of a tranche after the payment was posted.
type TrancheReversed struct {
	Tranche  int        `json:"tranche"`
	Payment  string     `json:"payment"`
	Fen      money.Fen  `json:"fen"`
	Unbooked []Spending `json:"unbooked,omitempty"` // accepted spending that this money had covered
}

func (e *TrancheReversed) Apply(p *Project) {
	p.Tranches[e.Tranche-1].Paid = false
	p.PaidFen -= e.Fen
	add(&p.Booked, e.Unbooked, -1)
}

// PaymentCameHome records that the bank sent back money that the office had already claimed from the organization.
type PaymentCameHome struct {
	Tranche int       `json:"tranche"`
	Payment string    `json:"payment"`
	Fen     money.Fen `json:"fen"`
}

func (e *PaymentCameHome) Apply(p *Project) {
	p.Tranches[e.Tranche-1].Dropped = true
	if p.final() {
		p.Done(AwaitFinality, "")
	}
}

// RolloutBegun records that the first tranche has been paid and the work begins (实施).
type RolloutBegun struct {
	Milestones map[string]flow.Deadline `json:"milestones"`
	MidTerm    flow.Deadline            `json:"midterm"`
	Ends       flow.Deadline            `json:"ends"`
	Spending   flow.Deadline            `json:"spending"` // deadline for the first spending report
}

// Apply starts the rollout. Waits for other tranches that fell due on signing stay open.
func (e *RolloutBegun) Apply(p *Project) {
	money := slices.DeleteFunc(slices.Clone(p.Turns), func(t flow.Turn) bool { return t.Key != AwaitMoney })
	p.Enter(Rollout)
	p.Turns = append(p.Turns, money...)
	for _, m := range p.Proposal.Milestones {
		p.Open(AwaitMilestone, m.Key, e.Milestones[m.Key])
	}
	p.Open(AwaitMidTermReport, "", e.MidTerm)
	p.Open(AwaitRolloutEnd, "", e.Ends)
	p.Open(AwaitSpendingReport, "", e.Spending)
}

// StrayPaymentEnded records the end of a payment that was under way when the project was terminated. If the money was paid, it is
// claimed back; otherwise it returns to the fund.
type StrayPaymentEnded struct {
	Tranche     int        `json:"tranche"`
	Payment     string     `json:"payment"`
	Outcome     flow.Stage `json:"outcome"`
	PaidFen     money.Fen  `json:"paid_fen"`
	ReleasedFen money.Fen  `json:"released_fen"`
}

func (e *StrayPaymentEnded) Apply(p *Project) {
	t := &p.Tranches[e.Tranche-1]
	t.Paid, t.Dropped = e.PaidFen > 0, e.PaidFen == 0
	p.PaidFen += e.PaidFen
	p.Done(AwaitMoney, strconv.Itoa(e.Tranche))
	if len(p.Turns) == 0 {
		p.Owe(ReportEnd, "")
	}
}
