package payment

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// BankOutcome is the outcome of a payment order, according to the bank or to the officer who pays by hand.
type BankOutcome string

const (
	ByHand      BankOutcome = "by-hand"  // an officer pays by hand and enters the voucher
	Pending     BankOutcome = "pending"  // the bank has accepted the order but not yet executed it
	BankPaid    BankOutcome = "paid"     // the bank credited the payee's account
	BankRefused BankOutcome = "refused"  // the bank refused the order, and will never execute it
	SentBack    BankOutcome = "returned" // the bank paid, but the money was sent back (退汇)
	Unheard     BankOutcome = "unheard"  // the bank has no order with this reference

	OutcomeUnknown BankOutcome = "unknown" // the bank's response was lost, so Terrace asks again by reference
)

// BankAnswer is a payment gateway's response about an order.
type BankAnswer struct {
	Outcome BankOutcome   `json:"outcome"`
	Fen     money.Fen     `json:"fen,omitempty"`    // amount of the order according to the bank; 0 if not given
	Number  string        `json:"number,omitempty"` // bank's transaction number
	On      calendar.Date `json:"on,omitzero"`      // date on which the bank booked the transaction
	Why     string        `json:"why,omitempty"`    // bank's reason for refusing the order or returning the money, verbatim but without personal data
}

// ByHandGateway is the name of the gateway for payments that an officer makes by hand and confirms with a voucher (凭证).
const ByHandGateway = "voucher"

// GatewayName returns the display name of a gateway, or an empty text for no gateway. All but one of them are banks.
func GatewayName(gateway string) domain.Text {
	switch gateway {
	case "":
		return domain.Text{}
	case ByHandGateway:
		return domain.T("凭证付款（人工办理）", "by hand, with a voucher")
	default:
		return domain.T("银行接口", "through the bank")
	}
}
