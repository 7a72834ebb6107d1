package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/recovery"
)

// recoveryStory follows up one debt of an organization (追回).
type recoveryStory struct{ runner }

// Recovery is the workflow recovery/{project}.r{n}, a child of its project that may outlive it: neither project nor
// pilot waits for it. It ends when nothing is owed any more.
func Recovery(ctx workflow.Context, start Start) error {
	r := &recoveryStory{newRunner(recovery.Kind, start)}
	return r.run(ctx, r.repayment)
}

// repayment (归还): finance enters what the organization repays, in full or in the instalments that the office agreed to,
// until nothing is left (→ recovered). Overdue, for each instalment separately: escalated.
func (r *recoveryStory) repayment(ctx workflow.Context) error {
	return r.stay(ctx, nothing)
}
