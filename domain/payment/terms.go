package payment

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/programme"
)

// What a programme may set of a payment, and what holds where it sets nothing.
var (
	TrancheTerm  = flow.Term{Key: "tranche", Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: "地方管理办法:签订协议后15个工作日内拨付"}} // 拨付, from the day its conditions are met
	FinalityTerm = flow.Term{Key: "finality", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}      // 退汇期, from the day a payment is posted
)

var terms = []flow.Term{
	TrancheTerm, FinalityTerm,
}
