package worker

import (
	"cmp"
	"context"
	"slices"

	"go.temporal.io/sdk/client"

	"terrace/domain/flow"
)

// Missing lists the open aggregates whose workflow is not running. While the system is in use, it may include an
// aggregate that has only just been created; call it again to rule that out.
func Missing(ctx context.Context, open Open, c client.Client) ([]flow.Ref, error) {
	var missing []flow.Ref
	err := eachOpen(ctx, open, func(ctx context.Context, ref flow.Ref) (func(), error) {
		found, err := describe(ctx, c, ref)
		return func() {
			if found == nil || !running(found) {
				missing = append(missing, ref)
			}
		}, err
	}, func() {})
	slices.SortFunc(missing, func(a, b flow.Ref) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return missing, err
}
