package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
)

// SweepType is the name of the workflow that keeps time every night where no other workflow waits.
const SweepType = "Sweep"

// SweepSchedule is the id of the schedule that starts the workflow, without the prefix of the task queues.
const SweepSchedule = "sweep"

// The activities of the sweep, used only by name.
var sweeps *activities.Sweeps

// Sweep applies the days that have ended to everything that is swept (see flow.Swept), and returns the counts. What
// fails all night is left to the next one.
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	var swept activities.Swept
	err := workflow.ExecuteActivity(nightly(ctx), sweeps.Sweep).Get(ctx, &swept)
	return swept, err
}
