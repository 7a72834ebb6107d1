package worker_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// yesterday makes clients and workers behave like a program with the previous story: a run begins with a side effect
// and reaches the record only through ordinary activities, and its memo holds the previous story's number.
type yesterday struct{ interceptor.InterceptorBase }

func (*yesterday) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	return &starter{interceptor.ClientOutboundInterceptorBase{Next: next}}
}

func (*yesterday) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &oldStory{interceptor.WorkflowInboundInterceptorBase{Next: next}}
}

var oldMemo = map[string]any{workflows.StoryMemo: workflows.Story - 1}

type starter struct {
	interceptor.ClientOutboundInterceptorBase
}

func (s *starter) ExecuteWorkflow(ctx context.Context, in *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	in.Options.Memo = oldMemo
	return s.Next.ExecuteWorkflow(ctx, in)
}

func (s *starter) SignalWithStartWorkflow(ctx context.Context, in *interceptor.ClientSignalWithStartWorkflowInput) (client.WorkflowRun, error) {
	in.Options.Memo = oldMemo
	return s.Next.SignalWithStartWorkflow(ctx, in)
}

type oldStory struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (o *oldStory) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	return o.Next.Init(&oldSteps{interceptor.WorkflowOutboundInterceptorBase{Next: outbound}})
}

func (o *oldStory) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	workflow.SideEffect(ctx, func(workflow.Context) any { return "begun" })
	return o.Next.ExecuteWorkflow(ctx, in)
}

type oldSteps struct {
	interceptor.WorkflowOutboundInterceptorBase
}

func (o *oldSteps) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: workflow.GetInfo(ctx).TaskQueueName, StartToCloseTimeout: 10 * time.Second})
	return o.Next.ExecuteActivity(ctx, name, args...)
}

func (o *oldSteps) ExecuteChildWorkflow(ctx workflow.Context, name string, args ...any) workflow.ChildWorkflowFuture {
	options := workflow.GetChildWorkflowOptions(ctx)
	options.Memo = oldMemo
	return o.Next.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, options), name, args...)
}

// midway is a pilot that is in progress when the story changes.
type midway struct {
	name  string
	kind  flow.Kind
	tail  string // suffix of the aggregate's id after the pilot's
	stage flow.Stage

	*house
	people *recordtest.People
	bank   *cashier
	begun  []flow.Ref // aggregates whose runs the old workers had begun
	strays int        // runs seen to fail their replay
}

func everyStage() (all []*midway) {
	for _, each := range []struct {
		kind   flow.Kind
		tail   string
		stages []flow.Stage
	}{
		{pilot.Kind, "", []flow.Stage{
			pilot.Applying, pilot.Eligibility, pilot.Endorsement, pilot.Review, pilot.Notice, pilot.Approval, pilot.Rollout,
			pilot.Evaluation, pilot.Disclosure, pilot.Sealing,
		}},
		{project.Kind, ".1", []flow.Stage{
			project.Agreement, project.FirstTranche, pilot.Rollout, project.FinalEvaluation, project.Settlement, project.LastTranche, project.Closing, project.Closed,
		}},
		{payment.Kind, ".1.1.1", []flow.Stage{payment.Release, payment.Instruction, payment.Clearing, payment.Posted}},
	} {
		for _, stage := range each.stages {
			all = append(all, &midway{name: "a " + string(each.kind) + " in " + string(stage), kind: each.kind, tail: each.tail, stage: stage})
		}
	}
	return all
}

// cashier is a bank that delays the first tranche and counts the orders under each reference.
type cashier struct {
	open chan struct{} // closed once it accepts orders for the first tranche

	mu      sync.Mutex
	orders  map[string]int // by reference
	pending bool           // it has answered pending once about the first tranche
}

func (*cashier) Name() string { return "http" }

