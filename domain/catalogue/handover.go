package catalogue

import (
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// PaymentReport is the command that tells a payer what became of its payment.
func PaymentReport(p *payment.Payment) flow.Payload {
	if p.Payer.Kind == project.Kind {
		return &project.RecordTranche{End: p.Ending()}
	}
	return &pilot.RecordPayment{End: p.Ending()}
}
