package workflows_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"terrace/workflows"
)

// change is a way to alter the workflows after their histories were saved.
type change struct {
	name string
	// bites lists event types. The change affects a history that has an event of one of them; an empty list affects
	// every history.
	bites []enumspb.EventType
	// first runs before the workflow; outbound changes the workflow's own steps.
	first    func(ctx workflow.Context) error
	outbound func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor
}

// changes has one of every kind of change: a step added, a step removed, a different step, a different order, an earlier
// end.
var changes = []change{
	{name: "a timer more", first: func(ctx workflow.Context) error { return workflow.Sleep(ctx, time.Minute) }},
	{name: "a side effect more", first: func(ctx workflow.Context) error {
		workflow.SideEffect(ctx, func(workflow.Context) any { return 1 })
		return nil
	}},
	{name: "an activity more", first: func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Second})
		return workflow.ExecuteActivity(ctx, "ReadOldNews").Get(ctx, nil)
	}},
	{name: "a child more", first: func(ctx workflow.Context) error {
		return workflow.ExecuteChildWorkflow(ctx, workflows.DifferenceType).GetChildWorkflowExecution().Get(ctx, nil)
	}},
	{name: "an earlier end", first: func(workflow.Context) error { return errEnd }},
	{
		name: "timers that are not set", bites: []enumspb.EventType{enumspb.EVENT_TYPE_TIMER_STARTED},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &timeless{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
	{
		name: "activities of another name", bites: []enumspb.EventType{enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &renaming{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
	{
		name: "what is asked of the record within the task becomes an activity", bites: []enumspb.EventType{enumspb.EVENT_TYPE_MARKER_RECORDED},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &outside{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
	{
		name: "children of another story", bites: []enumspb.EventType{enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &fostering{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
	{
		name: "search attributes that are not kept", bites: []enumspb.EventType{enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &untold{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
	{
		name: "a memo that is not kept", bites: []enumspb.EventType{enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED},
		outbound: func(next interceptor.WorkflowOutboundInterceptor) interceptor.WorkflowOutboundInterceptor {
			return &forgetful{interceptor.WorkflowOutboundInterceptorBase{Next: next}}
		},
	},
}

var errEnd = temporal.NewNonRetryableApplicationError("the story ends here", "end", nil)

// The outbound interceptors change one kind of step each.
type (
	timeless struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
	renaming struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
	outside struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
	fostering struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
	untold struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
	forgetful struct {
		interceptor.WorkflowOutboundInterceptorBase
	}
)

func (*timeless) NewTimer(ctx workflow.Context, _ time.Duration) workflow.Future { return never(ctx) }

func (*timeless) NewTimerWithOptions(ctx workflow.Context, _ time.Duration, _ workflow.TimerOptions) workflow.Future {
	return never(ctx)
}

func never(ctx workflow.Context) workflow.Future {
	future, _ := workflow.NewFuture(ctx)
	return future
}

func (r *renaming) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	return r.Next.ExecuteActivity(ctx, name+"Anew", args...)
}

func (o *outside) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Second})
	return o.Next.ExecuteActivity(ctx, name, args...)
}

func (f *fostering) ExecuteChildWorkflow(ctx workflow.Context, name string, args ...any) workflow.ChildWorkflowFuture {
	return f.Next.ExecuteChildWorkflow(ctx, name+"Anew", args...)
}

func (*untold) UpsertTypedSearchAttributes(workflow.Context, ...temporal.SearchAttributeUpdate) error {
	return nil
}
func (*forgetful) UpsertMemo(workflow.Context, map[string]any) error { return nil }

// otherwise is an interceptor that makes a replayer apply a change to the workflows.
type otherwise struct {
	interceptor.WorkerInterceptorBase
	change change
}

func (o *otherwise) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &changed{interceptor.WorkflowInboundInterceptorBase{Next: next}, o.change}
}

type changed struct {
	interceptor.WorkflowInboundInterceptorBase
	change change
}

func (c *changed) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	if c.change.outbound != nil {
		outbound = c.change.outbound(outbound)
	}
	return c.Next.Init(outbound)
}

func (c *changed) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if c.change.first != nil {
		if err := c.change.first(ctx); err != nil {
			return nil, err
		}
	}
	return c.Next.ExecuteWorkflow(ctx, in)
}

// TestAChangedStoryFailsReplay proves that every committed history guards the code: it fails its replay under every kind
// of change that affects it.
func TestAChangedStoryFailsReplay(t *testing.T) {
	t.Parallel()
	bitten := map[string]int{}
	for _, file := range committed(t) {
		history := readHistory(t, file)
		for _, c := range changes {
			if !c.concerns(history) {
				continue
			}
			bitten[c.name]++
			replayer, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
				Interceptors: []interceptor.WorkerInterceptor{&otherwise{change: c}},
			})
			if err != nil {
				t.Fatal(err)
			}
			workflows.Register(replayer)
			if err := replayer.ReplayWorkflowHistory(quiet(t), history); err == nil {
				t.Errorf("%s with %s replayed as if nothing had changed", strings.TrimSuffix(filepath.Base(file), ".json"), c.name)
			}
		}
	}
	for _, c := range changes {
		if bitten[c.name] == 0 {
			t.Errorf("no history is concerned by %s", c.name)
		}
	}
	t.Logf("histories that each change fails: %v", bitten)
}

// concerns reports whether the change affects a run with this history.
func (c change) concerns(history *historypb.History) bool {
	return len(c.bites) == 0 || slices.ContainsFunc(history.Events, func(e *historypb.HistoryEvent) bool { return slices.Contains(c.bites, e.EventType) })
}

// TestAnUnchangedStoryReplaysBesideAnInterceptor proves that it is the changes that fail replay, not the interceptor
// that makes them.
func TestAnUnchangedStoryReplaysBesideAnInterceptor(t *testing.T) {
	t.Parallel()
	replayer, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
		Interceptors: []interceptor.WorkerInterceptor{&otherwise{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(replayer)
	for _, file := range committed(t) {
		if err := replayer.ReplayWorkflowHistory(quiet(t), readHistory(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
