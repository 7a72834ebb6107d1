package activities

import (
	"context"

	"terrace/domain/money"
	"terrace/domain/pilot"
)

// Gateway is the way money leaves: a bank, or an officer who pays by hand.
type Gateway interface {
	// Instruct hands an order over and answers with the gateway's own reference.
	// The same Order.Reference again brings the same answer and moves no money:
	// when an outcome is unknown, asking again must be safe. An error's text
	// enters the workflow's history and may hold no personal data.
	Instruct(ctx context.Context, order Order) (reference string, err error)
}

// Order is what a gateway is asked to pay.
type Order struct {
	Reference   string // the payment's id
	Payee       pilot.Organization
	AccountName string // of the payee's bank account (开户名)
	Fen         money.Fen
}

// Voucher is the gateway of most offices: an officer pays by hand and enters
// the number of the voucher (付款凭证), which confirms the payment.
type Voucher struct{}

// Instruct answers at once; what follows is the officer's work.
func (Voucher) Instruct(_ context.Context, order Order) (string, error) {
	return "voucher/" + order.Reference, nil
}
