package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
)

// SweepType is the name of the nightly workflow that applies due days where no other workflow does.
const SweepType = "Sweep"

// SweepSchedule is the id of the schedule that starts the workflow. The prefix of the task queues is put before it.
const SweepSchedule = "sweep"

// A nil pointer, through which the workflow refers to the activity of the sweep by its method name.
var sweeps *activities.Sweeps

// Sweep applies the due days that have passed to all aggregates that no other workflow carries (see flow.Swept), and
// returns the counts. What fails all night is left to the next night.
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	var swept activities.Swept
	err := workflow.ExecuteActivity(nightly(ctx), sweeps.Sweep).Get(ctx, &swept)
	return swept, err
}
