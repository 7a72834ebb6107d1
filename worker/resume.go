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

// Open lists the aggregates that have not ended, in an order of its own. The list starts after the given aggregate; the
// zero Ref gives the first page.
type Open interface {
	OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]flow.Ref, error)
	// Known returns those of the aggregates that the record knows, ended or not.
	Known(ctx context.Context, refs []flow.Ref) (map[flow.Ref]bool, error)
}

// Resumed counts what Resume found and did.
type Resumed struct {
	Open     int // aggregates that have not ended
	Started  int // workflows that were missing
	Replaced int // workflows on an older story
	Orphaned int // orphaned workflows that were ended: their aggregates are not in the record
}

func (r Resumed) String() string {
	text := fmt.Sprintf("%d open, %d workflows started, %d replaced", r.Open, r.Started, r.Replaced)
	if r.Orphaned > 0 {
		text += fmt.Sprintf(", %d orphaned workflows ended", r.Orphaned)
	}
	return text
}

// Resuming says whose workflows to start, and where.
type Resuming struct {
	Open    Open
	Client  client.Client
	Prefix  string // of the names of the task queues
	Indexed bool   // see Config
}

// Resume starts the workflow of every open aggregate that has none: after Temporal has lost its data, or if a restored
// record is older than its workflows. With replace it also restarts, on the present story, runs that began on an older
// one. And it ends the runs of aggregates that were created after the moment to which the record was set back. It can be
// repeated, also beside live traffic. It calls progress after every page.
func (r Resuming) Resume(ctx context.Context, replace bool, progress func(Resumed)) (Resumed, error) {
	var total Resumed
	if replace {
		var err error
		if total.Orphaned, err = r.endOrphans(ctx); err != nil {
			return total, fmt.Errorf("end orphaned workflows: %w", err)
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

// outdated reports whether the aggregate's workflow runs an older story.
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

// start starts the aggregate's workflow unless one is running. An outdated one is ended and replaced in one step. An
// earlier run may have completed: the record says that the aggregate has not ended.
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

// describe returns the newest run of an aggregate's workflow, or nil if there is none.
func describe(ctx context.Context, c client.Client, ref flow.Ref) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	found, err := c.DescribeWorkflowExecution(ctx, workflows.IDOf(ref), "")
	if absent(err) {
		return nil, nil //nolint:nilnil // having no run is a valid result
	}
	return found, err
}

func running(run *workflowservice.DescribeWorkflowExecutionResponse) bool {
	return run.WorkflowExecutionInfo.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// eachOpen calls ask for every open aggregate that a workflow carries, inFlight at a time. The functions that ask
// returns are called one at a time. It calls page after each page.
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
