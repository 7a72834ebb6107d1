package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"terrace/domain/flow"
	"terrace/workflows"
)

// Open is what the record tells about aggregates that have not ended, in an
// order of its own; after is the last one that was told, zero for the first page.
type Open interface {
	OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]flow.Ref, error)
	// Known are those of the aggregates that the record knows, whether or not they have ended.
	Known(ctx context.Context, refs []flow.Ref) (map[flow.Ref]bool, error)
}

// Resumed counts what Resume found and did.
type Resumed struct {
	Open     int // aggregates that have not ended
	Started  int // workflows that were missing
	Replaced int // workflows on an older story
	Unknown  int // runs of what the record does not know, ended
}

func (r Resumed) String() string {
	text := fmt.Sprintf("%d open, %d workflows started, %d replaced", r.Open, r.Started, r.Replaced)
	if r.Unknown > 0 {
		text += fmt.Sprintf(", %d ended that the record knows nothing of", r.Unknown)
	}
	return text
}

// Resuming is whose workflows are to be started, and where.
type Resuming struct {
	Open    Open
	Client  client.Client
	Prefix  string // before the names of the task queues
	Indexed bool   // see Config
}

// Resume starts the workflow of every open aggregate that has none: after
// Temporal's data are gone, or a restored record is older than its workflows.
// With replace it also ends runs that began on an older story, and starts them
// anew on the present one, and ends the runs of aggregates that came into being
// after the moment to which the record was set back. It can be repeated, beside
// live traffic; progress hears of every page.
func (r Resuming) Resume(ctx context.Context, replace bool, progress func(Resumed)) (Resumed, error) {
	var total Resumed
	if replace {
		var err error
		if total.Unknown, err = r.endUnknown(ctx); err != nil {
			return total, fmt.Errorf("end what the record knows nothing of: %w", err)
		}
	}
	err := eachOpen(ctx, r.Open, func(ctx context.Context, ref flow.Ref) (func(), error) {
		outdated := false
		if replace {
			var err error
			if outdated, err = r.outdated(ctx, ref); err != nil {
				return nil, err
			}
		}
		started, err := r.start(ctx, ref, outdated)
		return func() {
			total.Open++
			switch {
			case outdated:
				total.Replaced++
			case started:
				total.Started++
			}
		}, err
	}, func() { progress(total) })
	return total, err
}

// outdated tells that the aggregate's workflow runs an older story.
func (r Resuming) outdated(ctx context.Context, ref flow.Ref) (bool, error) {
	found, err := describe(ctx, r.Client, ref)
	if err != nil || found == nil || !running(found) {
		return false, err
	}
	story := 0
	if memo := found.WorkflowExecutionInfo.GetMemo().GetFields()[workflows.StoryMemo]; memo != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(memo, &story); err != nil {
			return false, err
		}
	}
	return story < workflows.Story, nil
}

// start starts the aggregate's workflow unless one runs; an outdated one is
// ended and replaced in the same step. That an earlier run came to its end does
// not matter: the record says that the aggregate has not.
func (r Resuming) start(ctx context.Context, ref flow.Ref, outdated bool) (bool, error) {
	o := options(ref, r.Prefix)
	o.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	o.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	o.WorkflowExecutionErrorWhenAlreadyStarted = true
	if outdated {
		o.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
	}
	_, err := r.Client.ExecuteWorkflow(ctx, o, workflows.TypeOf(ref.Kind), workflows.Start{ID: ref.ID, Indexed: r.Indexed})
	if begun(err) {
		return false, nil
	}
	return err == nil, err
}

// describe finds the newest run of an aggregate's workflow; nil when there is none.
func describe(ctx context.Context, c client.Client, ref flow.Ref) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	found, err := c.DescribeWorkflowExecution(ctx, workflows.IDOf(ref), "")
	if absent(err) {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	return found, err
}

func running(run *workflowservice.DescribeWorkflowExecutionResponse) bool {
	return run.WorkflowExecutionInfo.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// eachOpen asks about every open aggregate that a workflow carries, inFlight at once. The function that
// an answer brings is called by one goroutine at a time; page after each page.
func eachOpen(ctx context.Context, open Open, ask func(context.Context, flow.Ref) (func(), error), page func()) error {
	for after := (flow.Ref{}); ; {
		refs, err := open.OpenAggregates(ctx, after, 200)
		if err != nil || len(refs) == 0 {
			return err
		}
		var (
			mu    sync.Mutex
			errs  []error
			all   sync.WaitGroup
			slots = make(chan struct{}, inFlight)
		)
		for _, ref := range refs {
			if !workflows.Carries(ref.Kind) {
				continue
			}
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				answer, err := ask(ctx, ref)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					errs = append(errs, err)
					return
				}
				answer()
			})
		}
		all.Wait()
		page()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		after = refs[len(refs)-1]
	}
}
