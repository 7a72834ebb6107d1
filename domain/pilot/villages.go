package pilot

import (
	"fmt"
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/project"
)

// RecordEnd reports to the pilot how one of its projects ended.
type RecordEnd struct {
	Project string `json:"project"`
	project.End
}

// RecordPayment reports to the pilot the outcome of a payment to the evaluator.
type RecordPayment struct{ payment.End }

func (r *RecordEnd) Check(p *Pilot, _ flow.Context) error {
	if !slices.ContainsFunc(p.Cases, func(q Case) bool { return q.Project == r.Project }) {
		return domain.Refuse("no-such-project", "project", "project", r.Project)
	}
	if _, ended := p.Ends[r.Project]; ended {
		return domain.Refuse("already-recorded", "project", "id", r.Project)
	}
	return nil
}

// Decide records how the project ended. The end of the last project completes the verdicts, and the payment to the evaluator falls
// due.
func (r *RecordEnd) Decide(p *Pilot, c flow.Context) []flow.Event {
	ended := []flow.Event{&VillageEnded{r.Project, recordedEnd(r.End)}}
	for _, q := range p.Cases {
		if q.Project != r.Project && p.underWay(q) {
			return ended
		}
	}
	return append(ended, p.complete(c))
}

func (p *Pilot) complete(c flow.Context) flow.Event {
	return &VerdictsComplete{
		Deadline: c.Deadline(c.Today(), payment.TrancheTerm),
		Summary:  c.By(c.Today(), c.Rules.Announcement.Value),
		Unpaid:   p.Evaluator.Fen > 0,
	}
}

// Check rejects an outcome that has already been recorded. Once the evaluator has been paid, it accepts only that the payment became
// final or that the money was sent back.
//
// Errors: already-recorded.
func (r *RecordPayment) Check(s *Pilot, _ flow.Context) error {
	paid := s.Contract.PaidFen > 0
	news := !paid || r.Outcome == payment.Returned || (r.Outcome == payment.Final && !s.Contract.Final)
	if r.Payment != s.contractPayment() || s.Contract.Attempt == 0 || !news {
		return domain.Refuse("already-recorded", "payment", "id", r.Payment)
	}
	return nil
}

func (r *RecordPayment) Decide(p *Pilot, c flow.Context) []flow.Event {
	again, paid := c.Deadline(c.Today(), payment.TrancheTerm), p.Contract.PaidFen > 0
	switch {
	case paid && r.Outcome == payment.Returned:
		return []flow.Event{&ContractReversed{Payment: r.Payment, Fen: p.Contract.PaidFen, Deadline: again}}
	case paid:
		return []flow.Event{&ContractFinal{Payment: r.Payment}}
	case !r.Paid():
		return []flow.Event{&ContractUnpaid{Payment: r.Payment, Outcome: r.Outcome, Deadline: again}}
	}
	events := []flow.Event{&ContractPaid{Payment: r.Payment, Fen: r.Fen, Deadline: c.By(c.Today(), c.Rules.Announcement.Value)}}
	switch {
	case r.Outcome == payment.Final:
		events = append(events, &ContractFinal{Payment: r.Payment})
	case r.Reversed:
		events = append(events, &ContractReversed{Payment: r.Payment, Fen: r.Fen, Deadline: again})
	}
	return events
}

func (p *Pilot) contractPayment() string {
	return contractOwner(p.ID) + "." + strconv.Itoa(p.Contract.Attempt)
}

// ProjectOpening returns the command that opens the project of an approved proposal.
func (p *Pilot) ProjectOpening(projectID string) (*project.OpenProject, error) {
	for i, q := range p.Cases {
		if q.Project == projectID && q.Status == CaseApproved {
			return &project.OpenProject{
				Pilot: p.ID, Programme: p.Programme, Home: p.Home, Proposal: p.Proposals[i],
				GrantFen: q.GrantFen, Evaluator: p.Evaluator.Organization, Deadline: q.Agreement,
			}, nil
		}
	}
	return nil, fmt.Errorf("pilot %s has no approved project %s", p.ID, projectID)
}

// PaymentOpening returns the command that opens the payment to the evaluator.
func (p *Pilot) PaymentOpening(paymentID string) (*payment.OpenPayment, error) {
	if paymentID != p.contractPayment() {
		return nil, fmt.Errorf("payment %s of pilot %s is not due", paymentID, p.ID)
	}
	return &payment.OpenPayment{
		Payer: flow.Ref{Kind: Kind, ID: p.ID}, Pilot: p.ID, Programme: p.Programme, Home: p.Home, Account: contractOwner(p.ID), Attempt: p.Contract.Attempt,
		Payee: p.Evaluator.Organization, AccountName: p.Evaluator.Name.ZH, Fen: p.Evaluator.Fen, Deadline: p.Contract.Deadline,
		Evaluator: p.Evaluator.CreditCode,
	}, nil
}

// VillageEnded records the end of one of the pilot's projects.
type VillageEnded struct {
	Project string `json:"project"`
	recordedEnd
}

func (e *VillageEnded) Apply(p *Pilot) {
	if p.Ends == nil {
		p.Ends = map[string]project.End{}
	}
	p.Ends[e.Project] = e.end()
}

// VerdictsComplete records that every project has ended, and sets the deadline for paying the evaluator if it is still owed
// anything.
type VerdictsComplete struct {
	Deadline flow.Deadline `json:"deadline"` // deadline for paying the evaluator
	Summary  flow.Deadline `json:"summary"`  // deadline for the self-evaluation, if the evaluator is owed nothing
	Unpaid   bool          `json:"unpaid"`
}

func (e *VerdictsComplete) Apply(p *Pilot) {
	if !e.Unpaid {
		p.toEvaluation(e.Summary)
		return
	}
	p.payContract(e.Deadline)
}

func (p *Pilot) payContract(d flow.Deadline) {
	p.Contract.Attempt++
	p.Contract.Deadline = d
	p.Owe(payment.Pay, p.contractPayment())
}

func (p *Pilot) toEvaluation(d flow.Deadline) {
	p.Enter(Evaluation)
	p.Open(AwaitSummary, "", d)
}

// ContractPaid records that the evaluator was paid.
type ContractPaid struct {
	Payment  string        `json:"payment"`
	Fen      money.Fen     `json:"fen"`
	Deadline flow.Deadline `json:"deadline"` // deadline for the self-evaluation
}

func (e *ContractPaid) Apply(p *Pilot) {
	p.Contract.PaidFen = e.Fen
	if p.Stage == Rollout {
		p.toEvaluation(e.Deadline)
	}
}

// ContractFinal records that the bank can no longer send back the money paid to the evaluator.
type ContractFinal struct {
	Payment string `json:"payment"`
}

func (e *ContractFinal) Apply(p *Pilot) {
	p.Contract.Final = true
	if p.Stage == Sealing {
		p.Owe(Seal, "")
	}
}

// ContractReversed records that the bank sent back the money paid to the evaluator after the payment was posted, so that the
// evaluator must be paid again.
type ContractReversed struct {
	Payment  string        `json:"payment"`
	Fen      money.Fen     `json:"fen"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ContractReversed) Apply(p *Pilot) {
	p.Contract.PaidFen = 0
	p.payContract(e.Deadline)
}

// ContractUnpaid records that the payment to the evaluator was voided or sent back, so that another attempt is needed.
type ContractUnpaid struct {
	Payment  string        `json:"payment"`
	Outcome  flow.Stage    `json:"outcome"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ContractUnpaid) Apply(p *Pilot) { p.payContract(e.Deadline) }
