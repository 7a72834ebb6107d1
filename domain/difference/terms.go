package difference

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/programme"
)

// What a programme may set of a difference, and what holds where it sets nothing.
var (
	ExplanationTerm = flow.Term{Key: "explanation", Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}} // 差异说明, from the day it is found
)

var terms = []flow.Term{
	ExplanationTerm,
}
