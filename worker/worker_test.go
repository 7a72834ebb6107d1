package worker_test

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres/pgtest"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// house is a record in memory, a Temporal server, and the configuration of the Workers that connect them.
type house struct {
	*recordtest.Record
	client client.Client
	config worker.Config
}

func newHouse(t *testing.T, c client.Client) *house {
	t.Helper()
	record := recordtest.New(t)
	return &house{record, c, worker.Config{
		Client: c, Record: record, Outbox: record, Log: logTo(t), Prefix: temporaltest.Prefix(), Indexed: true,
		Poll: 5 * time.Millisecond, Lease: time.Second, Resurface: 200 * time.Millisecond, StopTimeout: 100 * time.Millisecond,
	}}
}

func logTo(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (h *house) open(t *testing.T) *worker.Worker {
	t.Helper()
	w := worker.Start(h.config)
	t.Cleanup(w.Stop)
	return w
}

func (h *house) resuming() worker.Resuming {
	return worker.Resuming{Open: h, Client: h.client, Prefix: h.config.Prefix, Indexed: true}
}

// archived fails the test unless the pilot was archived and each of its events happened exactly once.
func (h *house) archived(t *testing.T, p *recordtest.People, villages int) {
	t.Helper()
	want := map[string]int{
		"pilot/archived": 1, "pilot/village-ended": villages, "pilot/contract-paid": 1, "pilot/contract-final": 1,
		"project/opened": villages, "project/tranche-paid": 3 * villages, "project/tranche-final": 3 * villages, "project/closed": villages,
		"payment/opened": 3*villages + 1, "payment/instructed": 3*villages + 1, "payment/posted": 3*villages + 1, "payment/finality-due": 3*villages + 1,
	}
	got := map[string]int{}
	for _, e := range h.Journal() {
		if name := string(e.Ref.Kind) + "/" + e.Name; strings.HasPrefix(e.Ref.ID, p.Pilot) && want[name] > 0 {
			got[name]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("happened: %v\n   want: %v", got, want)
	}
}

// completed waits until every workflow of the pilot has ended, and fails the test if any of them ended without
// completing.
func (h *house) completed(t *testing.T) {
	t.Helper()
	runs := worker.Runs{Client: h.client}
	recordtest.Until(t, "every workflow has ended", func() bool {
		found, err := runs.Describe(t.Context(), h.Refs())
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range found {
			switch run.Status {
			case "running":
				return false
			case "completed", "none": // none: it ended before Temporal lost everything
			default:
				t.Errorf("%s ended as %s", run.ID, run.Status)
			}
		}
		return true
	})
}

func never() bool { return false }

// historyText returns everything that activities, signals and starts left in the history of an aggregate's workflow.
func historyText(t *testing.T, c client.Client, ref flow.Ref) string {
	t.Helper()
	var text strings.Builder
	for events := c.GetWorkflowHistory(t.Context(), workflows.IDOf(ref), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := proto.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(bytes)
	}
	return text.String()
}

func TestWorkflowsCarryAPilotFromDraftToArchive(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 6)
	p.Carry(h, never)
	h.archived(t, p, 6)
	h.completed(t)
}

func TestDeadlinesAloneCarryADraftToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Idle = []flow.WaitKey{pilot.AwaitApplication}
	p.Carry(h, never)
	var names []string
	for _, e := range h.Journal() {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "drafted reminded withdrawn" {
		t.Errorf("happened: %s", got)
	}
	h.completed(t)
}

func TestPaymentsThatAreVoidedAreFollowedByOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Doubt = true
	p.Carry(h, never)
	happened := map[string]int{}
	for _, e := range h.Journal() {
		happened[e.Name]++
	}
	if happened["voided"] != 4 || happened["posted"] != 4 || happened["archived"] != 1 {
		t.Errorf("happened: %v", happened)
	}
	h.completed(t)
}

func TestWorkersThatStopAnywhereAreFollowedByOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	w := h.open(t)
	p := recordtest.Draft(t, h, 2)
	for next := 5; ; next += 50 { // at these lengths of the journal, whatever is in progress
		ended := true
		p.Carry(h, func() bool {
			ended = len(h.Journal()) < next
			return !ended
		})
		if ended {
			break
		}
		w.Stop()
		w = h.open(t)
	}
	h.archived(t, p, 2)
	h.completed(t)
}

