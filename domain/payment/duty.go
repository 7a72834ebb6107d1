package payment

import (
	"terrace/domain/flow"
)

// What the workflows owe for a payment.
const (
	Pay           flow.DutyKey = "pay"            // subject: payment id
	Instruct      flow.DutyKey = "instruct"       // hand a released payment to the bank
	Inquire       flow.DutyKey = "inquire"        // ask the bank by reference; subject: “final” for a posted payment
	ReportPayment flow.DutyKey = "report-payment" // tell the payer the outcome; subject: the outcome
)
