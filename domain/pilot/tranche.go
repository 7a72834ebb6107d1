package pilot

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// RecordTranche tells a project how the payment of one of its tranches ended.
type RecordTranche struct{ RecordPayment }

func (r *RecordTranche) check(p *Project, _ Context) error {
	if i := p.tranche(r.Payment); i < 0 || p.Tranches[i].Paid || p.Tranches[i].Dropped {
		return domain.Refuse("already-recorded", "payment", "id", r.Payment)
	}
	return nil
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
	t := p.Tranches[i]
	if p.Stage.Ended() {
		late := &StrayPaymentEnded{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome}
		if r.Outcome == Posted {
			late.OwedFen = r.Fen
		} else {
			late.ReleasedFen = t.Fen
		}
		return []Event{late}
	}
	if r.Outcome != Posted {
		return []Event{
			&TrancheUnpaid{Tranche: i + 1, Payment: r.Payment, Outcome: r.Outcome},
			&TrancheDue{Tranche: i + 1, Attempt: t.Attempt + 1, Fen: t.Fen, Deadline: trancheDeadline(c)},
		}
	}
	paid := &TranchePaid{Tranche: i + 1, Payment: r.Payment, Fen: r.Fen}
	switch {
	case i == 0:
		return []Event{paid, p.begin(c)}
	case p.Stage == LastTranche:
		return []Event{paid, &ClosingOpened{Deadline: c.deadline(c.Today(), programme.ClosingTerm)}}
	default:
		return []Event{paid}
	}
}

// begin starts the rollout with every day the agreement and the programme set.
func (p *Project) begin(c Context) Event {
	e := &RolloutBegun{
		Milestones: map[string]Deadline{},
		MidTerm:    c.set(c.Rules.MidTerm.Value),
		Ends:       c.set(c.Rules.RolloutEnds.Value),
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
	Tranche int       `json:"tranche"`
	Payment string    `json:"payment"`
	Fen     money.Fen `json:"fen"`
}

func (e *TranchePaid) apply(p *Project) {
	p.Tranches[e.Tranche-1].Paid = true
	p.PaidFen += e.Fen
	p.done(AwaitMoney, itoa(e.Tranche))
}

// TrancheUnpaid means that the attempt was voided, or the bank sent the money back.
type TrancheUnpaid struct {
	Tranche int    `json:"tranche"`
	Payment string `json:"payment"`
	Outcome Stage  `json:"outcome"`
}

func (*TrancheUnpaid) apply(*Project) {}

// RolloutBegun means that the first money is there and the work begins (实施).
type RolloutBegun struct {
	Milestones map[string]Deadline `json:"milestones"`
	MidTerm    Deadline            `json:"midterm"`
	Ends       Deadline            `json:"ends"`
}

func (e *RolloutBegun) apply(p *Project) {
	p.enter(Rollout)
	for _, m := range p.Proposal.Milestones {
		p.open(AwaitMilestone, m.Key, e.Milestones[m.Key])
	}
	p.open(AwaitMidTermReport, "", e.MidTerm)
	p.open(AwaitRolloutEnd, "", e.Ends)
}

// StrayPaymentEnded means that a payment that was under way when the project was terminated
// came to its end: paid, it is owed back; not paid, it returns to the fund.
type StrayPaymentEnded struct {
	Tranche     int       `json:"tranche"`
	Payment     string    `json:"payment"`
	Outcome     Stage     `json:"outcome"`
	OwedFen     money.Fen `json:"owed_fen"`
	ReleasedFen money.Fen `json:"released_fen"`
}

func (e *StrayPaymentEnded) apply(p *Project) {
	t := &p.Tranches[e.Tranche-1]
	t.Paid, t.Dropped = e.Outcome == Posted, e.Outcome != Posted
	p.PaidFen += e.OwedFen
	p.OwedFen += e.OwedFen
	p.done(AwaitMoney, itoa(e.Tranche))
	if len(p.Turns) == 0 {
		p.owe(ReportEnd, "")
	}
}
