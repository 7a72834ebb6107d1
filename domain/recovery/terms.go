package recovery

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/programme"
)

// What a programme may set of a recovery, and what holds where it sets nothing.
var (
	RecoveryTerm    = flow.Term{Key: "recovery", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}} // 追回, from the day the debt arises
	InstalmentsTerm = flow.Term{Key: "instalments", Default: programme.Term{Days: 12, Unit: calendar.Months, Source: programme.Default}}    // 分期归还 at the latest, from the day it is agreed
)

var terms = []flow.Term{
	RecoveryTerm, InstalmentsTerm,
}
