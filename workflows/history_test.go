package workflows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

var update = flag.Bool("update", false, "make testdata/histories anew from a real run")

const histories = "testdata/histories"

// TestCommittedHistoriesReplay holds the code to the runs that are under way
// somewhere: where it fails, they could not go on.
func TestCommittedHistoriesReplay(t *testing.T) { //nolint:paralleltest,tparallel // with -update it writes what the others read
	if *update {
		makeHistories(t)
	}
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			replayer := sdkworker.NewWorkflowReplayer()
			workflows.Register(replayer)
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet(t), file); err != nil {
				t.Errorf("%v\nRaise workflows.Story and renew the histories (see %s/README.md), or keep the old way of telling.", err, histories)
			}
		})
	}
}

// TestAChangedStoryFailsReplay proves that the guard above bites.
func TestAChangedStoryFailsReplay(t *testing.T) {
	t.Parallel()
	changes := map[string]func(workflow.Context, workflows.Start) error{
		"another timer": func(ctx workflow.Context, start workflows.Start) error {
			if err := workflow.Sleep(ctx, time.Minute); err != nil {
				return err
			}
			return workflows.Pilot(ctx, start)
		},
		"another activity's name": func(ctx workflow.Context, _ workflows.Start) error {
			ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Second})
			return workflow.ExecuteActivity(ctx, "ReadOldNews").Get(ctx, nil)
		},
		"an earlier end": func(workflow.Context, workflows.Start) error { return nil },
	}
	for name, changed := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replayer := sdkworker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: workflows.PilotType})
			err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet(t), filepath.Join(histories, "pilot.json"))
			if err == nil {
				t.Error("replayed as if nothing had changed")
			}
		})
	}
}

func quiet(t *testing.T) log.Logger {
	return log.NewStructuredLogger(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError + 1})))
}

