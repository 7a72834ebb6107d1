package activities

import (
	"context"

	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
)

// Gateway is the means of sending money: a bank, or an officer who pays by hand. An error means that the outcome is
// unknown; the caller must then ask about the order by its reference and never guess. The text of an error enters the
// workflow's history, so it must not contain personal data.
type Gateway interface {
	// Name returns the gateway's name in the record.
	Name() string
	// Instruct submits an order. Submitting the same Order.Reference again returns the response to the first order and
	// moves no money.
	Instruct(ctx context.Context, order Order) (payment.BankAnswer, error)
	// Ask returns the outcome of the order with the given reference.
	Ask(ctx context.Context, reference string) (payment.BankAnswer, error)
}

// Order is a payment order for the gateway.
type Order struct {
	Reference     string // the id of the payment
	Payee         plan.Organization
	AccountName   string // the name on the payee's bank account (开户名)
	AccountNumber string // personal data, which must never enter a history or a log; empty if the record has no number
	Fen           money.Fen
}

// Voucher is the gateway for offices that pay by hand, which most do: an officer makes the payment and then enters the
// number of its voucher (付款凭证) as confirmation.
type Voucher struct{}

// Name returns "voucher", the gateway's name in the record.
func (Voucher) Name() string { return "voucher" }

// Instruct responds at once that the payment is made by hand, and leaves the rest to an officer.
func (Voucher) Instruct(_ context.Context, order Order) (payment.BankAnswer, error) {
	return payment.BankAnswer{Outcome: payment.ByHand, Number: "voucher/" + order.Reference}, nil
}

// Ask gives the same response as Instruct, because only the officer knows whether the payment was made.
func (v Voucher) Ask(ctx context.Context, reference string) (payment.BankAnswer, error) {
	return v.Instruct(ctx, Order{Reference: reference})
}
