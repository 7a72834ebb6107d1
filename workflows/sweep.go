package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
)

// SweepType is the name of the nightly workflow that applies due dates to aggregates without workflows.
const SweepType = "Sweep"

// SweepSchedule is the id of the schedule that starts the workflow, without the prefix of the task queues.
const SweepSchedule = "sweep"

// A nil pointer, used only to name the activity of the sweep.
var sweeps *activities.Sweeps

// Sweep handles the due dates that have passed in all aggregates without workflows (see flow.Swept), and returns the
// counts. Whatever fails all night is left for the next night.
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	var swept activities.Swept
	err := workflow.ExecuteActivity(nightly(ctx), sweeps.Sweep).Get(ctx, &swept)
	return swept, err
}
