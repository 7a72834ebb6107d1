package rules

import (
	"fmt"
	"go/ast"
	"strings"

	"terrace/domain/money"
	"terrace/domain/pilot"
)

// accounts are the ledger's, in the order money goes through them.
var accounts = []string{"Appropriation", "Available", "Commitment", "Transit", "Advance", "Spent", "Refunded", "Receivable"}

// sample is an event with a state after it, whose amounts tell which is which.
type sample struct {
	state  pilot.State
	event  pilot.Event
	when   string   // where the same event books differently
	amount []string // in words, posting by posting
}

const pilotID, projectID = "pilot", "project"

func contract() pilot.OpenPayment {
	return pilot.OpenPayment{Payer: pilot.Ref{Kind: pilot.PilotKind}, Pilot: pilotID, Account: "contract", Fen: 1}
}

func tranche() pilot.OpenPayment {
	return pilot.OpenPayment{Payer: pilot.Ref{Kind: pilot.ProjectKind}, Pilot: pilotID, Account: projectID, Fen: 1}
}

// samples are all events that move money.
func samples() []sample {
	p := &pilot.Pilot{Application: pilot.Application{RequestedFen: 1, Evaluator: pilot.Evaluating{Fen: 1}}}
	pilot.SetID(p, pilotID)
	open := &pilot.Project{Pilot: pilotID, PaidFen: 1}
	settled := &pilot.Project{Pilot: pilotID, Settled: true}
	pilot.SetID(open, projectID)
	pilot.SetID(settled, projectID)
	grants := []pilot.Grant{{Project: projectID, Fen: 1}}
	return []sample{
		{p, &pilot.PilotApproved{First: true, Grants: grants}, "the first approval", []string{"the fund's money, as asked for", "the evaluator's contract", "each project's grant"}},
		{p, &pilot.PilotApproved{Grants: grants}, "a later approval", []string{"each project's grant"}},
		{&pilot.Payment{}, &pilot.PaymentOpened{OpenPayment: tranche()}, "", []string{"the payment"}},
		{&pilot.Payment{OpenPayment: tranche()}, &pilot.PaymentPosted{}, "a tranche", []string{"the payment"}},
		{&pilot.Payment{OpenPayment: contract()}, &pilot.PaymentPosted{}, "the evaluator's contract", []string{"the payment"}},
		{&pilot.Payment{OpenPayment: tranche()}, &pilot.PaymentVoided{}, "", []string{"the payment"}},
		{&pilot.Payment{OpenPayment: tranche()}, &pilot.PaymentReturned{}, "", []string{"the payment"}},
		{open, &pilot.SettlementAccepted{AcceptedFen: 1, ReleasedFen: 1}, "", []string{"accepted spending, at most what was paid", "what is left of the grant after the last tranche"}},
		{settled, &pilot.TranchePaid{Fen: 1}, "the last tranche, whose spending was accepted", []string{"the tranche"}},
		{open, &pilot.TranchePaid{Fen: 1}, "any other tranche", nil},
		{open, &pilot.RefundRecorded{Fen: 1}, "", []string{"unspent money"}},
		{open, &pilot.ProjectAbandoned{ReleasedFen: 1}, "", []string{"the whole grant"}},
		{open, &pilot.ProjectTerminated{ReleasedFen: 1, OwedFen: 1}, "", []string{"what was promised and is neither paid nor under way", "what was paid"}},
		{open, &pilot.StrayPaymentEnded{ReleasedFen: 1}, "voided or returned", []string{"the payment"}},
		{open, &pilot.StrayPaymentEnded{OwedFen: 1}, "paid all the same", []string{"the payment"}},
	}
}

// ledgerPage is docs/ledger.md: the accounts, and what each event moves between them.
func (b Book) ledgerPage() (string, error) {
	p := begin("Ledger 账目",
		"Money is booked in whole fen, double entry, in the transaction that records the decision ([`domain/pilot/ledger.go`](../domain/pilot/ledger.go)). "+
			"Entries are never changed or deleted; the database refuses an entry that does not sum to zero, and an overdrawn account other than the appropriation.",
		"A balance is debits less credits. The sum over all accounts is always zero.",
		"## Accounts 科目")
	p.table("Account", "What it holds")
	for _, name := range accounts {
		about, err := b.Source.comment(name)
		if err != nil {
			return "", err
		}
		p.row(mono(strings.ToLower(name)), about)
	}
	p.line("\n## Postings 分录\n")
	p.table("Event", "From (credit)", "To (debit)", "Amount")
	for _, s := range samples() {
		if err := s.show(p); err != nil {
			return "", err
		}
	}
	return p.String(), nil
}

// show writes the event's postings as the ledger makes them.
func (s sample) show(p *page) error {
	postings := pilot.Postings(s.state, s.event)
	if len(postings) != len(s.amount) {
		return fmt.Errorf("ledger: %T books %d postings, the page describes %d", s.event, len(postings), len(s.amount))
	}
	title := beside(pilot.TypeOf(s.state.Kind(), s.event).Title)
	if s.when != "" {
		title += "<br>(" + s.when + ")"
	}
	if len(postings) == 0 {
		p.row(title, "", "", "nothing: it was booked when its payment was confirmed")
	}
	for i, posting := range postings {
		if posting.Fen != money.Fen(1) {
			return fmt.Errorf("ledger: %T books %d fen of 1", s.event, posting.Fen)
		}
		p.row(title, side(posting.Credit), side(posting.Debit), s.amount[i])
		title = ""
	}
	return nil
}

var owners = map[string]string{pilotID: "the pilot's", projectID: "the project's", "contract": "the contract's", pilotID + ".e": "the contract's"}

func side(a pilot.Account) string { return owners[a.Owner] + " " + mono(a.Name) }

// comment is what stands beside a constant.
func (s *Source) comment(constant string) (string, error) {
	found, err := s.find(home, constant)
	if err != nil {
		return "", err
	}
	if spec, ok := found.(*ast.ValueSpec); ok && spec.Comment != nil {
		return strings.TrimSpace(spec.Comment.Text()), nil
	}
	return "", fmt.Errorf("nothing stands beside %s", constant)
}
