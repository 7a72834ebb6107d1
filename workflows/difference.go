package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/difference"
)

// differenceStory carries a difference found by the reconciliation until it is explained (差异).
type differenceStory struct{ runner }

// Difference is the workflow difference/{id}. It corrects nothing. It ends when finance has explained the difference.
func Difference(ctx workflow.Context, start Start) error {
	d := &differenceStory{newRunner(difference.Kind, start)}
	return d.run(ctx, d.inspection)
}

// inspection (查明原因): finance finds the cause and records it (→ explained). Overdue: escalated.
func (d *differenceStory) inspection(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}
