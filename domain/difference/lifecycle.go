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
	Inspection flow.Stage = "inspection" // finance is looking for the cause (查明原因)
	Explained  flow.Stage = "explained"  // finance has explained the difference (已说明)
)

var stages = []flow.StageDecl{
	flow.Passes(Inspection, "差异待查", "inspection"),
	flow.Ends(Explained, "差异已说明", "explained"),
}

// steps lists the transitions between a difference's stages, for the diagram on the lifecycle page.
var steps = []flow.Step{
	flow.Arrow("", Inspection, "open"),
	flow.Arrow(Inspection, Explained, "explain"),
}

// The keys of a difference's waits.
const (
	AwaitExplanation flow.WaitKey = "explanation"
)

// waits declares the lifecycle of a difference: who has to act in each stage, by when, and what happens next.
var waits = []flow.Wait{
	{
		Key: AwaitExplanation, Stages: []flow.Stage{Inspection}, Row: 8,
		Title: domain.T("查明对账差异", "find out what caused the difference"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: ExplanationTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("explain", Explained)},
	},
}

// The terms that a programme can set for differences, with their defaults.
var (
	ExplanationTerm = flow.Term{Key: "explanation", Name: domain.T("差异说明", "explanation of a difference"), Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}} // time for finance to explain a difference after it is found (差异说明)
)

var terms = []flow.Term{
	ExplanationTerm,
}
