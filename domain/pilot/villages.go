package pilot

import (
	"fmt"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// RecordEnd tells the pilot that one of its projects ended, and with what.
type RecordEnd struct {
	Project string `json:"project"`
	End
}

// End is how a project ended, with its money in fen.
type End struct {
	Outcome     Stage         `json:"outcome"` // closed, abandoned or terminated
	On          calendar.Date `json:"on"`
	AcceptedFen money.Fen     `json:"accepted_fen"` // accepted spending
	PaidFen     money.Fen     `json:"paid_fen"`
	RefundedFen money.Fen     `json:"refunded_fen"`
	OwedFen     money.Fen     `json:"owed_fen"` // to be recovered
	Score       int           `json:"score,omitempty"`
}

// RecordPayment tells the payer, pilot or project, how a payment ended.
type RecordPayment struct {
	Payment string    `json:"payment"`
	Outcome Stage     `json:"outcome"` // posted, voided, returned or final
	Fen     money.Fen `json:"fen"`
	// Reversed tells that the money came back after it was posted. The payer may not have heard of that yet: it books both.
	Reversed bool `json:"reversed,omitempty"`
}

// paid tells that the money went out, whether or not it came back.
func (r *RecordPayment) paid() bool { return r.Outcome == Posted || r.Outcome == Final || r.Reversed }

func (r *RecordEnd) check(p *Pilot, _ Context) error {
	if !slices.ContainsFunc(p.Cases, func(q Case) bool { return q.Project == r.Project }) {
		return domain.Refuse("no-such-project", "project", "project", r.Project)
	}
	if _, ended := p.Ends[r.Project]; ended {
		return domain.Refuse("already-recorded", "project", "id", r.Project)
	}
	return nil
}

// decide joins the villages on the record: with the last one's end the verdicts are
// complete and the evaluator is paid.
func (r *RecordEnd) decide(p *Pilot, c Context) []Event {
	ended := []Event{&VillageEnded{r.Project, r.End}}
	for _, q := range p.Cases {
		if q.Project != r.Project && p.underWay(q) {
			return ended
		}
	}
	return append(ended, p.complete(c))
}

func (p *Pilot) complete(c Context) Event {
	return &VerdictsComplete{
		Deadline: c.deadline(c.Today(), programme.TrancheTerm),
		Summary:  c.by(c.Today(), c.Rules.Announcement.Value),
		Unpaid:   p.Evaluator.Fen > 0,
	}
}

// check: of a payment that was paid, news is that it is final or came back.
func (r *RecordPayment) check(s *Pilot, _ Context) error {
	paid := s.Contract.PaidFen > 0
	news := !paid || r.Outcome == Returned || (r.Outcome == Final && !s.Contract.Final)
	if r.Payment != s.contractPayment() || s.Contract.Attempt == 0 || !news {
		return domain.Refuse("already-recorded", "payment", "id", r.Payment)
	}
	return nil
}

func (r *RecordPayment) decide(p *Pilot, c Context) []Event {
	again, paid := c.deadline(c.Today(), programme.TrancheTerm), p.Contract.PaidFen > 0
	switch {
	case paid && r.Outcome == Returned:
		return []Event{&ContractReversed{Payment: r.Payment, Fen: p.Contract.PaidFen, Deadline: again}}
	case paid:
		return []Event{&ContractFinal{Payment: r.Payment}}
	case !r.paid():
		return []Event{&ContractUnpaid{Payment: r.Payment, Outcome: r.Outcome, Deadline: again}}
	}
	events := []Event{&ContractPaid{Payment: r.Payment, Fen: r.Fen, Deadline: c.by(c.Today(), c.Rules.Announcement.Value)}}
	switch {
	case r.Outcome == Final:
		events = append(events, &ContractFinal{Payment: r.Payment})
	case r.Reversed:
		events = append(events, &ContractReversed{Payment: r.Payment, Fen: r.Fen, Deadline: again})
	}
	return events
}

func (p *Pilot) contractPayment() string { return contractOwner(p.ID) + "." + itoa(p.Contract.Attempt) }

// ProjectOpening is the command that brings an approved proposal's project into being.
func (p *Pilot) ProjectOpening(project string) (*OpenProject, error) {
	for i, q := range p.Cases {
		if q.Project == project && q.Status == CaseApproved {
			return &OpenProject{
				Pilot: p.ID, Programme: p.Programme, Home: p.Home, Proposal: p.Proposals[i],
				GrantFen: q.GrantFen, Evaluator: p.Evaluator.Organization, Deadline: q.Agreement,
			}, nil
		}
	}
	return nil, fmt.Errorf("pilot %s approved no project %s", p.ID, project)
}

// PaymentOpening is the command that opens the payment of the evaluator's contract.
func (p *Pilot) PaymentOpening(payment string) (*OpenPayment, error) {
	if payment != p.contractPayment() {
		return nil, fmt.Errorf("pilot %s owes no payment %s", p.ID, payment)
	}
	return &OpenPayment{
		Payer: Ref{PilotKind, p.ID}, Pilot: p.ID, Programme: p.Programme, Home: p.Home, Account: contractOwner(p.ID), Attempt: p.Contract.Attempt,
		Payee: p.Evaluator.Organization, AccountName: p.Evaluator.Name.ZH, Fen: p.Evaluator.Fen, Deadline: p.Contract.Deadline,
		Evaluator: p.Evaluator.CreditCode,
	}, nil
}

// VillageEnded means that one project ended; the pilot joins it on the record.
type VillageEnded struct {
	Project string `json:"project"`
	End
}

func (e *VillageEnded) apply(p *Pilot) {
	if p.Ends == nil {
		p.Ends = map[string]End{}
	}
	p.Ends[e.Project] = e.End
}

// VerdictsComplete means that every village ended; the evaluator's contract falls due.
type VerdictsComplete struct {
	Deadline Deadline `json:"deadline"` // of the evaluator's payment
	Summary  Deadline `json:"summary"`  // of the self-evaluation, where nothing is to be paid
	Unpaid   bool     `json:"unpaid"`
}

func (e *VerdictsComplete) apply(p *Pilot) {
	if !e.Unpaid {
		p.toEvaluation(e.Summary)
		return
	}
	p.payContract(e.Deadline)
}

func (p *Pilot) payContract(d Deadline) {
	p.Contract.Attempt++
	p.Contract.Deadline = d
	p.owe(Pay, p.contractPayment())
}

func (p *Pilot) toEvaluation(d Deadline) {
	p.enter(Evaluation)
	p.open(AwaitSummary, "", d)
}

// ContractPaid means that the evaluator has its money.
type ContractPaid struct {
	Payment  string    `json:"payment"`
	Fen      money.Fen `json:"fen"`
	Deadline Deadline  `json:"deadline"` // of the self-evaluation
}

func (e *ContractPaid) apply(p *Pilot) {
	p.Contract.PaidFen = e.Fen
	if p.Stage == Rollout {
		p.toEvaluation(e.Deadline)
	}
}

// ContractFinal means that the bank can send the evaluator's money back no more.
type ContractFinal struct {
	Payment string `json:"payment"`
}

func (e *ContractFinal) apply(p *Pilot) {
	p.Contract.Final = true
	if p.Stage == Sealing {
		p.owe(Seal, "")
	}
}

// ContractReversed means that the bank sent the evaluator's money back after it was posted; a new attempt begins.
type ContractReversed struct {
	Payment  string    `json:"payment"`
	Fen      money.Fen `json:"fen"`
	Deadline Deadline  `json:"deadline"`
}

func (e *ContractReversed) apply(p *Pilot) {
	p.Contract.PaidFen = 0
	p.payContract(e.Deadline)
}

// ContractUnpaid means that the payment was voided or came back; a new attempt begins.
type ContractUnpaid struct {
	Payment  string   `json:"payment"`
	Outcome  Stage    `json:"outcome"`
	Deadline Deadline `json:"deadline"`
}

func (e *ContractUnpaid) apply(p *Pilot) { p.payContract(e.Deadline) }