func TestNothingIsLostWithEverythingThatTemporalKnew(t *testing.T) {
	t.Parallel()
	server := temporaltest.Start(t)
	c, err := worker.Dial(server.Address, temporaltest.Namespace, logTo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	h := newHouse(t, c)
	h.open(t)
	p := recordtest.Draft(t, h, 2)
	happened := func(name string) func() bool {
		return func() bool {
			for _, e := range h.Journal() {
				if e.Name == name {
					return true
				}
			}
			return false
		}
	}
	p.Carry(h, happened("rollout-begun")) // one village has its money, another perhaps not yet
	server.Kill()
	before := len(h.Journal())
	p.Meanwhile(h)
	if len(h.Journal()) == before {
		t.Error("no command was accepted while Temporal was away")
	}

	temporaltest.StartAt(t, server.Address)
	recordtest.Until(t, "resumed", func() bool { // the namespace may take a moment
		_, err = h.resuming().Resume(t.Context(), false, func(worker.Resumed) {})
		return err == nil
	})
	p.Carry(h, never)
	h.archived(t, p, 2)
	h.completed(t)
}

func TestAWorkerWaitsForATemporalThatComesLater(t *testing.T) {
	t.Parallel()
	first := temporaltest.Start(t)
	first.Kill() // its port is free now, and nothing answers there
	c, err := worker.Dial(first.Address, temporaltest.Namespace, logTo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	h := newHouse(t, c)
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Meanwhile(h)
	if err := (&worker.Runs{Client: c}).Healthy(t.Context()); err == nil {
		t.Error("healthy without a server")
	}
	temporaltest.StartAt(t, first.Address)
	p.Carry(h, never)
	h.archived(t, p, 1)
}

func TestFaultsOfTheRecordOnlyDelay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Carry(h, func() bool { return len(h.Journal()) > 1 })
	h.Fail(errors.New("connection refused"))
	recordtest.Until(t, "an activity is being tried again", func() bool {
		runs, err := (&worker.Runs{Client: h.client}).Describe(t.Context(), []flow.Ref{{Kind: pilot.Kind, ID: p.Pilot}})
		if err != nil {
			t.Fatal(err)
		}
		return len(runs[0].Pending) > 0 && runs[0].Pending[0].Attempt > 2
	})
	h.Fail(nil)
	p.Carry(h, never)
	h.archived(t, p, 1)
}

func TestResumeStartsWhatIsMissingAndReplacesWhatIsOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t)) // no workflow is running yet
	var refs []flow.Ref
	for range 3 {
		refs = append(refs, flow.Ref{Kind: pilot.Kind, ID: recordtest.Draft(t, h, 1).Pilot})
	}
	old := client.StartWorkflowOptions{ID: workflows.IDOf(refs[1]), TaskQueue: h.config.Prefix + workflows.Queue, Memo: map[string]any{"story": workflows.Story - 1}}
	if _, err := h.client.ExecuteWorkflow(t.Context(), old, workflows.PilotType, workflows.Start{ID: refs[1].ID}); err != nil {
		t.Fatal(err)
	}
	resume := func(replace bool) worker.Resumed {
		t.Helper()
		done, err := h.resuming().Resume(t.Context(), replace, func(worker.Resumed) {})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	missing, err := worker.Missing(t.Context(), h, h.client)
	if err != nil || len(missing) != 2 {
		t.Errorf("missing %v, %v", missing, err)
	}
	for _, step := range []struct {
		name    string
		replace bool
		want    worker.Resumed
	}{
		{"starts two", false, worker.Resumed{Open: 3, Started: 2}},
		{"finds all", false, worker.Resumed{Open: 3}},
		{"replaces the old one", true, worker.Resumed{Open: 3, Replaced: 1}},
		{"finds none old", true, worker.Resumed{Open: 3}},
	} {
		if got := resume(step.replace); got != step.want {
			t.Errorf("%s: %s", step.name, got)
		}
	}
	if missing, err := worker.Missing(t.Context(), h, h.client); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	if err := h.client.TerminateWorkflow(t.Context(), workflows.IDOf(refs[2]), "", "an operator's mistake"); err != nil {
		t.Fatal(err)
	}
	if missing, err := worker.Missing(t.Context(), h, h.client); err != nil || len(missing) != 1 || missing[0] != refs[2] {
		t.Errorf("missing %v, %v", missing, err)
	}
	if got := resume(false); got.Started != 1 {
		t.Errorf("after a termination: %s", got)
	}
}

func TestResumeStartsAgainWhatCompletedTooEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	ref := flow.Ref{Kind: pilot.Kind, ID: recordtest.Draft(t, h, 1).Pilot}
	brief := sdkworker.New(h.client, h.config.Prefix+workflows.Queue, sdkworker.Options{})
	brief.RegisterWorkflowWithOptions(func(workflow.Context, workflows.Start) error { return nil }, workflow.RegisterOptions{Name: workflows.PilotType})
	if err := brief.Start(); err != nil {
		t.Fatal(err)
	}
	if done, err := h.resuming().Resume(t.Context(), false, func(worker.Resumed) {}); err != nil || done.Started != 1 {
		t.Fatalf("%s, %v", done, err)
	}
	if err := h.client.GetWorkflow(t.Context(), workflows.IDOf(ref), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	brief.Stop()
	if done, err := h.resuming().Resume(t.Context(), false, func(worker.Resumed) {}); err != nil || done.Started != 1 {
		t.Errorf("the record says that the pilot is open, but: %s, %v", done, err)
	}
}

