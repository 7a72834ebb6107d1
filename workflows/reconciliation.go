package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/reconcile"
)

// ReconciliationType is the name of the nightly reconciliation workflow.
const ReconciliationType = "Reconciliation"

// ReconciliationSchedule is the id of the schedule that starts the workflow, without the prefix of the task queues.
const ReconciliationSchedule = "reconciliation"

// A nil pointer, used only to name the activity of the reconciliation.
var reconciliation *activities.Reconciliation

// Reconciliation runs each comparison of the reconciliation (对账) in turn and returns its counts. Every discrepancy
// becomes a difference with its own workflow. If one comparison fails all night, the others still run. The run then
// fails, and the next night starts from scratch.
func Reconciliation(ctx workflow.Context) (map[reconcile.Part]reconcile.Counts, error) {
	ctx = nightly(ctx)
	counts := map[reconcile.Part]reconcile.Counts{}
	var failed error
	for _, part := range reconcile.Parts {
		var c reconcile.Counts
		err := workflow.ExecuteActivity(ctx, reconciliation.Reconcile, part).Get(ctx, &c)
		counts[part], failed = c, errors.Join(failed, err)
	}
	return counts, failed
}
