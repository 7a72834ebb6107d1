package driving

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// count adds the numbers of events, tasks and signals in the workflows' histories.
func (c *carried) count(ctx context.Context, temporal client.Client, ids []string) error {
	for _, id := range ids {
		waiting := 0 // signals since the last task
		for events := temporal.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
			event, err := events.Next()
			if err != nil {
				return err
			}
			c.events++
			switch event.EventType { //nolint:exhaustive // all others are only counted
			case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
				c.signals++
				waiting++
			case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
				c.tasks++
				if waiting == 1 {
					c.alone++
				}
				waiting = 0
			}
		}
	}
	return nil
}
