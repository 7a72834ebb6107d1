package catalogue

import (
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// PaymentReport returns the command that tells the payer, a project or a pilot, how the payment ended. It panics if the payer is of a
// kind that makes no payments.
func PaymentReport(p *payment.Payment) flow.Payload {
	switch p.Payer.Kind {
	case project.Kind:
		return &project.RecordTranche{End: p.Ending()}
	case pilot.Kind:
		return &pilot.RecordPayment{End: p.Ending()}
	default:
		panic("nobody tells a " + string(p.Payer.Kind) + " what became of a payment")
	}
}
