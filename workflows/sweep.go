package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
)

// SweepType is the name of the workflow that keeps time every night where no workflow waits for it.
const SweepType = "Sweep"

// SweepSchedule is the id of the schedule that starts it, behind the prefix of the task queues.
const SweepSchedule = "sweep"

// The activities of the sweep, for their names.
var sweeps *activities.Sweeps

// Sweep lets the days that have ended take their effect on everything that is swept (see flow.Swept), and tells how much that was.
// What fails all night is left for the next one.
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	var swept activities.Swept
	err := workflow.ExecuteActivity(nightly(ctx), sweeps.Sweep).Get(ctx, &swept)
	return swept, err
}
