package project

import (
	"terrace/domain/flow"
)

// What the workflows have to do for a project.
const (
	StopPayment   flow.DutyKey = "stop-payment"   // stop a payment because the project was terminated; the subject is the payment's id
	StartRecovery flow.DutyKey = "start-recovery" // start the recovery whose id is the subject
	ReportEnd     flow.DutyKey = "report-end"     // tell the pilot that the project has ended
)
