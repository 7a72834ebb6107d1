package workflows_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// scene is a pilot that simulated people, a virtual calendar and real workflows carry along one path.
type scene struct {
	*recordtest.Record
	*recordtest.People
	t      *testing.T
	client client.Client
	config worker.Config
	worker *worker.Worker
}

// set drafts a pilot. Nothing happens to it before begin.
func set(t *testing.T, c client.Client, villages int) *scene {
	t.Helper()
	record := recordtest.New(t)
	return &scene{record, recordtest.Draft(t, record, villages), t, c, worker.Config{
		Client: c, Record: record, Outbox: record, Prefix: temporaltest.Prefix(), Indexed: true,
		Log: slog.New(slog.DiscardHandler), Poll: time.Millisecond, Resurface: time.Second, StopTimeout: 100 * time.Millisecond,
	}, nil}
}

func (s *scene) begin() {
	s.worker = worker.Start(s.config)
	s.t.Cleanup(s.worker.Stop)
}

func (s *scene) home() flow.Ref { return flow.Ref{Kind: pilot.Kind, ID: s.Pilot} }

// village returns the project of the first village.
func (s *scene) village() flow.Ref {
	return flow.Ref{Kind: project.Kind, ID: s.Pilot + ".1"}
}

// payment returns the payment whose id ends with the tail: village, tranche and attempt, or “e” for the evaluator and
// attempt.
func (s *scene) payment(tail string) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: s.Pilot + "." + tail}
}

func (s *scene) recovery(n int) flow.Ref {
	return flow.Ref{Kind: recovery.Kind, ID: fmt.Sprintf("%s.1.r%d", s.Pilot, n)}
}

// idle makes people ignore these waits and act on all others.
func (s *scene) idle(waits ...flow.WaitKey) { s.Idle = waits }

// until carries the pilot until an aggregate is in a stage and its workflows have nothing to do.
func (s *scene) until(ref flow.Ref, stage flow.Stage) {
	s.t.Helper()
	s.Carry(s.Record, func() bool { return s.in(ref, stage) })
	if !s.in(ref, stage) {
		s.t.Fatalf("%s never came to rest in %s: %v", ref, stage, s.Journal())
	}
}

// in reports whether an aggregate is in a stage and the workflows have nothing to do.
func (s *scene) in(ref flow.Ref, stage flow.Stage) bool {
	news, err := s.News(s.t.Context(), ref)
	return err == nil && news.Stage == stage && s.Settled()
}

// toTheEnd has everyone act whenever it is their turn, until nothing more is due.
func (s *scene) toTheEnd() {
	s.t.Helper()
	s.Idle = nil
	s.Carry(s.Record, func() bool { return false })
}

// happened reports whether an event has happened.
func (s *scene) happened(ref flow.Ref, name string) bool {
	return slices.ContainsFunc(s.Journal(), func(e recordtest.Entry) bool { return e.Ref == ref && e.Name == name })
}

// untilHappened carries the pilot until an event has happened.
func (s *scene) untilHappened(ref flow.Ref, name string) {
	s.t.Helper()
	s.Carry(s.Record, func() bool { return s.happened(ref, name) && s.Settled() })
	if !s.happened(ref, name) {
		s.t.Fatalf("%s of %s never happened: %v", name, ref, s.Journal())
	}
}

// state loads an aggregate.
func state[S flow.State](s *scene, ref flow.Ref) S {
	s.t.Helper()
	found, err := s.Load(s.t.Context(), ref)
	if err != nil {
		s.t.Fatal(err)
	}
	return found.(S)
}

// run returns the id of the newest run of an aggregate's workflow.
func (s *scene) run(ref flow.Ref) string {
	s.t.Helper()
	found, err := s.client.DescribeWorkflowExecution(s.t.Context(), workflows.IDOf(ref), "")
	if err != nil {
		s.t.Fatal(err)
	}
	return found.WorkflowExecutionInfo.GetExecution().GetRunId()
}

// lengthen makes the history of a run so long that it continues as new, and returns the id of the old run.
func (s *scene) lengthen(ref flow.Ref) (run string) {
	s.t.Helper()
	recordtest.Until(s.t, "the run has begun", func() bool { return len(historyOf(s.t, s.client, ref, "").Events) > 3 })
	run = s.run(ref)
	news, err := s.News(s.t.Context(), ref)
	if err != nil {
		s.t.Fatal(err)
	}
	long := padded{news, strings.Repeat("long ", 20_000)}
	for sent := 0; sent < 50 && s.run(ref) == run; sent++ { // some 40 make the 4 MiB that Temporal considers long
		if err := s.client.SignalWorkflow(s.t.Context(), workflows.IDOf(ref), "", workflows.ProgressSignal, long); err != nil {
			s.t.Fatal(err)
		}
	}
	recordtest.Until(s.t, ref.String()+" continued as new", func() bool { return s.run(ref) != run })
	return run
}

