package catalogue

import (
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// PaymentReport returns the command that reports the outcome of a payment to its payer, a project or a pilot. It panics if the payer
// is of any other kind.
func PaymentReport(p *payment.Payment) flow.Payload {
	switch p.Payer.Kind {
	case project.Kind:
		return &project.RecordTranche{End: p.Ending()}
	case pilot.Kind:
		return &pilot.RecordPayment{End: p.Ending()}
	default:
		panic("no command reports the outcome of a payment to a " + string(p.Payer.Kind))
	}
}
