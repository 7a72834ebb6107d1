package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/difference"
)

// differenceStory brings one difference that the reconciliation found to its explanation (差异).
type differenceStory struct{ runner }

// Difference is the workflow difference/{id}. It corrects nothing, and ends when
// finance has explained the difference.
func Difference(ctx workflow.Context, start Start) error {
	d := &differenceStory{newRunner(difference.Kind, start)}
	return d.run(ctx, d.inspection)
}

// inspection (查明原因): finance finds out what it was and says so (→ explained).
// Overdue: escalated.
func (d *differenceStory) inspection(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}