// padded is News with padding that makes a history longer and that workflows ignore.
type padded struct {
	activities.News
	Padding string `json:"padding"`
}

// teller is a bank with prepared answers for some payments, keyed by the end of the payment's id. It gives the answers
// in turn and repeats the last. It pays every other payment at once.
type teller struct {
	mu      sync.Mutex
	answers map[string][]payment.BankOutcome
	asked   func(tail string) // called while the bank is being asked
}

// silence stands for an answer that never arrives.
const silence payment.BankOutcome = ""

func (*teller) Name() string { return "http" }

func (b *teller) Instruct(ctx context.Context, order activities.Order) (payment.BankAnswer, error) {
	return b.Ask(ctx, order.Reference)
}

func (b *teller) Ask(_ context.Context, reference string) (payment.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, tail, _ := strings.Cut(reference, ".")
	if b.asked != nil {
		b.asked(tail)
	}
	outcome := payment.BankPaid
	if told := b.answers[tail]; len(told) > 0 {
		outcome = told[0]
		if len(told) > 1 {
			b.answers[tail] = told[1:]
		}
	}
	if outcome == silence {
		return payment.BankAnswer{}, errors.New("no answer in time")
	}
	return payment.BankAnswer{Outcome: outcome, Number: "B" + reference, Why: "wrong-account-name"}, nil
}

// keep saves the history of an aggregate's newest run.
func (s *scene) keep(name string, ref flow.Ref) { s.t.Helper(); s.keepRun(name, ref, "") }

// atRest lists the types of the last event in the history of a run that is waiting or has ended.
var atRest = []enumspb.EventType{
	enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, enumspb.EVENT_TYPE_TIMER_STARTED, enumspb.EVENT_TYPE_MARKER_RECORDED,
	enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}

func (s *scene) keepRun(name string, ref flow.Ref, run string) {
	s.t.Helper()
	keep(s.t, s.client, name, workflows.IDOf(ref), run)
}

// keep saves the history of a run, without the names of machines.
func keep(t *testing.T, c client.Client, name, id, run string) {
	t.Helper()
	var history *historypb.History
	recordtest.Until(t, name+" came to rest", func() bool {
		history = historyOfID(t, c, id, run)
		return len(history.Events) > 0 && slices.Contains(atRest, history.Events[len(history.Events)-1].EventType)
	})
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		Events []map[string]any `json:"events"`
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	lines.WriteString(`{"events":[`)
	for i, event := range whole.Events {
		scrub(event)
		line, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			lines.WriteByte(',')
		}
		lines.WriteByte('\n')
		lines.Write(line)
	}
	lines.WriteString("\n]}\n")
	if err := os.WriteFile(filepath.Join(histories, name+".json"), lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func historyOf(t *testing.T, c client.Client, ref flow.Ref, run string) *historypb.History {
	t.Helper()
	return historyOfID(t, c, workflows.IDOf(ref), run)
}

func historyOfID(t *testing.T, c client.Client, id, run string) *historypb.History {
	t.Helper()
	var history historypb.History
	for events := c.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			return &historypb.History{} // not started yet
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

var worked = regexp.MustCompile(`identity: [^)]*@`)

// scrub removes stack traces, padding, and anything that identifies the machine on which the history was made.
func scrub(value any) {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "identity")
		delete(value, "workerVersion")
		delete(value, "stackTrace")
		if value["kind"] == "TASK_QUEUE_KIND_STICKY" {
			value["name"] = "sticky"
		}
		if data, ok := value["data"].(string); ok {
			value["data"] = unpadded(data)
		}
		if message, ok := value["message"].(string); ok {
			value["message"] = worked.ReplaceAllString(message, "identity: a worker")
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

// unpadded removes the padding of lengthen from a payload.
func unpadded(data string) string {
	text, err := base64.StdEncoding.DecodeString(data)
	var fields map[string]json.RawMessage
	if err != nil || !bytes.Contains(text, []byte(`"padding"`)) || json.Unmarshal(text, &fields) != nil {
		return data
	}
	delete(fields, "padding")
	short, err := json.Marshal(fields)
	if err != nil {
		return data
	}
	return base64.StdEncoding.EncodeToString(short)
}
