package pilot

import "terrace/domain/money"

// Account is an account of the double-entry ledger. Its owner is a pilot or a
// project, its name what the money there is.
type Account struct {
	Owner string `json:"owner"` // aggregate id
	Name  string `json:"name"`
}

// The accounts of the ledger. A balance is debits less credits: appropriation
// is the source and runs negative, every other account holds money.
const (
	Appropriation = "appropriation" // of a pilot: what the fund gave (福彩公益金拨款)
	Available     = "available"     // of a pilot: given and not committed
	Commitment    = "commitment"    // of a project or the evaluator's contract: promised and not paid (承诺)
	Transit       = "transit"       // of a payment's owner: handed out for payment, not yet confirmed (在途)
	Advance       = "advance"       // of a project: paid to the organization, spending not yet accepted (预付)
	Spent         = "spent"         // accepted spending (核定支出)
	Refunded      = "refunded"      // of a pilot: unspent money returned (结余退回)
	Receivable    = "receivable"    // of a project: to be recovered (应追回)
)

// Posting moves an amount from one account to another; an event's postings are
// written in the transaction that records it.
type Posting struct {
	Credit Account   `json:"credit"` // from
	Debit  Account   `json:"debit"`  // to
	Fen    money.Fen `json:"fen"`
}

// contractOwner is the owner of the evaluator's accounts.
func contractOwner(pilot string) string { return pilot + ".e" }

// Postings tells what an event moves in the ledger; s is the state after it.
func Postings(s State, e Event) []Posting {
	move := func(fen money.Fen, fromOwner, from, toOwner, to string) []Posting {
		if fen == 0 {
			return nil
		}
		return []Posting{{Account{fromOwner, from}, Account{toOwner, to}, fen}}
	}
	switch e := e.(type) {
	case *PilotApproved:
		return approvalPostings(s.(*Pilot), e, move)
	case *PaymentOpened:
		return move(e.Fen, e.Account, Commitment, e.Account, Transit)
	case *PaymentPosted:
		p := s.(*Payment)
		if p.Payer.Kind == PilotKind { // the evaluator's contract is spent when it is paid
			return move(p.Fen, p.Account, Transit, p.Account, Spent)
		}
		return move(p.Fen, p.Account, Transit, p.Account, Advance)
	case *PaymentVoided, *PaymentReturned:
		p := s.(*Payment)
		return move(p.Fen, p.Account, Transit, p.Account, Commitment)
	case *SettlementAccepted:
		p := s.(*Project)
		return append(
			move(min(e.AcceptedFen, p.PaidFen), p.ID, Advance, p.ID, Spent),
			move(e.ReleasedFen, p.ID, Commitment, p.Pilot, Available)...)
	case *TranchePaid:
		p := s.(*Project)
		if p.Settled { // the last tranche pays spending that was accepted already
			return move(e.Fen, p.ID, Advance, p.ID, Spent)
		}
	case *RefundRecorded:
		p := s.(*Project)
		return move(e.Fen, p.ID, Advance, p.Pilot, Refunded)
	case *ProjectAbandoned:
		p := s.(*Project)
		return move(e.ReleasedFen, p.ID, Commitment, p.Pilot, Available)
	case *ProjectTerminated:
		p := s.(*Project)
		return append(
			move(e.ReleasedFen, p.ID, Commitment, p.Pilot, Available),
			move(e.OwedFen, p.ID, Advance, p.ID, Receivable)...)
	case *StrayPaymentEnded:
		p := s.(*Project)
		return append(
			move(e.ReleasedFen, p.ID, Commitment, p.Pilot, Available),
			move(e.OwedFen, p.ID, Advance, p.ID, Receivable)...)
	}
	return nil
}

func approvalPostings(p *Pilot, e *PilotApproved, move func(money.Fen, string, string, string, string) []Posting) []Posting {
	var all []Posting
	if e.First {
		all = append(all, move(p.RequestedFen, p.ID, Appropriation, p.ID, Available)...)
		all = append(all, move(p.Evaluator.Fen, p.ID, Available, contractOwner(p.ID), Commitment)...)
	}
	for _, g := range e.Grants {
		all = append(all, move(g.Fen, p.ID, Available, g.Project, Commitment)...)
	}
	return all
}
