package worker_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"terrace/domain/calendar"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// nightly holds the schedules that Workers keep, with the time and the workflow of each.
var nightly = map[string]struct{ at, workflow string }{
	workflows.SweepSchedule:          {"00:30:00", workflows.SweepType},
	workflows.ReconciliationSchedule: {"02:00:00", workflows.ReconciliationType},
}

// ran waits for a schedule's n-th run and reads its result.
func ran(t *testing.T, c client.Client, schedule string, n int, answer any) {
	t.Helper()
	handle := c.ScheduleClient().GetHandle(t.Context(), schedule)
	var runs []client.ScheduleActionResult
	recordtest.Until(t, "the schedule ran", func() bool {
		described, err := handle.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		runs = described.Info.RecentActions
		return len(runs) == n
	})
	last := runs[n-1].StartWorkflowResult
	if err := c.GetWorkflow(t.Context(), last.WorkflowID, last.FirstExecutionRunID).Get(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
}

func trigger(t *testing.T, c client.Client, schedule string) {
	t.Helper()
	handle := c.ScheduleClient().GetHandle(t.Context(), schedule)
	recordtest.Until(t, "the schedule is there", func() bool {
		return handle.Trigger(t.Context(), client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL}) == nil
	})
}

func TestEachScheduleIsThereOnce(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	config := r.night(c)
	describe := func(schedule string) (*client.ScheduleDescription, error) {
		return c.ScheduleClient().GetHandle(t.Context(), config.Prefix+schedule).Describe(t.Context())
	}
	for range 2 {
		one, two := worker.Start(config), worker.Start(config)
		for schedule := range nightly {
			recordtest.Until(t, "the schedule is there", func() bool {
				_, err := describe(schedule)
				return err == nil
			})
		}
		two.Stop()
		one.Stop()
	}
	want := []string{config.Prefix + workflows.ReconciliationSchedule, config.Prefix + workflows.SweepSchedule}
	found := []string{}
	recordtest.Until(t, "the schedules are listed", func() bool {
		found = schedules(t, c, config.Prefix)
		return len(found) >= len(want)
	})
	if !slices.Equal(found, want) {
		t.Errorf("the schedules are %q", found)
	}
	for schedule, n := range nightly {
		described, err := describe(schedule)
		if err != nil {
			t.Fatal(err)
		}
		next := described.Info.NextActionTimes
		if len(next) < 2 || next[0].In(calendar.Shanghai).Format(time.TimeOnly) != n.at || next[1].Sub(next[0]) != 24*time.Hour {
			t.Errorf("%s runs at %v", schedule, next)
		}
		policy := described.Schedule.Policy
		if policy.Overlap != enumspb.SCHEDULE_OVERLAP_POLICY_SKIP || policy.CatchupWindow != 24*time.Hour {
			t.Errorf("the policy of %s is %+v", schedule, policy)
		}
	}
}

// schedules lists the ids with the prefix, sorted.
func schedules(t *testing.T, c client.Client, prefix string) (found []string) {
	t.Helper()
	list, err := c.ScheduleClient().List(t.Context(), client.ScheduleListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for list.HasNext() {
		each, err := list.Next()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(each.ID, prefix) {
			found = append(found, each.ID)
		}
	}
	slices.Sort(found)
	return found
}

func TestAScheduleThatOperatorsPausedStaysPaused(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	config := r.night(c)
	for schedule := range nightly {
		id := config.Prefix + schedule
		if _, err := c.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
			ID: id, Paused: true, Spec: client.ScheduleSpec{CronExpressions: []string{"0 12 * * *"}},
			Action: &client.ScheduleWorkflowAction{ID: id, Workflow: "Other", TaskQueue: "elsewhere"},
		}); err != nil {
			t.Fatal(err)
		}
	}
	defer worker.Start(config).Stop()
	for schedule, n := range nightly {
		handle := c.ScheduleClient().GetHandle(t.Context(), config.Prefix+schedule)
		recordtest.Until(t, "the schedule is this program's", func() bool {
			described, err := handle.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			action, _ := described.Schedule.Action.(*client.ScheduleWorkflowAction)
			if action.Workflow == n.workflow && (action.TaskQueue != config.Prefix+workflows.Queue || !described.Schedule.State.Paused) {
				t.Errorf("%s is %+v", schedule, described.Schedule.State)
			}
			return action.Workflow == n.workflow
		})
	}
}

func TestNoScheduleIsKeptWithoutItsWork(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	config := r.night(c)
	config.Sweep = nil
	w := worker.Start(config)
	describe := func(schedule string) error {
		_, err := c.ScheduleClient().GetHandle(t.Context(), config.Prefix+schedule).Describe(t.Context())
		return err
	}
	recordtest.Until(t, "the other schedule is there", func() bool { return describe(workflows.ReconciliationSchedule) == nil })
	w.Stop()
	if err := describe(workflows.SweepSchedule); err == nil {
		t.Error("a schedule starts a workflow that no Worker runs")
	}
}
