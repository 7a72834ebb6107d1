package worker

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"

	"terrace/domain/flow"
	"terrace/workflows"
)

// revive starts the workflow of an aggregate that was open when its News was read, although an earlier run of the
// workflow has completed. Either the aggregate has ended since, in which case the new run reads this from the record
// and ends. Or the record was restored to a state before the end, in which case nothing else would restart the
// workflow.
func (r *relay) revive(ctx context.Context, ref flow.Ref) error {
	o := options(ref, r.prefix)
	o.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	_, err := r.client.ExecuteWorkflow(ctx, o, workflows.TypeOf(ref.Kind), workflows.Start{ID: ref.ID, Indexed: r.indexed})
	return err // a run that is already in progress is left alone
}
