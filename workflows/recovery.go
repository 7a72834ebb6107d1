package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/recovery"
)

// recoveryStory is the workflow of the recovery (追回) of one debt.
type recoveryStory struct{ runner }

// Recovery is the workflow recovery/{project}.r{n}, a child of its project's workflow that may outlive it. Neither the
// project nor the pilot waits for it. It ends when the debt is settled.
func Recovery(ctx workflow.Context, start Start) error {
	r := &recoveryStory{newRunner(recovery.Kind, start)}
	return r.run(ctx, r.repayment)
}

// repayment (归还): finance records the organization's repayments until nothing is left. The organization pays in one
// sum, or in instalments if the office has agreed to them. Delays are escalated for each instalment separately.
func (r *recoveryStory) repayment(ctx workflow.Context) error {
	return r.stay(ctx, nothing)
}
