package worker

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"terrace/workflows"
)

// night is a workflow that is started every night, at a fixed time in Shanghai.
type night struct {
	schedule, workflow string
	hour, minute       int
}

// nights returns the workflows that are started every night. The sweep runs first, soon after midnight, so that the
// reconciliation covers what it did.
func (w *Worker) nights() (all []night) {
	if w.Sweep != nil {
		all = append(all, night{workflows.SweepSchedule, workflows.SweepType, 0, 30})
	}
	if w.Nightly != nil {
		all = append(all, night{workflows.ReconciliationSchedule, workflows.ReconciliationType, 2, 0})
	}
	return all
}

// keepSchedule creates a schedule, or updates an existing one to this program's settings. It retries until it succeeds.
// A schedule that operators have paused remains paused.
func (w *Worker) keepSchedule(ctx context.Context, n night) {
	for failures := 1; ; failures++ {
		err := w.schedule(ctx, n)
		if err == nil || ctx.Err() != nil {
			return
		}
		if failures == 1 && !away(err) {
			w.Log.Error("worker: a schedule cannot be kept", "schedule", n.schedule, "error", err)
		}
		pause(ctx, backoff(failures))
	}
}

// schedule creates or updates a schedule that runs every night in real time, whichever calendar the record uses. It
// never starts a run while another is in progress. A missed run is started late, unless a day has passed.
func (w *Worker) schedule(ctx context.Context, n night) error {
	id := w.Prefix + n.schedule
	spec := client.ScheduleSpec{
		Calendars: []client.ScheduleCalendarSpec{{
			Hour: []client.ScheduleRange{{Start: n.hour}}, Minute: []client.ScheduleRange{{Start: n.minute}}, Comment: "every night",
		}},
		TimeZoneName: "Asia/Shanghai",
	}
	action := &client.ScheduleWorkflowAction{
		ID: id, Workflow: n.workflow, TaskQueue: w.Prefix + workflows.Queue, Memo: workflows.Memo(),
	}
	const missed = 24 * time.Hour
	_, err := w.Client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: id, Spec: spec, Action: action, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: missed,
	})
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err
	}
	return w.Client.ScheduleClient().GetHandle(ctx, id).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(present client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			s := present.Description.Schedule
			s.Spec, s.Action = &spec, action
			s.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: missed}
			return &client.ScheduleUpdate{Schedule: &s}, nil
		},
	})
}