func TestChildrenBelongToTheirPilotAndOutliveIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.config.Poll = 2 * time.Second // so that parents come first
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	home, village := flow.Ref{Kind: pilot.Kind, ID: p.Pilot}, flow.Ref{Kind: project.Kind, ID: p.Pilot + ".1"}
	running := func() bool {
		runs, err := (&worker.Runs{Client: h.client}).Describe(t.Context(), []flow.Ref{village})
		return err == nil && runs[0].Status == "running"
	}
	p.Carry(h, running)
	found, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(village), "")
	if err != nil {
		t.Fatal(err)
	}
	if parent := found.WorkflowExecutionInfo.GetParentExecution().GetWorkflowId(); parent != workflows.IDOf(home) {
		t.Errorf("the village's parent is %q", parent)
	}
	if err := h.client.TerminateWorkflow(t.Context(), workflows.IDOf(home), "", "an operator's mistake"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.resuming().Resume(t.Context(), false, func(worker.Resumed) {}); err != nil {
		t.Fatal(err)
	}
	p.Carry(h, never)
	h.archived(t, p, 1)
	after, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(village), "")
	if err != nil {
		t.Fatal(err)
	}
	if first, last := found.WorkflowExecutionInfo.GetExecution().GetRunId(), after.WorkflowExecutionInfo.GetExecution().GetRunId(); first != last {
		t.Errorf("the village's run %s ended with its parent, and %s followed", first, last)
	}
}

func TestALongHistoryContinuesAsNewAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Carry(h, func() bool { return len(h.Journal()) > 20 })
	home := flow.Ref{Kind: pilot.Kind, ID: p.Pilot}
	first, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(home), "")
	if err != nil {
		t.Fatal(err)
	}
	news, err := h.News(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 560 { // Temporal considers 4,096 events long
				if err := h.client.SignalWorkflow(t.Context(), workflows.IDOf(home), "", workflows.ProgressSignal, news); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	p.Carry(h, never)
	h.archived(t, p, 1)
	h.completed(t)
	last, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(home), "")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := first.WorkflowExecutionInfo.GetExecution().GetRunId(), last.WorkflowExecutionInfo.GetExecution().GetRunId(); a == b {
		t.Errorf("a single run of %d events", last.WorkflowExecutionInfo.GetHistoryLength())
	}
	if story := string(last.WorkflowExecutionInfo.GetMemo().GetFields()["story"].GetData()); story != strconv.Itoa(workflows.Story) {
		t.Errorf("the new run's memo says story %q", story)
	}
}

func TestOperatorsFindRunsByStage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	var found int64
	recordtest.Until(t, "the run is found by its stage", func() bool {
		answer, err := h.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "TerraceStage = 'application' AND TerracePlace = '620825' AND TerraceDue > '2017-09-29T00:00:00Z' AND WorkflowId = 'pilot/" + p.Pilot + "'"})
		if err == nil {
			found = answer.GetCount()
		}
		return found == 1
	})
}

func TestRunsDescribesAWorkflowThatNeverRan(t *testing.T) {
	t.Parallel()
	runs := worker.Runs{Client: temporaltest.Dial(t)}
	if err := runs.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	found, err := runs.Describe(t.Context(), []flow.Ref{{Kind: payment.Kind, ID: "none.1.1"}})
	if err != nil || found[0].Status != "none" || found[0].ID != "disbursement/none.1.1" || found[0].Type != "Disbursement" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAnEndedPilotIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Idle = []flow.WaitKey{pilot.AwaitApplication}
	p.Carry(h, never)
	h.completed(t)
	home := flow.Ref{Kind: pilot.Kind, ID: p.Pilot}
	before, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(home), "")
	if err != nil {
		t.Fatal(err)
	}
	h.Put(home)
	recordtest.Until(t, "the relay has delivered", h.Settled)
	after, err := h.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(home), "")
	if err != nil {
		t.Fatal(err)
	}
	if first, last := before.WorkflowExecutionInfo.GetExecution().GetRunId(), after.WorkflowExecutionInfo.GetExecution().GetRunId(); first != last ||
		after.WorkflowExecutionInfo.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		t.Errorf("run %s was followed by %s", first, last)
	}
}
