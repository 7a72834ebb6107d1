// Package workflows tells the lifecycle as Temporal workflows: Pilot (试点),
// Project (项目, one village), Disbursement (拨付), Recovery (追回) and Difference
// (差异); and what is done every night, Sweep and Reconciliation (对账). The record
// in Postgres decides; a workflow holds no fact of its own. It is told News, waits for
// people and for days, and acts by sending commands to the door that people
// use. So any run can be ended and started anew, on other code or on an empty
// Temporal, and nothing is lost.
//
// Temporal brings the signal that carries the News, a durable timer towards the
// next deadline, retries with a policy for each class of work, child workflows
// that run beside each other, cancellation of work that is no longer owed,
// search attributes for operators, and replay, which guards the code.
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

// Story is the number of the present story. Raise it with every change that
// fails the replay of the committed histories: terrace resume --replace then
// ends the runs that began on an older story and starts them anew.
const Story = 4

// StoryMemo is the memo field that holds the Story a run began on.
const StoryMemo = "story"

// ProgressSignal is the signal that brings a run activities.News of its aggregate.
const ProgressSignal = "progress"

// Task queues: Queue for workflows and whatever only asks the record, one for
// payments, where bank credentials and rate limits may live in a process of
// their own, and one for notices. The latter two are named after the former,
// so a prefix of it holds for all.
const (
	Queue         = "terrace"
	PaymentsQueue = Queue + paymentsSuffix
	NoticesQueue  = Queue + noticesSuffix

	paymentsSuffix = "-payments"
	noticesSuffix  = "-notices"
)

// Start is all that a run is given.
type Start struct {
	ID string `json:"id"`
	// Indexed tells that the server knows the search attributes TerraceStage and
	// TerracePlace (Keyword) and TerraceDue (Datetime); a server that does not
	// would block the run.
	Indexed bool `json:"indexed,omitempty"`
}

// The names that workflows are registered and started under, as the aggregates declare them.
var (
	PilotType        = TypeOf(pilot.Kind)
	ProjectType      = TypeOf(project.Kind)
	DisbursementType = TypeOf(payment.Kind)
	RecoveryType     = TypeOf(recovery.Kind)
	DifferenceType   = TypeOf(difference.Kind)
)

// carriage is how a kind is carried. It panics for one that no workflow carries: nobody may start a run of it.
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

// Carries reports whether a workflow carries aggregates of the kind. Of any other, nobody may start a run.
func Carries(kind flow.Kind) bool {
	a, err := catalogue.All.Of(kind)
	return err == nil && a.Carried.Workflow != ""
}

// TypeOf is the workflow that carries aggregates of the kind.
func TypeOf(kind flow.Kind) string { return carriage(kind).Workflow }

// IDOf is the id of the workflow that carries the aggregate.
func IDOf(ref flow.Ref) string { return carriage(ref.Kind).Prefix + "/" + ref.ID }

// Memo is what a run is started with besides its Start.
func Memo() map[string]any { return map[string]any{StoryMemo: Story} }

// registry is a worker or a replayer.
type registry interface {
	RegisterWorkflowWithOptions(workflow any, options workflow.RegisterOptions)
}

// Register makes the workflows known under their names.
func Register(r registry) {
	r.RegisterWorkflowWithOptions(Pilot, workflow.RegisterOptions{Name: PilotType})
	r.RegisterWorkflowWithOptions(Project, workflow.RegisterOptions{Name: ProjectType})
	r.RegisterWorkflowWithOptions(Disbursement, workflow.RegisterOptions{Name: DisbursementType})
	r.RegisterWorkflowWithOptions(Recovery, workflow.RegisterOptions{Name: RecoveryType})
	r.RegisterWorkflowWithOptions(Difference, workflow.RegisterOptions{Name: DifferenceType})
	r.RegisterWorkflowWithOptions(Reconciliation, workflow.RegisterOptions{Name: ReconciliationType})
	r.RegisterWorkflowWithOptions(Sweep, workflow.RegisterOptions{Name: SweepType})
}
