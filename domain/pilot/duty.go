package pilot

import (
	"terrace/domain/flow"
)

// The duties that the workflows perform for a pilot.
const (
	CheckEligibility flow.DutyKey = "check-eligibility" // check the proposals against the directory of social organizations
	PublishNotice    flow.DutyKey = "publish-notice"    // publish the notice (公示); the subject is its round
	StartProject     flow.DutyKey = "start-project"     // start the project whose id is the subject
	Seal             flow.DutyKey = "seal"              // seal the dossier (归档)
)
