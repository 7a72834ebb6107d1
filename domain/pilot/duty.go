package pilot

import (
	"terrace/domain/flow"
)

// What the workflows owe for a pilot.
const (
	CheckEligibility flow.DutyKey = "check-eligibility" // compare the proposals with the directory
	PublishNotice    flow.DutyKey = "publish-notice"    // 公示; subject: round
	StartProject     flow.DutyKey = "start-project"     // subject: project id
	Seal             flow.DutyKey = "seal"              // 归档
)
