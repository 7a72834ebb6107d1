package payment

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// BankOutcome is what a bank, or the officer who pays by hand, has made of an order.
type BankOutcome string

const (
	ByHand      BankOutcome = "by-hand"  // a person pays and enters the voucher
	Pending     BankOutcome = "pending"  // taken, not yet carried out
	BankPaid    BankOutcome = "paid"     // the payee's account was credited
	BankRefused BankOutcome = "refused"  // nothing moved and nothing will
	SentBack    BankOutcome = "returned" // paid, and the money came back (退汇)
	Unheard     BankOutcome = "unheard"  // the bank knows no order under the reference

	OutcomeUnknown BankOutcome = "unknown" // ours, of an answer that was lost: the bank is asked by reference
)

// BankAnswer is what a payment gateway answers about one order.
type BankAnswer struct {
	Outcome BankOutcome   `json:"outcome"`
	Fen     money.Fen     `json:"fen,omitempty"`    // that the bank has under the reference; 0 where it says nothing of it
	Number  string        `json:"number,omitempty"` // the bank's own, of the transaction
	On      calendar.Date `json:"on,omitzero"`      // the day the bank booked it
	Why     string        `json:"why,omitempty"`    // of a refusal or a return, in the bank's words; nothing personal
}

// ByHandGateway is the name of the gateway behind which an officer pays (凭证).
const ByHandGateway = "voucher"
