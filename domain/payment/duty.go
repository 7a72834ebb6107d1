package payment

import (
	"terrace/domain/flow"
)

// What the workflows owe a payment.
const (
	Pay           flow.DutyKey = "pay"            // subject: payment id
	Instruct      flow.DutyKey = "instruct"       // hand a released payment to the bank
	Inquire       flow.DutyKey = "inquire"        // ask the bank by reference; subject: final when it was posted
	ReportPayment flow.DutyKey = "report-payment" // tell the payer what became of its payment; subject: the outcome
)
