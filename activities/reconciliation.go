package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"terrace/reconcile"
)

// Reconciliation holds the activity of the nightly reconciliation (对账).
type Reconciliation struct{ Record reconcile.Record }

// Reconcile runs one comparison of the reconciliation and opens a difference for each finding. Its heartbeat reports
// progress. It is cancelled when its worker stops; the next attempt starts from scratch and opens only the differences
// that are still missing.
func (r *Reconciliation) Reconcile(ctx context.Context, part reconcile.Part) (reconcile.Counts, error) {
	ctx, cancel := untilStopped(ctx)
	defer cancel()
	progress := func(done, total int) { activity.RecordHeartbeat(ctx, done, total) }
	return reconcile.Run(ctx, r.Record, part, progress, func(f reconcile.Finding, s reconcile.Standing) {
		if s == reconcile.Opened {
			activity.GetLogger(ctx).Warn("a difference was found", "what", string(f.What), "difference", f.ID(), "subject", f.Subject)
		}
	})
}
