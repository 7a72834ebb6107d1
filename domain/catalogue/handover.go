package catalogue

import (
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// PaymentReport is the command that tells a payer what became of its payment. It panics for a payer of a kind that pays nothing.
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
