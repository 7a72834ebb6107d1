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

// endOrphans terminates the workflows on our task queue whose aggregates are not in the record, and returns their
// number. A workflow is started only after its aggregate has been recorded, so these belong to events that were lost
// when the record was restored to an earlier state.
func (r Resuming) endOrphans(ctx context.Context) (ended int, err error) {
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
			err := r.Client.TerminateWorkflow(ctx, run.GetWorkflowId(), run.GetRunId(), "orphaned: "+ref.String()+" is not in the record")
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

// aggregateOf returns the aggregate for which a workflow with this type and id was started, or false if there is none.
func aggregateOf(workflow, id string) (flow.Ref, bool) {
	prefix, name, _ := strings.Cut(id, "/")
	for _, a := range catalogue.All.Aggregates() {
		if a.Carried.Workflow == workflow && a.Carried.Prefix == prefix && workflow != "" {
			return flow.Ref{Kind: a.Kind, ID: name}, true
		}
	}
	return flow.Ref{}, false
}
