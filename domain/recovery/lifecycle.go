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
	Repayment flow.Stage = "repayment" // the organization is repaying the debt (归还)
	Recovered flow.Stage = "recovered" // the debt is fully repaid (追回完毕)
)

var stages = []flow.StageDecl{
	flow.Passes(Repayment, "归还", "repayment"),
	flow.Ends(Recovered, "追回完毕", "recovered"),
}

// steps lists the transitions between a recovery's stages, for the diagram on the lifecycle page.
var steps = []flow.Step{
	flow.Arrow("", Repayment, "open"),
	flow.Arrow(Repayment, Recovered, "record-repayment"),
}

// The keys of a recovery's waits.
const (
	AwaitRepayment flow.WaitKey = "repayment"
)

// waits declares the lifecycle of a recovery: who has to act, by when, and what happens next.
var waits = []flow.Wait{
	{
		Key: AwaitRepayment, Stages: []flow.Stage{Repayment}, Row: 13,
		Title: domain.T("追回应归还的款项", "recover what the organization owes"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: RecoveryTerm,
		Consequence: domain.T("逾期上报，不影响项目结项", "overdue: reported to the office above; never holds up a closing"),
		Exits:       []flow.Exit{flow.Leads("record-repayment", Recovered), flow.Leads("agree-instalments")},
	},
}

// The terms that a programme can set for recoveries, with their defaults.
var (
	RecoveryTerm    = flow.Term{Key: "recovery", Name: domain.T("追回", "repayment of a debt"), Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}} // time for repaying a debt, counted from the date on which it arises (追回)
	InstalmentsTerm = flow.Term{Key: "instalments", Name: domain.T("分期归还", "last instalment"), Default: programme.Term{Days: 12, Unit: calendar.Months, Source: programme.Default}}      // time for paying the last instalment, counted from the date of the agreement on instalments (分期归还)
)

var terms = []flow.Term{
	RecoveryTerm, InstalmentsTerm,
}
