package worker

import (
	"context"
	"fmt"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/workflows"
)

// endUnknown ends the runs on our task queue of aggregates that the record knows nothing of, and tells how many. A workflow
// is started after its aggregate was recorded, never before, so these are left of what was undone when the record was set back.
func (r Resuming) endUnknown(ctx context.Context) (ended int, err error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("ExecutionStatus = 'Running' AND TaskQueue = '%s'", r.Prefix+workflows.Queue),
	}
	for {
		page, err := r.Client.ListWorkflow(ctx, request)
		if err != nil {
			return ended, err
		}
		runs := map[flow.Ref]*commonpb.WorkflowExecution{}
		refs := []flow.Ref{}
		for _, run := range page.GetExecutions() {
			if ref, ok := aggregateOf(run.GetType().GetName(), run.GetExecution().GetWorkflowId()); ok {
				runs[ref] = run.GetExecution()
				refs = append(refs, ref)
			}
		}
		known, err := r.Open.Known(ctx, refs)
		if err != nil {
			return ended, err
		}
		for ref, run := range runs {
			if known[ref] {
				continue
			}
			err := r.Client.TerminateWorkflow(ctx, run.GetWorkflowId(), run.GetRunId(), "the record knows nothing of "+ref.String())
			if err != nil && !absent(err) {
				return ended, err
			}
			ended++
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return ended, nil
		}
	}
}

// aggregateOf is the aggregate that a workflow of this type and id carries; false for any that carries none.
func aggregateOf(workflow, id string) (flow.Ref, bool) {
	prefix, name, _ := strings.Cut(id, "/")
	for _, a := range catalogue.All.Aggregates() {
		if a.Carried.Workflow == workflow && a.Carried.Prefix == prefix && workflow != "" {
			return flow.Ref{Kind: a.Kind, ID: name}, true
		}
	}
	return flow.Ref{}, false
}