func (b *cashier) Instruct(ctx context.Context, order activities.Order) (payment.BankAnswer, error) {
	first := strings.HasSuffix(order.Reference, ".1.1.1")
	if first {
		select {
		case <-b.open:
		case <-ctx.Done():
			return payment.BankAnswer{}, ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders[order.Reference]++
	if first {
		return answered(payment.Pending, order.Reference)
	}
	return answered(payment.BankPaid, order.Reference)
}

func (b *cashier) Ask(_ context.Context, reference string) (payment.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.orders[reference] == 0 {
		return answered(payment.Unheard, reference)
	}
	if strings.HasSuffix(reference, ".1.1.1") && !b.pending {
		b.pending = true
		return answered(payment.Pending, reference)
	}
	return answered(payment.BankPaid, reference)
}

// TestAChangedStoryIsDeployedOntoLivePilots stops workers of an older story while pilots are in progress and starts
// workers of the current one. The runs are stuck, but nothing is lost. After resume --replace, every pilot reaches its
// end and nothing has happened twice.
func TestAChangedStoryIsDeployedOntoLivePilots(t *testing.T) { //nolint:paralleltest // it drops cached runs, which affects the whole process
	silent := slog.New(slog.DiscardHandler)
	c, err := worker.Dial(temporaltest.StartSilent(t).Address, temporaltest.Namespace, silent) // the old runs fail their replay
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	old, err := client.NewClientFromExisting(c, client.Options{
		Namespace: temporaltest.Namespace, Interceptors: []interceptor.ClientInterceptor{&yesterday{}}, Logger: sdklog.NewStructuredLogger(silent),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	all := everyStage()
	for _, m := range all {
		m.house, m.bank = newHouse(t, c), &cashier{open: make(chan struct{}), orders: map[string]int{}}
		m.config.Gateway = m.bank
		m.people = recordtest.Draft(t, m.house, 1)
	}
	each := func(step string, do func(*midway, *testing.T)) {
		t.Run(step, func(t *testing.T) {
			for _, m := range all {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					do(m, t)
				})
			}
		})
	}
	each("on the old story", func(m *midway, t *testing.T) { m.begin(t, old) })
	sdkworker.PurgeStickyWorkflowCache() // as in a new process
	each("stuck on the present one, until they are replaced", (*midway).goOn)
	strays := 0
	for _, m := range all {
		strays += m.strays
	}
	if strays < len(all) {
		t.Errorf("%d runs of %d pilots were seen to fail by their replay", strays, len(all))
	}
}

func (m *midway) ref() flow.Ref { return flow.Ref{Kind: m.kind, ID: m.people.Pilot + m.tail} }

// begin carries the pilot into its stage with workers of the old story, then stops them.
func (m *midway) begin(t *testing.T, old client.Client) {
	t.Helper()
	if m.stage != payment.Instruction {
		close(m.bank.open)
	}
	config := m.config
	config.Client = old
	w := worker.Start(config)
	defer w.Stop() // also if the test ends here
	recordtest.Until(t, "its run has begun", func() bool { return len(m.live(t)) > 0 })
	m.people.Carry(m, m.there)
	w.Stop()
	if m.begun = m.live(t); !m.there() || len(m.begun) == 0 {
		t.Fatalf("never was there: %v", m.Journal())
	}
}

// there reports whether the aggregate is in its stage.
func (m *midway) there() bool {
	news, err := m.News(context.Background(), m.ref())
	return err == nil && news.Stage == m.stage
}

// live returns the open aggregates whose newest run began on the old story and has completed a task.
func (m *midway) live(t *testing.T) (refs []flow.Ref) {
	t.Helper()
	open, err := m.OpenAggregates(t.Context(), flow.Ref{}, 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range open {
		found, err := m.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(ref), "")
		if err != nil {
			continue // not started yet
		}
		var story int
		if memo := found.WorkflowExecutionInfo.GetMemo().GetFields()[workflows.StoryMemo]; memo != nil {
			if err := converter.GetDefaultDataConverter().FromPayload(memo, &story); err != nil {
				t.Fatal(err)
			}
		}
		if story == workflows.Story-1 && m.count(t, ref, enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) > 0 {
			refs = append(refs, ref)
		}
	}
	return refs
}

// count counts the events of a type in the newest run of an aggregate. It counts failed tasks only if their replay
// failed.
func (m *midway) count(t *testing.T, ref flow.Ref, kind enumspb.EventType) (n int) {
	t.Helper()
	for events := m.client.GetWorkflowHistory(t.Context(), workflows.IDOf(ref), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			return n
		}
		failed := event.GetWorkflowTaskFailedEventAttributes()
		if event.EventType == kind && (failed == nil || failed.Cause == enumspb.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR) {
			n++
		}
	}
	return n
}

// stuck reports whether the newest run of an aggregate fails its replay. When a task keeps failing, the history holds
// only the first failure. If that one came from the end of the old worker, the number of attempts decides.
func (m *midway) stuck(t *testing.T, ref flow.Ref) bool {
	t.Helper()
	if m.count(t, ref, enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED) > 0 {
		m.strays++
		return true
	}
	found, err := m.client.DescribeWorkflowExecution(t.Context(), workflows.IDOf(ref), "")
	return err == nil && found.GetPendingWorkflowTask().GetAttempt() > 3
}

// goOn starts workers of the current story while the old runs still exist, and then replaces those runs.
func (m *midway) goOn(t *testing.T) {
	w := worker.Start(m.config)
	defer w.Stop()
	before := m.Journal()
	for _, ref := range m.begun {
		m.Put(ref) // as if a user had changed it
	}
	for _, ref := range m.begun {
		recordtest.Until(t, ref.String()+" is stuck", func() bool { return m.stuck(t, ref) })
	}
	if m.stage == payment.Instruction {
		close(m.bank.open)
	}
	m.people.Meanwhile(m) // users' commands are still accepted
	if now := m.Journal(); !slices.Equal(now[:len(before)], before) {
		t.Errorf("the record was %v and is %v", before, now)
	}

	done, err := m.resuming().Resume(t.Context(), true, func(worker.Resumed) {})
	if err != nil || done.Replaced < len(m.begun) || done.Orphaned > 0 {
		t.Errorf("%d runs had begun: %s, %v", len(m.begun), done, err)
	}
	m.people.Carry(m, never)
	m.completed(t)
	m.once(t)
}

// once fails the test unless every event of a pilot with one village happened exactly once.
func (m *midway) once(t *testing.T) {
	t.Helper()
	want := map[string]int{
		"pilot/notice-opened": 1, "pilot/approved": 1, "pilot/village-ended": 1, "pilot/contract-paid": 1, "pilot/contract-final": 1, "pilot/archived": 1,
		"project/opened": 1, "project/tranche-paid": 3, "project/tranche-final": 3, "project/closed": 1,
		"payment/opened": 4, "payment/posted": 4, "payment/finality-due": 4, "payment/settled": 4,
	}
	got := map[string]int{}
	for _, e := range m.Journal() {
		if name := string(e.Ref.Kind) + "/" + e.Name; want[name] > 0 {
			got[name]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("happened: %v\n   want: %v", got, want)
	}
	m.bank.mu.Lock()
	defer m.bank.mu.Unlock()
	var references []string
	for reference := range m.bank.orders {
		references = append(references, strings.TrimPrefix(reference, m.people.Pilot))
	}
	if slices.Sort(references); !slices.Equal(references, []string{".1.1.1", ".1.2.1", ".1.3.1", ".e.1"}) {
		t.Errorf("the bank was instructed under %q", references)
	}
}
