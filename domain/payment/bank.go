package payment

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// BankOutcome is what became of a payment order, according to the bank or to the officer who pays by hand.
type BankOutcome string

const (
	ByHand      BankOutcome = "by-hand"  // an officer pays by hand and enters the voucher
	Pending     BankOutcome = "pending"  // the bank accepted the order and has not carried it out yet
	BankPaid    BankOutcome = "paid"     // the bank credited the payee's account
	BankRefused BankOutcome = "refused"  // the bank paid nothing and never will
	SentBack    BankOutcome = "returned" // the bank paid, and the money came back (退汇)
	Unheard     BankOutcome = "unheard"  // the bank knows of no order with this reference

	OutcomeUnknown BankOutcome = "unknown" // the bank's answer was lost, so Terrace asks again by reference
)

// BankAnswer is what a payment gateway answers about one order.
type BankAnswer struct {
	Outcome BankOutcome   `json:"outcome"`
	Fen     money.Fen     `json:"fen,omitempty"`    // amount of the order according to the bank; 0 if it does not say
	Number  string        `json:"number,omitempty"` // the bank's own number for the transaction
	On      calendar.Date `json:"on,omitzero"`      // the day on which the bank booked it
	Why     string        `json:"why,omitempty"`    // the bank's reason for a refusal or a return, in its own words, without personal data
}

// ByHandGateway is the name of the gateway for payments that an officer makes by hand, against a voucher (凭证).
const ByHandGateway = "voucher"
