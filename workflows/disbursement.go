package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/pilot"
)

// The activities of a payment, for their names.
var payments *activities.Payments

// disbursementStory carries one attempt to pay one tranche, or the evaluator (拨付).
type disbursementStory struct{ runner }

// Disbursement is the workflow disbursement/{payment}. The money is reserved
// when the payment is opened; here it is released, instructed and confirmed, or
// the attempt is given up and the reservation falls back. Either way the payer
// is told, and decides about another attempt.
func Disbursement(ctx workflow.Context, start Start) error {
	d := &disbursementStory{newRunner(pilot.PaymentKind, start)}
	return d.run(ctx, d.stage)
}

// stage tells the part of the payment that the record says it is in.
func (d *disbursementStory) stage(ctx workflow.Context) error {
	switch d.news.Stage {
	case pilot.Release:
		return d.release(ctx)
	case pilot.Instruction:
		return d.instruction(ctx)
	case pilot.Confirmation:
		return d.confirmation(ctx)
	case pilot.Posted, pilot.Voided, pilot.Returned:
		return d.end(ctx)
	default:
		return d.stay(ctx, nothing)
	}
}

// release (放款): two different officers give their word, or one voids the
// attempt. Overdue: escalated.
func (d *disbursementStory) release(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// instruction (付款指令): the workflow hands the order to the gateway. The
// payment's id is the reference, so an unknown outcome is asked again and never
// paid twice.
func (d *disbursementStory) instruction(ctx workflow.Context) error {
	return d.stay(ctx, work{pilot.Instruct: d.instruct})
}

// confirmation (付款凭证): finance enters the voucher (→ posted), voids the
// attempt, or notes that the bank sent the money back. Overdue: escalated.
func (d *disbursementStory) confirmation(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}

// end: the workflow tells the payer, project or pilot, how the payment ended.
func (d *disbursementStory) end(ctx workflow.Context) error {
	return d.stay(ctx, work{pilot.ReportPayment: d.reportPayment})
}

func (d *disbursementStory) instruct(ctx workflow.Context, duty pilot.Duty) (activities.Answer, error) {
	return d.act(ctx, paymentWork, payments.Instruct, duty)
}

func (d *disbursementStory) reportPayment(ctx workflow.Context, duty pilot.Duty) (activities.Answer, error) {
	return d.act(ctx, recordWork, payments.ReportPayment, duty)
}

// pay opens the payment that a pilot or a project owes, then starts its workflow.
func (r *runner) pay(ctx workflow.Context, duty pilot.Duty) (activities.Answer, error) {
	answer, err := r.act(ctx, recordWork, payments.Pay, duty)
	if err != nil || answer.Refused != "" {
		return answer, err
	}
	return answer, r.startChild(ctx, pilot.Ref{Kind: pilot.PaymentKind, ID: duty.Subject})
}
