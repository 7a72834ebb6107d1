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

// Open lists the aggregates that have not ended, in any fixed order, starting after the given aggregate. The zero Ref
// starts at the beginning.
type Open interface {
	OpenAggregates(ctx context.Context, after flow.Ref, limit int) ([]flow.Ref, error)
	// Known returns which of the given aggregates are in the record, including ended ones.
	Known(ctx context.Context, refs []flow.Ref) (map[flow.Ref]bool, error)
}

// Resumed counts what Resume found and did.
type Resumed struct {
	Open     int // aggregates that have not ended
	Started  int // workflows that were missing and were started
	Replaced int // workflows of an older version that were restarted
	Orphaned int // workflows that were terminated because their aggregates are not in the record
}

func (r Resumed) String() string {
	text := fmt.Sprintf("%d open, workflows: %d started, %d replaced", r.Open, r.Started, r.Replaced)
	if r.Orphaned > 0 {
		text += fmt.Sprintf(", %d orphaned ended", r.Orphaned)
	}
	return text
}

// Resuming specifies which aggregates' workflows to start, and on which task queues.
type Resuming struct {
	Open    Open
	Client  client.Client
	Prefix  string // prefix of the names of the task queues
	Indexed bool   // as in Config
}

// Resume starts the workflow of every open aggregate that has none. This is needed when Temporal has lost its data, or
// when a restored record is older than its workflows. If replace is true, Resume also restarts runs that began on an
// older version of the workflow code, and terminates the runs of aggregates that are missing because the record was
// restored to an earlier state. Resume may be repeated, even while the system is in use. It calls progress after every
// page.
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

// outdated reports whether the aggregate's workflow began on an older version of the workflow code.
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

// start starts the aggregate's workflow, unless it is running. If it is running but outdated, start terminates and
// replaces it in a single step. It also starts a workflow whose earlier run has completed, because the record shows
// that the aggregate has not ended.
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

// describe returns the latest run of an aggregate's workflow, or nil if there is none.
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

// eachOpen calls ask for every open aggregate that has a workflow, with up to inFlight calls at a time. ask may return
// a function; these functions are never called concurrently. After each page, eachOpen calls page.
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
