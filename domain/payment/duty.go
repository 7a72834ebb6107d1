package payment

import (
	"terrace/domain/flow"
)

// The duties that the workflows perform for a payment.
const (
	Pay           flow.DutyKey = "pay"            // start the payment whose id is the subject
	Instruct      flow.DutyKey = "instruct"       // send the bank the order for a released payment
	Inquire       flow.DutyKey = "inquire"        // ask the bank for the status of the order by reference; the subject is “final” if the payment has been posted
	ReportPayment flow.DutyKey = "report-payment" // report the outcome of the payment to the payer; the subject is the outcome
)
