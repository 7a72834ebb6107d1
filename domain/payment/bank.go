package payment

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// BankOutcome is what became of an order, according to the bank or to the officer who pays by hand.
type BankOutcome string

const (
	ByHand      BankOutcome = "by-hand"  // a person pays and enters the voucher
	Pending     BankOutcome = "pending"  // accepted, not yet carried out
	BankPaid    BankOutcome = "paid"     // the payee's account was credited
	BankRefused BankOutcome = "refused"  // nothing was paid and nothing will be
	SentBack    BankOutcome = "returned" // paid, and the money came back (退汇)
	Unheard     BankOutcome = "unheard"  // the bank knows of no order with the reference

	OutcomeUnknown BankOutcome = "unknown" // our own: the answer was lost, so the bank is asked by reference
)

// BankAnswer is a payment gateway's answer about one order.
type BankAnswer struct {
	Outcome BankOutcome   `json:"outcome"`
	Fen     money.Fen     `json:"fen,omitempty"`    // the order's amount at the bank; 0 if it does not say
	Number  string        `json:"number,omitempty"` // the bank's own number of the transaction
	On      calendar.Date `json:"on,omitzero"`      // the day the bank booked it
	Why     string        `json:"why,omitempty"`    // of a refusal or a return, in the bank's words; no personal data
}

// ByHandGateway is the name of the gateway for payments that an officer makes by hand (凭证).
const ByHandGateway = "voucher"
