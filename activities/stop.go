package activities

import (
	"context"

	"go.temporal.io/sdk/activity"
)

// untilStopped is the context of an activity that is broken off when its Worker stops, instead of being waited for.
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
