package worker_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/postgres/pgtest"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// A copy of the record is made while a pilot is in progress, and later replaces the record. Workflows that have
// completed since must run again, those in progress must accept the older state, and aggregates that are created a
// second time must get workflows too.
func TestWorkflowsThatKnewMoreCarryARecordThatWasSetBack(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]string{
		"from the middle of the rollout": "project/tranche-paid",
		"from the archive":               "pilot/archived",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := newReal(t), temporaltest.Dial(t)
			config := worker.Config{
				Client: c, Log: logTo(t), Prefix: temporaltest.Prefix(), Indexed: true, Poll: 5 * time.Millisecond, Resurface: 200 * time.Millisecond,
			}
			p := recordtest.Draft(t, r, 2)
			carry := func(r *real, stop string) {
				config.Record, config.Outbox, p.Door = r, r, r
				w := worker.Start(config)
				defer w.Stop()
				p.Carry(r, func() bool { return r.happened(p)[stop] > 0 })
			}
			carry(r, "project/opened")
			r.Close()
			older := pgtest.Copy(t, r.url)
			carry(reach(t, r.url), until)

			back := reach(t, older)
			if open, err := back.Rewound(t.Context(), "the test set it back"); err != nil || open == 0 {
				t.Fatalf("%d open, %v", open, err)
			}
			carry(back, "never")
			got := back.happened(p)
			for name, want := range map[string]int{"pilot/archived": 1, "project/closed": 2, "project/tranche-paid": 6, "payment/posted": 7} {
				if got[name] != want {
					t.Errorf("%s happened %d times, want %d", name, got[name], want)
				}
			}
			if missing, err := worker.Missing(t.Context(), back, c); err != nil || len(missing) > 0 {
				t.Errorf("missing: %v, %v", missing, err)
			}
			if differences, err := back.Verify(t.Context(), func(int, int) {}); err != nil || len(differences) > 0 {
				t.Errorf("the record differs: %v, %v", differences, err)
			}
		})
	}
}

func TestResumeWithReplaceEndsOrphanedWorkflows(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	known := flow.Ref{Kind: pilot.Kind, ID: recordtest.Draft(t, h, 1).Pilot}
	undone := flow.Ref{Kind: payment.Kind, ID: known.ID + ".1.1.1"}
	others := client.StartWorkflowOptions{ID: "disbursement/of-others." + known.ID, TaskQueue: "others-" + workflows.Queue}
	for _, o := range []client.StartWorkflowOptions{others, {ID: workflows.IDOf(undone), TaskQueue: h.config.Prefix + workflows.Queue}} {
		if _, err := h.client.ExecuteWorkflow(t.Context(), o, workflows.DisbursementType, workflows.Start{ID: undone.ID}); err != nil {
			t.Fatal(err)
		}
	}
	status := func(id string) string {
		found, err := h.client.DescribeWorkflowExecution(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		return found.WorkflowExecutionInfo.GetStatus().String()
	}
	recordtest.Until(t, "the orphaned workflow has ended", func() bool {
		done, err := h.resuming().Resume(t.Context(), true, func(worker.Resumed) {})
		if err != nil {
			t.Fatal(err)
		}
		return done.Orphaned == 1 // Temporal's list of runs lags a little
	})
	for id, want := range map[string]string{workflows.IDOf(undone): "Terminated", workflows.IDOf(known): "Running", others.ID: "Running"} {
		if got := status(id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if err := h.client.TerminateWorkflow(t.Context(), others.ID, "", "the test is over"); err != nil {
		t.Error(err)
	}
}
