// Package workflows runs the lifecycle as Temporal workflows: Pilot (试点), Project (项目, one village), Disbursement (付款),
// Recovery (追回) and Difference (差异), and every night Sweep and Reconciliation (对账). The record in Postgres decides; a
// workflow holds no facts of its own. It receives News, waits for people and for days, and acts by sending the same
// commands as people do. So any run can be ended and started again, on other code or on an empty Temporal, and nothing
// is lost.
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

// Story is the version of the workflow code. Raise it with every change that fails the replay of the committed
// histories: terrace resume --replace then ends runs that began on an older story and starts them again.
const Story = 4

// StoryMemo is the memo field that holds the Story on which a run began.
const StoryMemo = "story"

// ProgressSignal is the signal that carries activities.News of the aggregate to its run.
const ProgressSignal = "progress"

// Task queues. Queue serves the workflows and all work for the record. Payments have a queue of their own, since bank
// credentials and rate limits may live in a separate process, and so do notices. Both are named after Queue, so a prefix
// applies to all three.
const (
	Queue         = "terrace"
	PaymentsQueue = Queue + paymentsSuffix
	NoticesQueue  = Queue + noticesSuffix

	paymentsSuffix = "-payments"
	noticesSuffix  = "-notices"
)

// Start is the whole input of a run.
type Start struct {
	ID string `json:"id"`
	// Indexed says that the server knows the search attributes TerraceStage and TerracePlace (Keyword) and TerraceDue
	// (Datetime). A server that does not know them would block the run.
	Indexed bool `json:"indexed,omitempty"`
}

// The names under which workflows are registered and started, as the aggregates declare them.
var (
	PilotType        = TypeOf(pilot.Kind)
	ProjectType      = TypeOf(project.Kind)
	DisbursementType = TypeOf(payment.Kind)
	RecoveryType     = TypeOf(recovery.Kind)
	DifferenceType   = TypeOf(difference.Kind)
)

// carriage returns how a kind is carried. It panics if no workflow carries the kind: such a run must not be started.
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

// Carries reports whether a workflow carries aggregates of the kind. No run may be started for any other kind.
func Carries(kind flow.Kind) bool {
	a, err := catalogue.All.Of(kind)
	return err == nil && a.Carried.Workflow != ""
}

// TypeOf returns the name of the workflow that carries aggregates of the kind.
func TypeOf(kind flow.Kind) string { return carriage(kind).Workflow }

// IDOf returns the id of the workflow that carries the aggregate.
func IDOf(ref flow.Ref) string { return carriage(ref.Kind).Prefix + "/" + ref.ID }

// Memo returns the memo with which a run is started.
func Memo() map[string]any { return map[string]any{StoryMemo: Story} }

// registry is a worker or a replayer.
type registry interface {
	RegisterWorkflowWithOptions(workflow any, options workflow.RegisterOptions)
}

// Register registers the workflows under their names.
func Register(r registry) {
	r.RegisterWorkflowWithOptions(Pilot, workflow.RegisterOptions{Name: PilotType})
	r.RegisterWorkflowWithOptions(Project, workflow.RegisterOptions{Name: ProjectType})
	r.RegisterWorkflowWithOptions(Disbursement, workflow.RegisterOptions{Name: DisbursementType})
	r.RegisterWorkflowWithOptions(Recovery, workflow.RegisterOptions{Name: RecoveryType})
	r.RegisterWorkflowWithOptions(Difference, workflow.RegisterOptions{Name: DifferenceType})
	r.RegisterWorkflowWithOptions(Reconciliation, workflow.RegisterOptions{Name: ReconciliationType})
	r.RegisterWorkflowWithOptions(Sweep, workflow.RegisterOptions{Name: SweepType})
}