// makeHistories carries pilots on a real Temporal, and keeps what their runs went through.
func makeHistories(t *testing.T) {
	t.Helper()
	c := temporaltest.Dial(t)
	never := func() bool { return false }

	// The relay looks seldom here, so that children are started by their parents; in the others it is there first.
	record, p := carried(t, c, 2, 100*time.Millisecond, nil)
	p.Carry(record, never)
	keep(t, c, "pilot", pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot})
	keep(t, c, "project", pilot.Ref{Kind: pilot.ProjectKind, ID: p.Pilot + ".1"})
	keep(t, c, "disbursement", pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"})

	record, p = carried(t, c, 1, time.Millisecond, nil)
	record.Hurry(30 * time.Millisecond)
	withdrawn := pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}
	recordtest.Until(t, "timers fired early", func() bool {
		return count(historyOf(t, c, withdrawn), enumspb.EVENT_TYPE_TIMER_FIRED) > 2
	})
	p.Idle = []pilot.WaitKey{pilot.AwaitApplication}
	p.Carry(record, never)
	keep(t, c, "pilot-withdrawn-by-its-deadline", withdrawn)

	record, p = carried(t, c, 1, time.Millisecond, nil)
	p.Idle, p.Doubt = []pilot.WaitKey{pilot.AwaitMidTermReport}, true
	p.Carry(record, never)
	keep(t, c, "project-terminated-after-a-voided-payment", pilot.Ref{Kind: pilot.ProjectKind, ID: p.Pilot + ".1"})
	keep(t, c, "disbursement-voided", pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"})

	record, p = carried(t, c, 1, 100*time.Millisecond, nil)
	p.Idle = []pilot.WaitKey{pilot.AwaitRepayment, pilot.AwaitSpendingReport, pilot.AwaitMilestone}
	paid, village := pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"}, pilot.Ref{Kind: pilot.ProjectKind, ID: p.Pilot + ".1"}
	p.Carry(record, func() bool { return in(t, record, paid, pilot.Posted) && in(t, record, village, pilot.Rollout) })
	p.Do(zhuanglang.CountyFinance, paid, "return-payment", &pilot.ReturnPayment{Reason: "户名不符"})
	p.Carry(record, func() bool {
		return in(t, record, pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.2"}, pilot.Posted)
	})
	p.Idle = []pilot.WaitKey{pilot.AwaitRepayment, pilot.AwaitSpendingReport, pilot.AwaitRelease}
	p.Carry(record, func() bool {
		return in(t, record, pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.2.1"}, pilot.Release)
	})
	p.Do(zhuanglang.CountyApprover, village, "terminate", &pilot.Terminate{Reason: "组织停止活动"})
	p.Carry(record, never) // until the debt is overdue
	p.Idle = nil
	p.Carry(record, never)
	keep(t, c, "disbursement-returned-after-it-was-posted", paid)
	keep(t, c, "project-paid-again-then-terminated", village)
	keep(t, c, "recovery-overdue", pilot.Ref{Kind: pilot.RecoveryKind, ID: village.ID + ".r1"})

	record, p = carriedBy(t, c, &forgetful{}, 1, time.Millisecond, nil)
	p.Carry(record, never)
	keep(t, c, "disbursement-unknown-then-paid", pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"})

	resumed := func(p *recordtest.People, record *recordtest.Record, prefix string) {
		p.Carry(record, func() bool { return true })
		resuming := worker.Resuming{Open: record, Client: c, Prefix: prefix}
		if _, err := resuming.Resume(t.Context(), false, func(worker.Resumed) {}); err != nil {
			t.Fatal(err)
		}
	}
	record, p = carried(t, c, 1, time.Millisecond, resumed)
	p.Idle = []pilot.WaitKey{pilot.AwaitEndorsement, pilot.AwaitReview}
	p.Carry(record, func() bool { return len(record.Journal()) > 6 })
	keep(t, c, "pilot-resumed-and-overdue", pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot})
}

// in tells that an aggregate is in a stage and its workflows have nothing to do.
func in(t *testing.T, record *recordtest.Record, ref pilot.Ref, stage pilot.Stage) bool {
	t.Helper()
	news, err := record.News(t.Context(), ref)
	return err == nil && news.Stage == stage && record.Settled()
}

// forgetful is a bank that loses its first answers, and pays.
type forgetful struct{ answers atomic.Int32 }

func (*forgetful) Name() string { return "http" }

func (f *forgetful) Instruct(ctx context.Context, order activities.Order) (pilot.BankAnswer, error) {
	return f.Ask(ctx, order.Reference)
}

func (f *forgetful) Ask(_ context.Context, reference string) (pilot.BankAnswer, error) {
	if f.answers.Add(1) < 4 {
		return pilot.BankAnswer{}, errors.New("no answer in time")
	}
	return pilot.BankAnswer{Outcome: pilot.BankPaid, Number: "B" + reference}, nil
}

// carried drafts a pilot whose workflows are carried; first is done before anything carries them.
func carried(t *testing.T, c client.Client, villages int, poll time.Duration, first func(*recordtest.People, *recordtest.Record, string),
) (*recordtest.Record, *recordtest.People) {
	t.Helper()
	return carriedBy(t, c, activities.Voucher{}, villages, poll, first)
}

// carriedBy pays through another gateway.
func carriedBy(t *testing.T, c client.Client, gateway activities.Gateway, villages int, poll time.Duration, first func(*recordtest.People, *recordtest.Record, string),
) (*recordtest.Record, *recordtest.People) {
	t.Helper()
	record, prefix := recordtest.New(t), temporaltest.Prefix()
	p := recordtest.Draft(t, record, villages)
	if first != nil {
		first(p, record, prefix)
	}
	w := worker.Start(worker.Config{
		Client: c, Record: record, Outbox: record, Gateway: gateway, Prefix: prefix, Indexed: first == nil,
		Log: slog.New(slog.DiscardHandler), Poll: poll, Resurface: time.Second,
	})
	t.Cleanup(w.Stop)
	return record, p
}

func historyOf(t *testing.T, c client.Client, ref pilot.Ref) *historypb.History {
	t.Helper()
	var history historypb.History
	for events := c.GetWorkflowHistory(t.Context(), workflows.IDOf(ref), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			return &historypb.History{} // not begun
		}
		history.Events = append(history.Events, event)
	}
	return &history
}

func count(history *historypb.History, kind enumspb.EventType) (n int) {
	for _, event := range history.Events {
		if event.EventType == kind {
			n++
		}
	}
	return n
}

// keep writes the history of an aggregate's workflow, without the names of machines.
func keep(t *testing.T, c client.Client, name string, ref pilot.Ref) {
	t.Helper()
	var history *historypb.History
	recordtest.Until(t, name+" came to rest", func() bool {
		history = historyOf(t, c, ref)
		return slices.Contains([]enumspb.EventType{
			enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, enumspb.EVENT_TYPE_TIMER_STARTED,
			enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, enumspb.EVENT_TYPE_MARKER_RECORDED,
		}, history.Events[len(history.Events)-1].EventType)
	})
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	var events map[string]any
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatal(err)
	}
	scrub(events)
	var indented bytes.Buffer
	encoder := json.NewEncoder(&indented)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(events); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(histories, name+".json"), indented.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scrub takes out what names the machine that the history was made on.
func scrub(value any) {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "identity")
		delete(value, "workerVersion")
		if value["kind"] == "TASK_QUEUE_KIND_STICKY" {
			value["name"] = "sticky"
		}
		for _, inner := range value {
			scrub(inner)
		}
	case []any:
		for _, inner := range value {
			scrub(inner)
		}
	}
}
