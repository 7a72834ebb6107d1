package recovery

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// The stages of a recovery (追回).
const (
	Repayment flow.Stage = "repayment" // 归还
	Recovered flow.Stage = "recovered" // 追回完毕
)

var stages = []flow.StageDecl{
	flow.Passes(Repayment, "归还", "repayment"),
	flow.Ends(Recovered, "追回完毕", "recovered"),
}

// steps lists the ways between the stages, as the lifecycle page draws them.
var steps = []flow.Step{
	flow.Arrow("", Repayment, "open"),
	flow.Arrow(Repayment, Recovered, "record-repayment"),
}

// The keys of what a recovery waits for.
const (
	AwaitRepayment flow.WaitKey = "repayment"
)

// waits is the lifecycle of a recovery, row by row.
var waits = []flow.Wait{
	{
		Key: AwaitRepayment, Stages: []flow.Stage{Repayment}, Row: 13,
		Title: domain.T("追回应归还的款项", "recover what the organization owes"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: RecoveryTerm,
		Consequence: domain.T("逾期上报，不影响项目结项", "overdue: reported to the office above; never holds up a closing"),
		Exits:       []flow.Exit{flow.Leads("record-repayment", Recovered), flow.Leads("agree-instalments")},
	},
}

// The terms of a recovery that a programme can set, with their defaults.
var (
	RecoveryTerm    = flow.Term{Key: "recovery", Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}} // 追回, from the day the debt arises
	InstalmentsTerm = flow.Term{Key: "instalments", Default: programme.Term{Days: 12, Unit: calendar.Months, Source: programme.Default}}    // time for the last instalment (分期归还), from the day of the agreement
)

var terms = []flow.Term{
	RecoveryTerm, InstalmentsTerm,
}
