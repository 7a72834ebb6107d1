package app

import (
	"context"

	"terrace/api"
	"terrace/domain/flow"
	"terrace/worker"
)

// runs tells the API how the workflows stand.
type runs struct{ worker.Runs }

// Describe tells what the workflow of each aggregate does, in the same order.
func (r *runs) Describe(ctx context.Context, refs []flow.Ref) ([]api.Run, error) {
	found, err := r.Runs.Describe(ctx, refs)
	all := make([]api.Run, len(found))
	for i, run := range found {
		pending := make([]api.Pending, len(run.Pending))
		for j, p := range run.Pending {
			pending[j] = api.Pending(p)
		}
		all[i] = api.Run{
			ID: run.ID, Type: run.Type, Status: run.Status, RunID: run.RunID,
			Started: run.Started, Closed: run.Closed, Events: run.Events, Pending: pending,
		}
	}
	return all, err
}
