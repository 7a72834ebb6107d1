package activities

import (
	"context"
	"fmt"
	"slices"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/project"
)

// Payments holds the activities of a payment (付款), and those of the projects and pilots that owe one.
type Payments struct {
	Record  Record
	Gateway Gateway
}

// Pay opens a payment of a tranche or of an evaluator's fee, as owed by the project or pilot, and thereby reserves the
// money for one attempt to pay.
func (a *Payments) Pay(ctx context.Context, t Task) (Answer, error) {
	payer, err := a.Record.Load(ctx, t.Ref)
	if err != nil {
		return Answer{}, fault(err)
	}
	owing, ok := payer.(interface {
		PaymentOpening(payment string) (*payment.OpenPayment, error)
	})
	if !ok {
		return Answer{}, fmt.Errorf("%s makes no payments", t.Ref)
	}
	opening, err := owing.PaymentOpening(t.Duty.Subject)
	if err != nil {
		return overtaken(ctx, a.Record, t, err)
	}
	payment := flow.Ref{Kind: payment.Kind, ID: t.Duty.Subject}
	return send(ctx, a.Record, t.Ref, command(t.id("open"), payment, "open", opening), t.discharge())
}

// Instruct submits a released payment to the gateway, unless the record no longer requires this. The payment's id is
// the reference, so the gateway pays once, however often the order is submitted. If the gateway's response is lost,
// Instruct asks for the outcome of the order. If there is no response to that either, it records the outcome as
// unknown, so that officers see it, and the workflow later has to inquire.
func (a *Payments) Instruct(ctx context.Context, t Task) (Answer, error) {
	return a.consult(ctx, t, a.instruct)
}

// Inquire asks the gateway for the outcome of an order for as long as the record requires it: until the order has been
// carried out or refused, and once more before the payment becomes final. A response without news counts as a fault, so
// that Temporal retries the activity.
func (a *Payments) Inquire(ctx context.Context, t Task) (Answer, error) {
	return a.consult(ctx, t, a.inquire)
}

