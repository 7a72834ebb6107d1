package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// RecordTranche tells a project how the payment of one of its tranches ended.
type RecordTranche struct{ RecordPayment }

func (r *RecordTranche) check(p *Project, _ Context) error {
	i := p.tranche(r.Payment)
	if i < 0 || p.Tranches[i].Dropped || (p.Tranches[i].Paid && !p.Tranches[i].moves(r.Outcome)) {
		return domain.Refuse("already-recorded", "payment", "id", r.Payment)
	}
	return nil
}

// moves tells that the outcome is news of a tranche that was paid.
func (t TrancheState) moves(outcome Stage) bool {
	return outcome == Returned || (outcome == Final && !t.Final)
}

// tranche finds the tranche whose present attempt is the payment.
func (p *Project) tranche(payment string) int {
	for i, t := range p.Tranches {
		if t.Attempt > 0 && payment == paymentID(p.ID, i+1, t.Attempt) {
			return i
		}
	}
	return -1
}

func (r *RecordTranche) decide(p *Project, c Context) []Event {
	i := p.tranche(r.Payment)
	again := &TrancheDue{Tranche: i + 1, Attempt: p.Tranches[i].Attempt + 1, Fen: p.Tranches[i].Fen, Deadline: trancheDeadline(c)}
	switch {
	case p.Tranches[i].Paid && r.Outcome == Final:
		return []Event{&TrancheFinal{Tranche: i + 1, Payment: r.Payment}}
	case p.Tranches[i].Paid:
		return r.reversal(p, i, again)
	case p.Stage.Ended() && p.Stage != Closed:
		return r.stray(p, i, c)
	case !r.paid():
		return []Event{&TrancheUnpaid{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome}, again}
	}
	paid := &TranchePaid{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen, Booked: p.bookable(nil, p.advance()+r.Fen)}
	events := []Event{paid}
	switch {
	case r.Reversed:
		return append(events, &TrancheReversed{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen, Unbooked: paid.Booked}, again)
	case r.Outcome == Final:
		events = append(events, &TrancheFinal{Tranche: i + 1, Payment: r.Payment})
	}
	switch {
	case p.Stage == FirstTranche:
		events = append(events, p.begin(c))
	case p.Stage == LastTranche && p.RefundDue == 0 && p.underWay(i) == nil:
		events = append(events, &ClosingOpened{Deadline: c.deadline(c.Today(), programme.ClosingTerm)})
	}
	return events
}

// stray is a payment that was under way when the project was terminated.
func (r *RecordTranche) stray(p *Project, i int, c Context) []Event {
	late := &StrayPaymentEnded{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome}
	if !r.paid() {
		late.ReleasedFen = p.Tranches[i].Fen
		return []Event{late}
	}
	late.PaidFen = r.Fen
	events := append([]Event{late}, p.debt(r.Fen, DebtTerminated, c.Today(), c)...)
	if r.Reversed {
		events = append(events, &PaymentCameHome{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen})
	}
	return events
}

// reversal takes back what the project made of money that the bank sent back after it
// was posted, and pays again. Where the money was claimed back already it has come home:
// finance enters it as a repayment.
func (r *RecordTranche) reversal(p *Project, i int, again *TrancheDue) []Event {
	short := r.Fen - p.advance()
	if short > sumOf(p.Booked) || (p.Stage.Ended() && p.Stage != Closed) {
		return []Event{&PaymentCameHome{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen}}
	}
	reversed := &TrancheReversed{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen}
	for _, kind := range p.kinds(p.Booked) {
		if fen := min(p.Booked[kind], short); fen > 0 {
			reversed.Unbooked = append(reversed.Unbooked, Spending{kind, fen})
			short -= fen
		}
	}
	return []Event{reversed, again}
}

// begin starts the rollout with every day the agreement and the programme set.
func (p *Project) begin(c Context) Event {
	e := &RolloutBegun{
		Milestones: map[string]Deadline{},
		MidTerm:    c.set(c.Rules.MidTerm.Value),
		Ends:       c.set(c.Rules.RolloutEnds.Value),
		Spending:   c.deadline(c.Today(), programme.SpendingReportTerm),
	}
	for _, m := range p.Proposal.Milestones {
		e.Milestones[m.Key] = c.by(c.Today(), m.Due)
	}
	return e
}

// set is the deadline of a day that the programme sets. A project that begins when
// the day has passed is not judged by it: it gets a term of its own.
func (c Context) set(day calendar.Date) Deadline {
	if day.After(c.Today()) {
		return c.by(c.Today(), day)
	}
	return c.deadline(c.Today(), programme.LateStartTerm)
}

// TrancheDue means that every condition of the tranche is met; it is to be paid.
type TrancheDue struct {
	Tranche  int       `json:"tranche"`
	Attempt  int       `json:"attempt"`
	Fen      money.Fen `json:"fen"`
	Deadline Deadline  `json:"deadline"`
}

