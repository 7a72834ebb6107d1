package project

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/programme"
)

// What a programme may set of a project, and what holds where it sets nothing.
var (
	AgreementTerm      = flow.Term{Key: "agreement", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}      // 协议
	VerificationTerm   = flow.Term{Key: "verification", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}   // 核实 of a milestone
	ResubmissionTerm   = flow.Term{Key: "resubmission", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}   // a returned milestone or settlement
	MidTermVerdictTerm = flow.Term{Key: "midterm-verdict", Default: programme.Term{Days: 0, Unit: calendar.WorkingDays, Source: programme.Default}} // 中期评估结论, from the self-report
	RectificationTerm  = flow.Term{Key: "rectification", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}} // 整改
	LateStartTerm      = flow.Term{Key: "late-start", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}}    // instead of a set day that has passed when the work begins
	FinalReportTerm    = flow.Term{Key: "final-report", Default: programme.Term{Days: 1, Unit: calendar.Months, Source: "地方管理办法:项目结束后1个月内"}}        // 结项报告, from the end of rollout
	FinalVerdictTerm   = flow.Term{Key: "final-verdict", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: "末期评估30日"}}         // 末期评估结论, from the final report
	SettlementTerm     = flow.Term{Key: "settlement", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}}    // 决算, from the final verdict
	AcceptanceTerm     = flow.Term{Key: "acceptance", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}     // 决算审核, from the settlement's submission
	RefundTerm         = flow.Term{Key: "refund", Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}         // 结余退回, from the acceptance
	ClosingTerm        = flow.Term{Key: "closing", Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}        // 结项, from the last payment
	SpendingReportTerm = flow.Term{Key: "spending-report", Default: programme.Term{Days: 3, Unit: calendar.Months, Source: programme.Default}}      // 支出报告, from the one before
	SpendingCheckTerm  = flow.Term{Key: "spending-check", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}} // 核定支出, from the report
	ChangeTerm         = flow.Term{Key: "change", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}         // 变更审批, from the request
)

var terms = []flow.Term{
	AgreementTerm, VerificationTerm, ResubmissionTerm, MidTermVerdictTerm, RectificationTerm, LateStartTerm, FinalReportTerm, FinalVerdictTerm, SettlementTerm, AcceptanceTerm, RefundTerm, ClosingTerm, SpendingReportTerm, SpendingCheckTerm, ChangeTerm,
}
