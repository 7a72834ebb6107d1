package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
)

// A nil pointer, used only to name the activities of a payment.
var payments *activities.Payments

// disbursementStory is the workflow of one attempt to pay (付款) a tranche or the evaluator.
type disbursementStory struct{ runner }

// Disbursement is the workflow disbursement/{payment}. The money was reserved when the payment was opened. The workflow
// ensures that the payment is released, instructed and posted, or that the attempt is abandoned and the reservation
// cancelled. It reports the outcome to the payer, which decides whether to try again.
func Disbursement(ctx workflow.Context, start Start) error {
	d := &disbursementStory{newRunner(payment.Kind, start)}
	return d.run(ctx, d.stage)
}

// stage runs the part of the workflow for the payment's stage in the record.
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

// release (复核): two different officers release the payment, or one of them voids it. After release comes instruction,
// or window if the day is not a working day. If the project is terminated, the workflow stops the payment. Delays are
// escalated.
func (d *disbursementStory) release(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// window (等待付款日): payments are sent only on working days. Instruction follows at the start of the next working day.
// Until then, the payment can still be voided or stopped.
func (d *disbursementStory) window(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// instruction (付款指令): the workflow submits the order to the gateway. The payment's id is the reference, so if a
// response is lost, the workflow can inquire and never pays twice. If an officer pays by hand, confirmation follows. If
// a bank has the order or may have it, clearing follows. If the bank has already paid or refused, the payment is posted
// or voided.
func (d *disbursementStory) instruction(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Instruct: d.instruct})
}

// clearing (银行处理): the workflow inquires about the order by its reference, with growing pauses, until the bank has paid
// the money, refused to, or returned it. If the order never arrived, the workflow submits it again. Delays are
// escalated, and finance may then confirm the payment from its bank slip, or record that the money was returned.
func (d *disbursementStory) clearing(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.Inquire: d.inquire})
}

// confirmation (付款凭证): finance enters the voucher number, which posts the payment, or records that the bank returned
// the money. Delays are escalated.
func (d *disbursementStory) confirmation(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// posted (入账): the workflow reports to the payer. The bank may still return the money for some days, after which the
// payment is final. If it was made by a bank, the workflow first inquires once more.
func (d *disbursementStory) posted(ctx workflow.Context) error {
	return d.stay(ctx, work{payment.ReportPayment: d.reportPayment, payment.Inquire: d.inquire})
}

// end: the workflow reports to the payer, a project or a pilot, that the payment is final (最终确认), voided (作废) or
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

// pay opens the payment that a project or a pilot owes, and then starts the payment's workflow.
func (r *runner) pay(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	answer, err := r.act(ctx, recordWork, payments.Pay, duty)
	if err != nil || answer.Refused != "" {
		return answer, err
	}
	return answer, r.startChild(ctx, flow.Ref{Kind: payment.Kind, ID: duty.Subject})
}
