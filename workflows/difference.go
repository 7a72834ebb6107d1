package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/domain/difference"
)

// differenceStory is the workflow of a difference (差异), from the reconciliation that finds it to the explanation by
// finance.
type differenceStory struct{ runner }

// Difference is the workflow difference/{id}. It corrects nothing, and ends once finance has explained the difference.
func Difference(ctx workflow.Context, start Start) error {
	d := &differenceStory{newRunner(difference.Kind, start)}
	return d.run(ctx, d.inspection)
}

// inspection (查明原因): finance finds the cause of the difference and records it, which ends the workflow. Delays are
// escalated.
func (d *differenceStory) inspection(ctx workflow.Context) error {
	return d.stay(ctx, nothing)
}
