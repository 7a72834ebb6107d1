package app

import (
	"context"

	"terrace/api"
	"terrace/domain/flow"
	"terrace/worker"
)

// runs gives the API access to the state of the workflows.
type runs struct{ worker.Runs }

// Describe returns the state of the workflow of each aggregate, in the order of refs.
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
