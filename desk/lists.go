package desk

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/postgres"
)

// Page returns a page of a list, containing only rows that the user may see.
//
// Errors: bad-cursor.
func Page[R any](ctx context.Context, d *Desk, l postgres.Listed[R], f postgres.Filter) (postgres.Page[R], error) {
	f.Reader = d.reader
	return l.Page(ctx, d.record, f)
}

// Turns returns a page of open waits, ordered by due date: those that wait for the user, for their office, organization
// or village, or for others in records that the user may see.
//
// Errors: bad-cursor.
func (d *Desk) Turns(ctx context.Context, f postgres.TurnFilter) (postgres.Page[postgres.TurnRow], error) {
	f.Reader, f.Held, f.Done = d.reader, flow.SeatsHeld(d.Actor, f.Whose == flow.Seats), flow.DoneBy(d.Actor.ID)
	return d.record.Turns(ctx, f)
}

// BankStatements returns a page of bank statements from the offices whose statements the user may see.
//
// Errors: bad-cursor.
func (d *Desk) BankStatements(ctx context.Context, f postgres.BankStatementFilter) (postgres.Page[postgres.BankStatement], error) {
	f.Reader = d.reader
	return d.record.BankStatements(ctx, f)
}

// Instructed is a payment by the user's own office. It includes the payee's account number if the user is a finance
// officer.
type Instructed struct {
	*payment.Payment
	AccountNumber string
}

// PaymentsInstructed returns the payments by the user's office that were instructed on the given date and have not been
// posted.
func (d *Desk) PaymentsInstructed(ctx context.Context, day calendar.Date) ([]Instructed, error) {
	rows, err := d.record.PaymentsInstructed(ctx, d.reader, day)
	if err != nil {
		return nil, err
	}
	all := make([]Instructed, len(rows))
	for i, r := range rows {
		s, err := d.ReadWhole(ctx, flow.Ref{Kind: payment.Kind, ID: r.ID})
		if err != nil {
			return nil, err
		}
		all[i].Payment = s.State.(*payment.Payment)
		if all[i].AccountNumber, err = d.AccountNumber(ctx, all[i].Payment); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// AccountNumber returns the payee's account number if the user is a finance officer of the paying office, and otherwise an
// empty string.
func (d *Desk) AccountNumber(ctx context.Context, p *payment.Payment) (string, error) {
	if !d.Actor.Has(domain.Finance) {
		return "", nil
	}
	return d.record.AccountNumber(ctx, d.reader, p.Payer)
}
