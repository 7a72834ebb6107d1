package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
)

// The activities of a payment, for their names.
var payments *activities.Payments

// disbursementStory carries one attempt to pay one tranche, or the evaluator (拨付).
type disbursementStory struct{ runner }

// Disbursement is the workflow disbursement/{payment}. The money is reserved
// when the payment is opened; here it is released, instructed and posted, or the
// attempt is given up and the reservation falls back. The payer is told of each
// outcome, and decides about another attempt.
func Disbursement(ctx workflow.Context, start Start) error {
	d := &disbursementStory{newRunner(payment.Kind, start)}
	return d.run(ctx, d.stage)
}

// stage tells the part of the payment that the record says it is in.
func (d *disbursementStory) stage(ctx workflow.Context) error {
	switch d.news.Stage {
	case payment.Release:
		return d.release(ctx)
	case payment.Window:
		return d.window(ctx)
	case payment.Instruction:
		return d.instruction(ctx)
	case payment.Clearing:
		return d.clearing(ctx)
	case payment.Confirmation:
		return d.confirmation(ctx)
	case payment.Posted:
		return d.posted(ctx)
	case payment.Final, payment.Voided, payment.Returned:
		return d.end(ctx)
	default:
		return d.stay(ctx, nothing)
	}
}

// release (放款): two different officers give their word (→ instruction, or
// window on a day without work), or one voids the attempt. The workflow of a
// terminated project stops it. Overdue: escalated.
func (d *disbursementStory) release(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// window (付款窗口): payments go out on working days; the next one begins by
// itself (→ instruction). Until then the attempt can be voided or stopped.
func (d *disbursementStory) window(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// instruction (付款指令): the workflow hands the order to the gateway. The
// payment's id is the reference, so a lost answer is asked for and never paid
// twice. An officer may be the one who pays (→ confirmation), or a bank: it has
// the order or may have it (→ clearing), paid (→ posted) or refused (→ voided).
func (d *disbursementStory) instruction(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Instruct: d.instruct})
}

// clearing (银行处理): the workflow asks the bank by reference, ever more
// patiently, until it paid (→ posted), refused (→ voided) or sent the money back
// (→ returned); an order that never arrived it hands over again. Overdue:
// escalated, and finance may confirm by slip or record a return.
func (d *disbursementStory) clearing(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Inquire: d.inquire})
}

// confirmation (付款凭证): finance enters the voucher (→ posted), or notes that
// the bank sent the money back (→ returned). Overdue: escalated.
func (d *disbursementStory) confirmation(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// posted (入账): the payer is told. Banks send money back within some days
// (→ returned); when those have passed the payment is final, after the bank, where one
// paid, was asked once more.
func (d *disbursementStory) posted(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.ReportPayment: d.reportPayment, payment.Inquire: d.inquire})
}

// end: the workflow tells the payer, project or pilot, how the payment ended:
// final (清讫), voided (作废) or returned (退汇).
func (d *disbursementStory) end(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.ReportPayment: d.reportPayment})
}

func (d *disbursementStory) instruct(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return d.act(ctx, paymentWork, payments.Instruct, duty)
}

func (d *disbursementStory) inquire(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return d.act(ctx, paymentWork, payments.Inquire, duty)
}

func (d *disbursementStory) reportPayment(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return d.act(ctx, recordWork, payments.ReportPayment, duty)
}

// pay opens the payment that a pilot or a project owes, then starts its workflow.
func (r *runner) pay(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	answer, err := r.act(ctx, recordWork, payments.Pay, duty)
	if err != nil || answer.Refused != "" {
		return answer, err
	}
	return answer, r.startChild(ctx, flow.Ref{Kind: payment.Kind, ID: duty.Subject})
}
