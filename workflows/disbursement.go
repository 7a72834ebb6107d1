package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
)

// The activities of a payment, used only by name.
var payments *activities.Payments

// disbursementStory carries one attempt to pay one tranche or the evaluator (付款).
type disbursementStory struct{ runner }

// Disbursement is the workflow disbursement/{payment}. The money is reserved when the payment is opened. The workflow
// has it released, instructed and posted, or ends with the attempt given up and the reservation cancelled. It reports
// each outcome to the payer, which decides whether to try again.
func Disbursement(ctx workflow.Context, start Start) error {
	d := &disbursementStory{newRunner(payment.Kind, start)}
	return d.run(ctx, d.stage)
}

// stage runs the part of the workflow for the stage on record.
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

// release (复核): two different officers release the payment (→ instruction, or window on a non-working day), or one voids
// the attempt. The workflow of a terminated project stops it. Overdue: escalated.
func (d *disbursementStory) release(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// window (等待付款日): payments go out on working days. The next one starts by itself (→ instruction). Until then the attempt
// can be voided or stopped.
func (d *disbursementStory) window(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// instruction (付款指令): the workflow submits the order to the gateway. The payment's id is the reference, so after a lost
// answer the workflow asks and never pays twice. Either an officer pays (→ confirmation), or a bank has the order or may
// have it (→ clearing), has paid it (→ posted) or has refused it (→ voided).
func (d *disbursementStory) instruction(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Instruct: d.instruct})
}

// clearing (银行处理): the workflow asks the bank by reference, with growing pauses, until the bank has paid (→ posted),
// refused (→ voided) or sent the money back (→ returned). If an order never arrived, the workflow submits it again.
// Overdue: escalated, and finance may confirm by slip or record a return.
func (d *disbursementStory) clearing(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Inquire: d.inquire})
}

// confirmation (付款凭证): finance enters the voucher (→ posted), or records that the bank sent the money back (→ returned).
// Overdue: escalated.
func (d *disbursementStory) confirmation(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// posted (入账): the workflow reports to the payer. For some days the bank may still send the money back (→ returned).
// After those days, and after one last inquiry if a bank paid, the payment is final.
func (d *disbursementStory) posted(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.ReportPayment: d.reportPayment, payment.Inquire: d.inquire})
}

// end: the workflow reports to the payer, a project or a pilot, how the payment ended: final (最终确认), voided (作废) or
// returned (退汇).
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
