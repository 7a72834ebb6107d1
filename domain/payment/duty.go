package payment

import (
	"terrace/domain/flow"
)

// What the workflows have to do for a payment.
const (
	Pay           flow.DutyKey = "pay"            // start the payment whose id is the subject
	Instruct      flow.DutyKey = "instruct"       // send the order for a released payment to the bank
	Inquire       flow.DutyKey = "inquire"        // ask the bank by reference what became of the order; the subject is “final” if the payment has been posted
	ReportPayment flow.DutyKey = "report-payment" // tell the payer how the payment ended; the subject is the outcome
)
