// Package workflows runs the lifecycle as Temporal workflows: Pilot (试点), Project (项目, the work in one village),
// Disbursement (付款), Recovery (追回) and Difference (差异), and every night Sweep and Reconciliation (对账). All decisions
// are made by the record in Postgres, and a workflow holds no facts of its own. It receives News, waits for people and
// for due dates, and acts by sending commands, which the record judges like any user's. So any run can be terminated
// and started again, with other code or on an empty Temporal server, and nothing is lost.
//
// Temporal provides the signal that carries the News, a durable timer for the next deadline, retries with a policy for
// each class of work, child workflows that run side by side, cancellation of work that is no longer owed, search
// attributes for operators, and replay, which guards the code.
package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Story is the version of the workflow code. Increase it with every change that makes the replay of the committed
// histories fail. After that, “terrace resume --replace” terminates runs that began on an older version and starts them
// again.
const Story = 4

// StoryMemo is the memo field with the version of the workflow code on which a run began.
const StoryMemo = "story"

// ProgressSignal is the signal that carries activities.News to the run of an aggregate.
const ProgressSignal = "progress"

// Task queues. Queue is for the workflows and all their work on the record. Payments have their own queue, because the
// process with the bank's keys and the rate limit may have to be a separate one. Notices have one too. Both names begin
// with that of Queue, so a prefix applies to all three.
const (
	Queue         = "terrace"
	PaymentsQueue = Queue + paymentsSuffix
	NoticesQueue  = Queue + noticesSuffix

	paymentsSuffix = "-payments"
	noticesSuffix  = "-notices"
)

// Start is the argument with which a run is started.
type Start struct {
	ID string `json:"id"`
	// Indexed says whether the server has the search attributes TerraceStage and TerracePlace (Keyword) and TerraceDue
	// (Datetime). On a server without them, setting them would block the run.
	Indexed bool `json:"indexed,omitempty"`
}

// The names under which the workflows are registered and started, as declared by the aggregates.
var (
	PilotType        = TypeOf(pilot.Kind)
	ProjectType      = TypeOf(project.Kind)
	DisbursementType = TypeOf(payment.Kind)
	RecoveryType     = TypeOf(recovery.Kind)
	DifferenceType   = TypeOf(difference.Kind)
)

// carriage returns how aggregates of a kind are carried. It panics if the kind has no workflow, because no run of it
// may ever be started.
func carriage(kind flow.Kind) flow.Carriage {
	a, err := catalogue.All.Of(kind)
	if err != nil {
		panic(err)
	}
	if a.Carried.Workflow == "" {
		panic("no workflow carries a " + string(kind))
	}
	return a.Carried
}

// Carries reports whether aggregates of the kind have workflows. Only for such kinds may a run be started.
func Carries(kind flow.Kind) bool {
	a, err := catalogue.All.Of(kind)
	return err == nil && a.Carried.Workflow != ""
}

// TypeOf returns the name of the workflow for aggregates of the kind.
func TypeOf(kind flow.Kind) string { return carriage(kind).Workflow }

// IDOf returns the id of the aggregate's workflow.
func IDOf(ref flow.Ref) string { return carriage(ref.Kind).Prefix + "/" + ref.ID }

// Memo returns the memo to start a run with.
func Memo() map[string]any { return map[string]any{StoryMemo: Story} }

// registry is a worker or a replayer on which workflows can be registered.
type registry interface {
	RegisterWorkflowWithOptions(workflow any, options workflow.RegisterOptions)
}

// Register registers all workflows under their names.
func Register(r registry) {
	r.RegisterWorkflowWithOptions(Pilot, workflow.RegisterOptions{Name: PilotType})
	r.RegisterWorkflowWithOptions(Project, workflow.RegisterOptions{Name: ProjectType})
	r.RegisterWorkflowWithOptions(Disbursement, workflow.RegisterOptions{Name: DisbursementType})
	r.RegisterWorkflowWithOptions(Recovery, workflow.RegisterOptions{Name: RecoveryType})
	r.RegisterWorkflowWithOptions(Difference, workflow.RegisterOptions{Name: DifferenceType})
	r.RegisterWorkflowWithOptions(Reconciliation, workflow.RegisterOptions{Name: ReconciliationType})
	r.RegisterWorkflowWithOptions(Sweep, workflow.RegisterOptions{Name: SweepType})
}
