package activities

import (
	"context"

	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
)

// Gateway is the way money leaves: a bank, or an officer who pays by hand. An
// error means that the outcome is unknown: whoever called asks by reference and
// never guesses. Its text enters the workflow's history and may hold no personal
// data.
type Gateway interface {
	// Name is what the record notes as the way a payment took.
	Name() string
	// Instruct hands an order over. The same Order.Reference again brings the
	// answer to the first one and moves no money.
	Instruct(ctx context.Context, order Order) (payment.BankAnswer, error)
	// Ask tells what became of the order under the reference.
	Ask(ctx context.Context, reference string) (payment.BankAnswer, error)
}

// Order is what a gateway is asked to pay.
type Order struct {
	Reference     string // the payment's id
	Payee         plan.Organization
	AccountName   string // of the payee's bank account (开户名)
	AccountNumber string // personal data: never in a history or a log; empty where the record holds none
	Fen           money.Fen
}

// Voucher is the gateway of most offices: an officer pays by hand and enters
// the number of the voucher (付款凭证), which confirms the payment.
type Voucher struct{}

// Name is voucher.
func (Voucher) Name() string { return "voucher" }

// Instruct answers at once; what follows is the officer's work.
func (Voucher) Instruct(_ context.Context, order Order) (payment.BankAnswer, error) {
	return payment.BankAnswer{Outcome: payment.ByHand, Number: "voucher/" + order.Reference}, nil
}

// Ask answers that it is the officer's to tell.
func (v Voucher) Ask(ctx context.Context, reference string) (payment.BankAnswer, error) {
	return v.Instruct(ctx, Order{Reference: reference})
}
