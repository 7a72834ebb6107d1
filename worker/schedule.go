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

// keepSchedule makes the schedule of the reconciliation, or brings the one that is there to this program's, and tries until it
// could. Whether operators have paused it stays as it is.
func (w *Worker) keepSchedule(ctx context.Context) {
	for failures := 1; ; failures++ {
		err := w.schedule(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if failures == 1 && !away(err) {
			w.Log.Error("worker: the schedule of the reconciliation cannot be kept", "error", err)
		}
		pause(ctx, backoff(failures))
	}
}

// schedule is every night at 02:00 in Shanghai, in real time whatever calendar the record keeps. A run that is still under way is
// not joined by another; a night that was missed is caught up with for a day.
func (w *Worker) schedule(ctx context.Context) error {
	id := w.Prefix + workflows.ReconciliationSchedule
	spec := client.ScheduleSpec{
		Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 2}}, Comment: "every night"}},
		TimeZoneName: "Asia/Shanghai",
	}
	action := &client.ScheduleWorkflowAction{
		ID: id, Workflow: workflows.ReconciliationType, TaskQueue: w.Prefix + workflows.Queue, Memo: workflows.Memo(),
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
