package difference

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// The stages of a difference (差异).
const (
	Inspection flow.Stage = "inspection" // 查明原因
	Explained  flow.Stage = "explained"  // 已说明
)

var stages = []flow.StageDecl{
	flow.Passes(Inspection, "差异待查", "inspection"),
	flow.Ends(Explained, "差异已说明", "explained"),
}

// steps lists the ways between the stages, as the lifecycle page draws them.
var steps = []flow.Step{
	flow.Arrow("", Inspection, "open"),
	flow.Arrow(Inspection, Explained, "explain"),
}

// The keys of what a difference waits for.
const (
	AwaitExplanation flow.WaitKey = "explanation"
)

// waits is the lifecycle of a difference, row by row.
var waits = []flow.Wait{
	{
		Key: AwaitExplanation, Stages: []flow.Stage{Inspection}, Row: 8,
		Title: domain.T("查明对账差异", "find out what caused the difference"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: ExplanationTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("explain", Explained)},
	},
}

// The terms of a difference that a programme can set, with their defaults.
var (
	ExplanationTerm = flow.Term{Key: "explanation", Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}} // 差异说明, from the day it is found
)

var terms = []flow.Term{
	ExplanationTerm,
}
