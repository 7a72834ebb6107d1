package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"terrace/reconcile"
)

// Reconciliation is the nightly comparison of what must agree (对账).
type Reconciliation struct{ Record reconcile.Record }

// Reconcile compares one part and opens a difference for everything that it finds. Its heartbeat tells how far it is. A Worker
// that stops breaks it off; it is then begun anew, and opens what is missing.
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
