package activities

import (
	"context"

	"go.temporal.io/sdk/activity"
)

// untilStopped returns a context that is cancelled when the activity's worker stops, so that the worker need not wait
// for the activity to finish.
func untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stopping := activity.GetWorkerStopChannel(ctx)
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
