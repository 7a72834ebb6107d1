package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/reconcile"
)

// ReconciliationType is the name of the nightly workflow.
const ReconciliationType = "Reconciliation"

// ReconciliationSchedule is the id of the schedule that starts the workflow, without the prefix of the task queues.
const ReconciliationSchedule = "reconciliation"

// The activities of the reconciliation, used only by name.
var reconciliation *activities.Reconciliation

// Reconciliation compares everything that must agree (对账), part by part, and returns the counts of each. Whatever does
// not agree becomes a difference with a workflow of its own. A part that fails all night does not hold up the others:
// the run fails once they are done, and the next night starts from scratch.
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
