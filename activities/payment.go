package activities

import (
	"context"
	"fmt"

	"terrace/domain/pilot"
)

// Payments are the activities of a payment (拨付) and of whoever owes it.
type Payments struct {
	Record  Record
	Gateway Gateway
}

// Pay reserves the money of one attempt: it brings the payment into being that
// a project owes for a tranche, or a pilot for its evaluator.
func (a *Payments) Pay(ctx context.Context, t Task) (Answer, error) {
	payer, err := a.Record.Load(ctx, t.Ref)
	if err != nil {
		return Answer{}, fault(err)
	}
	owing, ok := payer.(interface {
		PaymentOpening(payment string) (*pilot.OpenPayment, error)
	})
	if !ok {
		return Answer{}, fmt.Errorf("%s pays nothing", t.Ref)
	}
	opening, err := owing.PaymentOpening(t.Duty.Subject)
	if err != nil {
		return overtaken(ctx, a.Record, t, err)
	}
	payment := pilot.Ref{Kind: pilot.PaymentKind, ID: t.Duty.Subject}
	return send(ctx, a.Record, t.Ref, command(t.id("open"), payment, "open", opening), t.discharge())
}

// Instruct hands a released payment to the gateway. The payment's id is the
// reference: the gateway never pays it twice, however often it is asked.
func (a *Payments) Instruct(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*pilot.Payment](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	news, err := a.Record.News(ctx, t.Ref)
	if err != nil {
		return Answer{}, fault(err)
	}
	if !news.Owes(t.Duty) { // voided meanwhile, or instructed already
		return Answer{News: news, Refused: "no-such-duty"}, nil
	}
	answer, err := a.Gateway.Instruct(ctx, Order{
		Reference: p.ID, Payee: p.Payee, AccountName: p.AccountName, Fen: p.Fen,
	})
	if err != nil {
		return Answer{}, err
	}
	return send(ctx, a.Record, t.Ref, t.command("record-instruction", &pilot.RecordInstruction{Reference: answer.Number}))
}

// ReportPayment tells the payer how its payment ended: posted, voided or returned.
func (a *Payments) ReportPayment(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*pilot.Payment](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	return send(ctx, a.Record, t.Ref, command(t.id("record-payment"), p.Payer, "record-payment", p.Ending()), t.discharge())
}
