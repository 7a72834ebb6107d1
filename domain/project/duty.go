package project

import (
	"terrace/domain/flow"
)

// The duties that the workflows perform for a project.
const (
	StopPayment   flow.DutyKey = "stop-payment"   // stop a payment because the project was terminated; the subject is the payment's id
	StartRecovery flow.DutyKey = "start-recovery" // start the recovery whose id is the subject
	ReportEnd     flow.DutyKey = "report-end"     // report to the pilot that the project has ended
)
