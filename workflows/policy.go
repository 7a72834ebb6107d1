package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// class is the kind of system that does a piece of work for the workflows, which determines how long to wait between
// retries. Faults are retried forever, because the duty remains. A rejection by the record is not a fault but a normal
// response.
type class int

const (
	recordWork  class = iota // done by Postgres, which responds within milliseconds unless it is briefly unavailable
	noticeWork               // publishing pages and sending messages
	paymentWork              // done by a bank, which may take days and may leave the outcome unknown
)

// under sets the queue, the time limit and the retry policy for an activity of this class.
func under(ctx workflow.Context, c class) workflow.Context {
	queue := workflow.GetInfo(ctx).TaskQueueName
	options := workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: 10 * time.Second,
		RetryPolicy:         retry(100*time.Millisecond, 10*time.Second),
	}
	switch c {
	case recordWork:
	case noticeWork:
		options.TaskQueue = queue + noticesSuffix
		options.StartToCloseTimeout = time.Minute
		options.RetryPolicy = retry(time.Second, 5*time.Minute)
	case paymentWork:
		options.TaskQueue = queue + paymentsSuffix
		options.StartToCloseTimeout = 2 * time.Minute
		options.RetryPolicy = retry(time.Second, 5*time.Minute)
	}
	return workflow.WithActivityOptions(ctx, options)
}

// perform runs an activity. It first tries work on the record as a local activity, which costs only one event and no
// further task, because Postgres responds within milliseconds. If that fails, perform runs an ordinary activity, which
// is retried forever and which operators see as pending.
func perform(ctx workflow.Context, c class, activity, argument, into any) error {
	if c == recordWork {
		err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, atOnce), activity, argument).Get(ctx, into)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return workflow.ExecuteActivity(under(ctx, c), activity, argument).Get(ctx, into)
}

// atOnce allows a single attempt, with a timeout much shorter than that of a workflow task.
var atOnce = workflow.LocalActivityOptions{
	ScheduleToCloseTimeout: 2 * time.Second,
	RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
}

// nightly sets the time limits and the retry policy for a nightly activity over the whole record.
func nightly(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    2 * time.Hour,
		ScheduleToCloseTimeout: 6 * time.Hour,
		HeartbeatTimeout:       5 * time.Minute,
		RetryPolicy:            retry(time.Second, 5*time.Minute),
	})
}

func retry(first, longest time.Duration) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: first, BackoffCoefficient: 2, MaximumInterval: longest}
}

// doubled returns first × 2ⁿ, or longest if that is shorter.
func doubled(first, longest time.Duration, n int) time.Duration {
	for ; n > 0 && first < longest; n-- {
		first *= 2
	}
	return min(first, longest)
}
