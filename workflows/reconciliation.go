package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/reconcile"
)

// ReconciliationType is the name of the nightly workflow.
const ReconciliationType = "Reconciliation"

// ReconciliationSchedule is the id of the schedule that starts it, behind the prefix of the task queues.
const ReconciliationSchedule = "reconciliation"

// The activities of the reconciliation, for their names.
var reconciliation *activities.Reconciliation

// Reconciliation compares everything that must agree (对账), one part after the other, and tells what came of each. What does not
// agree becomes a difference with a workflow of its own. A part that fails all night keeps nothing else back: the run fails with it
// when the others are done, and the next night begins anew.
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
