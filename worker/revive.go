package worker

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"

	"terrace/domain/flow"
	"terrace/workflows"
)

// revive starts the workflow of an aggregate that was open when its News was read, although an earlier run of the
// workflow has completed. There are two possible reasons. The aggregate may have ended since; then the new run finds
// this out from the record and ends. Or the record may have been set back to a time before that end; then nothing else
// would start the workflow again.
func (r *relay) revive(ctx context.Context, ref flow.Ref) error {
	o := options(ref, r.prefix)
	o.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	_, err := r.client.ExecuteWorkflow(ctx, o, workflows.TypeOf(ref.Kind), workflows.Start{ID: ref.ID, Indexed: r.indexed})
	return err // a run that is already in progress is left alone
}
