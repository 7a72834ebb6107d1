package difference

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/plan"
)

// Aggregate describes differences (差异) to the engine: their commands, events, stages and waits.
var Aggregate = flow.Describe(flow.Aggregate{
	Kind: Kind, Collection: "differences", Title: domain.T("差异", "Difference"), Empty: &Difference{},
	Doc:     "差异: what the nightly reconciliation found not to agree. Finance explains it; nothing corrects it by itself. 对账差异、说明。",
	Carried: flow.By("Difference", "difference"),
	Stages:  stages, Steps: steps, Waits: waits, Terms: terms, Commands: commands, Events: events,
})

// Aggregate returns the description of the aggregate kind.
func (*Difference) Aggregate() *flow.Aggregate { return Aggregate }

var commands = []*flow.Declaration{
	flow.Declare[*Difference, OpenDifference]("open", flow.Itself,
		domain.T("登记差异", "Open a difference"), domain.T("对账发现的差异", "Records what reconciliation found not to agree.")).Creating(),
	flow.Declare[*Difference, ExplainDifference]("explain", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("说明差异", "Explain the difference"), domain.T("说明原因；更正由相应操作另行办理", "Says what the cause was; a correction needs a command of its own.")).
		Refusing("no-such-file"),
}

var events = []*flow.EventType{
	flow.Happens[*Difference, DifferenceFound]("found", domain.T("发现对账差异", "Difference found")),
	flow.Happens[*Difference, DifferenceExplained]("explained", domain.T("差异已说明", "Difference explained")),
}