func (e *TrancheDue) apply(p *Project) {
	t := &p.Tranches[e.Tranche-1]
	t.Attempt, t.Fen, t.Due = e.Attempt, e.Fen, e.Deadline
	if p.turn(AwaitMoney, itoa(e.Tranche)) == nil {
		p.open(AwaitMoney, itoa(e.Tranche), Deadline{})
	}
	p.owe(Pay, paymentID(p.ID, e.Tranche, e.Attempt))
}

// TranchePaid means that the organization has the money.
type TranchePaid struct {
	Tranche int        `json:"tranche"`
	Payment string     `json:"payment"`
	Fen     money.Fen  `json:"fen"`
	Booked  []Spending `json:"booked,omitempty"` // spending accepted before the money came
}

func (e *TranchePaid) apply(p *Project) {
	p.Tranches[e.Tranche-1].Paid = true
	p.PaidFen += e.Fen
	add(&p.Booked, e.Booked, 1)
	p.done(AwaitMoney, itoa(e.Tranche))
}

// TrancheUnpaid means that the attempt was voided, or the bank sent the money back.
type TrancheUnpaid struct {
	Tranche int    `json:"tranche"`
	Payment string `json:"payment"`
	Outcome Stage  `json:"outcome"`
}

func (*TrancheUnpaid) apply(*Project) {}

// TrancheFinal means that the bank can send the money back no more.
type TrancheFinal struct {
	Tranche int    `json:"tranche"`
	Payment string `json:"payment"`
}

func (e *TrancheFinal) apply(p *Project) {
	p.Tranches[e.Tranche-1].Final = true
	if p.final() {
		p.done(AwaitFinality, "")
	}
}

// final tells that no payment of the project is under way or can come back.
func (p *Project) final() bool {
	for _, t := range p.Tranches {
		if t.Attempt > 0 && !t.Final && !t.Dropped {
			return false
		}
	}
	return true
}

// TrancheReversed means that the bank sent the money back after it was posted.
type TrancheReversed struct {
	Tranche  int        `json:"tranche"`
	Payment  string     `json:"payment"`
	Fen      money.Fen  `json:"fen"`
	Unbooked []Spending `json:"unbooked,omitempty"` // accepted spending that the money had covered
}

func (e *TrancheReversed) apply(p *Project) {
	p.Tranches[e.Tranche-1].Paid = false
	p.PaidFen -= e.Fen
	add(&p.Booked, e.Unbooked, -1)
}

// PaymentCameHome means that the bank sent back money that had been claimed back already.
type PaymentCameHome struct {
	Tranche int       `json:"tranche"`
	Payment string    `json:"payment"`
	Fen     money.Fen `json:"fen"`
}

func (e *PaymentCameHome) apply(p *Project) {
	p.Tranches[e.Tranche-1].Dropped = true
	if p.final() {
		p.done(AwaitFinality, "")
	}
}

// RolloutBegun means that the first money is there and the work begins (实施).
type RolloutBegun struct {
	Milestones map[string]Deadline `json:"milestones"`
	MidTerm    Deadline            `json:"midterm"`
	Ends       Deadline            `json:"ends"`
	Spending   Deadline            `json:"spending"` // of the first spending report
}

// apply keeps waiting for the other tranches that the signatures brought due.
func (e *RolloutBegun) apply(p *Project) {
	money := slices.DeleteFunc(slices.Clone(p.Turns), func(t Turn) bool { return t.Key != AwaitMoney })
	p.enter(Rollout)
	p.Turns = append(p.Turns, money...)
	for _, m := range p.Proposal.Milestones {
		p.open(AwaitMilestone, m.Key, e.Milestones[m.Key])
	}
	p.open(AwaitMidTermReport, "", e.MidTerm)
	p.open(AwaitRolloutEnd, "", e.Ends)
	p.open(AwaitSpendingReport, "", e.Spending)
}

// StrayPaymentEnded means that a payment that was under way when the project was terminated
// came to its end: paid, it is owed back; not paid, it returns to the fund.
type StrayPaymentEnded struct {
	Tranche     int       `json:"tranche"`
	Payment     string    `json:"payment"`
	Outcome     Stage     `json:"outcome"`
	PaidFen     money.Fen `json:"paid_fen"`
	ReleasedFen money.Fen `json:"released_fen"`
}

func (e *StrayPaymentEnded) apply(p *Project) {
	t := &p.Tranches[e.Tranche-1]
	t.Paid, t.Dropped = e.PaidFen > 0, e.PaidFen == 0
	p.PaidFen += e.PaidFen
	p.done(AwaitMoney, itoa(e.Tranche))
	if len(p.Turns) == 0 {
		p.owe(ReportEnd, "")
	}
}
