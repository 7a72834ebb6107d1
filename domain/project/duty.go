package project

import (
	"terrace/domain/flow"
)

// What the workflows owe for a project.
const (
	StopPayment   flow.DutyKey = "stop-payment"   // of a terminated project; subject: payment id
	StartRecovery flow.DutyKey = "start-recovery" // subject: recovery id
	ReportEnd     flow.DutyKey = "report-end"     // tell the pilot that its project has ended
)
