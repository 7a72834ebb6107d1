package desk

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/postgres"
)

// Pilots returns a page of the pilots that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) Pilots(ctx context.Context, f postgres.PilotFilter) (postgres.Page[postgres.PilotRow], error) {
	f.Reader = d.reader
	return d.record.Pilots(ctx, f)
}

// Projects returns a page of the projects that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) Projects(ctx context.Context, f postgres.ProjectFilter) (postgres.Page[postgres.ProjectRow], error) {
	f.Reader = d.reader
	return d.record.Projects(ctx, f)
}

// Payments returns a page of the payments that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) Payments(ctx context.Context, f postgres.PaymentFilter) (postgres.Page[postgres.PaymentRow], error) {
	f.Reader = d.reader
	return d.record.Payments(ctx, f)
}

// Recoveries returns a page of the recoveries that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) Recoveries(ctx context.Context, f postgres.RecoveryFilter) (postgres.Page[postgres.RecoveryRow], error) {
	f.Reader = d.reader
	return d.record.Recoveries(ctx, f)
}

// Differences returns a page of the differences that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) Differences(ctx context.Context, f postgres.DifferenceFilter) (postgres.Page[postgres.DifferenceRow], error) {
	f.Reader = d.reader
	return d.record.Differences(ctx, f)
}

// Turns returns a page of open waits by due day: the person's own, those of their seats, or other people's on
// aggregates that they may see.
//
// Errors: bad-cursor.
func (d *Desk) Turns(ctx context.Context, f postgres.TurnFilter) (postgres.Page[postgres.TurnRow], error) {
	f.Reader, f.Held = d.reader, flow.SeatsHeld(d.Actor, f.Whose == flow.Seats)
	return d.record.Turns(ctx, f)
}

// BankStatements returns a page of the bank statements of the offices that the person may see.
//
// Errors: bad-cursor.
func (d *Desk) BankStatements(ctx context.Context, f postgres.BankStatementFilter) (postgres.Page[postgres.BankStatement], error) {
	f.Reader = d.reader
	return d.record.BankStatements(ctx, f)
}

// Instructed is a payment of the person's own office with the payee's account number. Only finance gets the number.
type Instructed struct {
	*payment.Payment
	AccountNumber string
}

// PaymentsInstructed returns the payments of the person's office that were instructed on a day and are not posted yet.
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
		if d.Actor.Has(domain.Finance) {
			if all[i].AccountNumber, err = d.record.AccountNumber(ctx, d.reader, all[i].Payer); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}
