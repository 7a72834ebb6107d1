package activities

import (
	"context"

	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
)

// Gateway is the way money is sent: a bank, or an officer who pays by hand. An error means that the outcome is unknown:
// the caller asks by reference and never guesses. The error's text enters the workflow's history and must not hold
// personal data.
type Gateway interface {
	// Name is what the record stores as the way a payment was sent.
	Name() string
	// Instruct submits an order. Submitting the same Order.Reference again returns the answer to the first order and
	// moves no money.
	Instruct(ctx context.Context, order Order) (payment.BankAnswer, error)
	// Ask returns what has become of the order with the reference.
	Ask(ctx context.Context, reference string) (payment.BankAnswer, error)
}

// Order is a request to pay.
type Order struct {
	Reference     string // the payment's id
	Payee         plan.Organization
	AccountName   string // of the payee's bank account (开户名)
	AccountNumber string // personal data: never in a history or a log; empty if the record holds none
	Fen           money.Fen
}

// Voucher is the gateway of most offices. An officer pays by hand and enters the number of the voucher (付款凭证), which
// confirms the payment.
type Voucher struct{}

// Name returns "voucher".
func (Voucher) Name() string { return "voucher" }

// Instruct answers at once: the officer does the rest.
func (Voucher) Instruct(_ context.Context, order Order) (payment.BankAnswer, error) {
	return payment.BankAnswer{Outcome: payment.ByHand, Number: "voucher/" + order.Reference}, nil
}

// Ask answers that only the officer can say.
func (v Voucher) Ask(ctx context.Context, reference string) (payment.BankAnswer, error) {
	return v.Instruct(ctx, Order{Reference: reference})
}
