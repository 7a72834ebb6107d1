package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/reconcile"
)

// ReconciliationType is the name of the workflow that reconciles every night.
const ReconciliationType = "Reconciliation"

// ReconciliationSchedule is the id of the schedule that starts the workflow. The prefix of the task queues is put
// before it.
const ReconciliationSchedule = "reconciliation"

// A nil pointer, through which the workflow refers to the activity of the reconciliation by its method name.
var reconciliation *activities.Reconciliation

// Reconciliation compares everything that must agree (对账), one part after another, and returns the counts of each part.
// Whatever does not agree becomes a difference with a workflow of its own. If one part fails all night, the others are
// compared all the same. The run then fails, and the next night starts from scratch.
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
