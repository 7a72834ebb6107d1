package worker

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"

	"terrace/domain/flow"
	"terrace/workflows"
)

// revive starts the workflow of an aggregate that was open when its News were read, although an earlier run has
// completed. Either the aggregate has ended since then: the new run reads that from the record and ends. Or the record
// was set back to before the end: nobody else would carry the aggregate.
func (r *relay) revive(ctx context.Context, ref flow.Ref) error {
	o := options(ref, r.prefix)
	o.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	_, err := r.client.ExecuteWorkflow(ctx, o, workflows.TypeOf(ref.Kind), workflows.Start{ID: ref.ID, Indexed: r.indexed})
	return err // a run that is already in progress is left alone
}
