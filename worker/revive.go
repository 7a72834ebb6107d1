package worker

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"

	"terrace/domain/flow"
	"terrace/workflows"
)

// revive starts the workflow of an aggregate that is open, or was when its News were read, although an earlier run came to its
// end. Either the aggregate ended just now: then the new run reads that from the record, and ends. Or the record was set back
// to before the end: then nobody else would carry the aggregate.
func (r *relay) revive(ctx context.Context, ref flow.Ref) error {
	o := options(ref, r.prefix)
	o.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	_, err := r.client.ExecuteWorkflow(ctx, o, workflows.TypeOf(ref.Kind), workflows.Start{ID: ref.ID, Indexed: r.indexed})
	return err // one that runs by now is left as it is
}