// consult asks the gateway about a payment that still owes the duty, and records the response. The record rejects the
// response if the payment has changed since the gateway was asked.
func (a *Payments) consult(ctx context.Context, t Task, ask func(context.Context, *payment.Payment) (payment.BankAnswer, error)) (Answer, error) {
	p, err := load[*payment.Payment](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	if !slices.Contains(p.Duties, t.Duty) { // voided meanwhile, or the bank has already answered
		return overtaken(ctx, a.Record, t, fmt.Errorf("%s has changed meanwhile", t.Ref))
	}
	if p.Gateway != "" && p.Gateway != a.Gateway.Name() {
		return Answer{}, fmt.Errorf("%s was sent through the gateway %s, but this worker uses %s and cannot find out what became of it", t.Ref, p.Gateway, a.Gateway.Name())
	}
	answer, err := ask(ctx, p)
	if err != nil {
		return Answer{}, err
	}
	id := t.id("record-instruction") + "/" + string(answer.Outcome)
	cmd := command(id, t.Ref, "record-instruction", &payment.RecordInstruction{Gateway: a.Gateway.Name(), Answer: answer})
	cmd.IfVersion = p.Version
	return send(ctx, a.Record, t.Ref, cmd)
}

func (a *Payments) instruct(ctx context.Context, p *payment.Payment) (payment.BankAnswer, error) {
	order, err := a.order(ctx, p)
	if err != nil {
		return payment.BankAnswer{}, err
	}
	answer, lost := a.Gateway.Instruct(ctx, order)
	if lost == nil {
		return answer, nil
	}
	answer, err = a.ask(ctx, p)
	switch {
	case ctx.Err() != nil:
		return answer, ctx.Err()
	case err != nil:
		activity.GetLogger(ctx).Warn("the bank does not say what became of an order", "payment", p.ID, "error", err)
		return payment.BankAnswer{Outcome: payment.OutcomeUnknown}, nil
	case answer.Outcome == payment.Unheard && activity.GetInfo(ctx).Attempt < patience:
		return answer, lost // retried under the same reference
	case answer.Outcome == payment.Unheard: // officers see the problem; the bank is still instructed and asked
		return payment.BankAnswer{Outcome: payment.OutcomeUnknown}, nil
	}
	return answer, nil
}

// patience is the number of failed attempts to instruct a bank after which the outcome is recorded as unknown, so that
// officers see it.
const patience = 5

// ask asks the bank about the payment's order by its reference. It returns an error if the bank has an order for
// another amount under that reference.
func (a *Payments) ask(ctx context.Context, p *payment.Payment) (payment.BankAnswer, error) {
	answer, err := a.Gateway.Ask(ctx, p.ID)
	if err == nil && answer.Fen != 0 && answer.Fen != p.Fen {
		err = fmt.Errorf("the bank has an order for another amount under the reference %s", p.ID)
	}
	return answer, err
}

func (a *Payments) inquire(ctx context.Context, p *payment.Payment) (payment.BankAnswer, error) {
	answer, err := a.ask(ctx, p)
	if err == nil && answer.Outcome == payment.Unheard && p.Stage == payment.Clearing { // the order never arrived
		var order Order
		if order, err = a.order(ctx, p); err == nil {
			answer, err = a.Gateway.Instruct(ctx, order)
		}
	}
	if err == nil && !tells(answer.Outcome, p) {
		err = temporal.NewApplicationErrorWithOptions(fmt.Sprintf("the bank says %q of %s, which is %s", answer.Outcome, p.ID, p.Stage),
			"no-news", temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
	}
	return answer, err
}

// tells reports whether a gateway's response is news about the payment. While the payment is in clearing, it is news
// that the bank paid, refused or returned the order, or that it has received an order whose outcome was unknown. After
// that, the only news is whether the bank returned the money.
func tells(outcome payment.BankOutcome, p *payment.Payment) bool {
	switch outcome {
	case payment.BankPaid, payment.SentBack:
		return true
	case payment.BankRefused:
		return p.Stage == payment.Clearing
	case payment.Pending:
		return p.Stage == payment.Clearing && p.Unknown
	default:
		return false
	}
}

// order builds the order for the gateway. It is the only code here that reads an account number. The record has none
// for the evaluator's contract.
func (a *Payments) order(ctx context.Context, p *payment.Payment) (Order, error) {
	o := Order{Reference: p.ID, Payee: p.Payee, AccountName: p.AccountName, Fen: p.Fen}
	if p.Payer.Kind != project.Kind {
		return o, nil
	}
	var err error
	o.AccountNumber, err = a.Record.AccountNumber(ctx, p.Payer.ID)
	return o, err
}

// ReportPayment reports a payment's outcome to its payer. Each outcome is a separate duty, whose subject names it.
func (a *Payments) ReportPayment(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*payment.Payment](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	p.Stage = flow.Stage(t.Duty.Subject)
	id := t.id("record-payment")
	if p.Reversed { // a reversal may come between two tries, and different content needs a different command id
		id += "/reversed"
	}
	return send(ctx, a.Record, t.Ref, command(id, p.Payer, "record-payment", catalogue.PaymentReport(p)), t.discharge())
}

// StopPayment stops a payment of a terminated project. If the bank already has the order, the payment continues and
// later reports its outcome to the project.
func (a *Payments) StopPayment(ctx context.Context, t Task) (Answer, error) {
	paymentRef := flow.Ref{Kind: payment.Kind, ID: t.Duty.Subject}
	answer, err := send(ctx, a.Record, t.Ref, command(t.id("stop"), paymentRef, "stop", &payment.StopPaymentOrder{}))
	if err != nil || (answer.Refused != "" && answer.Refused != "wrong-stage") {
		return answer, err
	}
	return send(ctx, a.Record, t.Ref, t.discharge())
}
