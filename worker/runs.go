package worker

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"terrace/domain/flow"
	"terrace/workflows"
)

// Runs reads the state of aggregates' workflows from Temporal.
type Runs struct{ Client client.Client }

// Run is the latest run of an aggregate's workflow.
type Run struct {
	ID      string    `json:"id" doc:"id of the workflow"`
	Type    string    `json:"type"`
	Status  string    `json:"status" doc:"running, completed, failed, canceled, terminated, continued-as-new or timed-out; none: it was never started, or is long gone"`
	RunID   string    `json:"run_id,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Closed  time.Time `json:"closed,omitzero"`
	Events  int64     `json:"events" doc:"length of the history"`
	Pending []Pending `json:"pending" doc:"activities under way"`
}

// Pending is an activity that a workflow is waiting for. Temporal shows operators why it last failed.
type Pending struct {
	Activity string    `json:"activity"`
	Attempt  int       `json:"attempt"`
	Since    time.Time `json:"since,omitzero" doc:"when it was scheduled"`
}

// Healthy returns an error if Temporal does not respond.
func (r *Runs) Healthy(ctx context.Context) error { return healthy(ctx, r.Client) }

// Describe returns the state of each aggregate's workflow, in the same order as refs.
func (r *Runs) Describe(ctx context.Context, refs []flow.Ref) ([]Run, error) {
	runs := make([]Run, len(refs))
	for i, ref := range refs {
		run, err := r.describe(ctx, ref)
		if err != nil {
			return nil, err
		}
		runs[i] = run
	}
	return runs, nil
}

func (r *Runs) describe(ctx context.Context, ref flow.Ref) (Run, error) {
	run := Run{ID: workflows.IDOf(ref), Type: workflows.TypeOf(ref.Kind), Status: "none", Pending: []Pending{}}
	found, err := describe(ctx, r.Client, ref)
	if err != nil || found == nil {
		return run, err
	}
	info := found.WorkflowExecutionInfo
	run.Status = statusName(info.GetStatus().String())
	run.RunID = info.GetExecution().GetRunId()

	run.Started = info.GetStartTime().AsTime()
	if info.GetCloseTime() != nil {
		run.Closed = info.GetCloseTime().AsTime()
	}
	run.Events = info.GetHistoryLength()
	for _, p := range found.GetPendingActivities() {
		run.Pending = append(run.Pending, Pending{
			Activity: p.GetActivityType().GetName(), Attempt: int(p.GetAttempt()), Since: p.GetScheduledTime().AsTime(),
		})
	}
	return run, nil
}

// statusName converts a name such as ContinuedAsNew to continued-as-new.
func statusName(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(c)))
	}
	return b.String()
}
