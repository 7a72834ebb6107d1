package workflows

import (
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
)

// runner carries an aggregate through its stages. It holds nothing but the latest News of that aggregate. Three kinds
// of coroutines run beside the stages: one receives signals, one keeps track of due times, and one works on each duty
// in progress.
type runner struct {
	ref     flow.Ref
	start   Start
	signals workflow.ReceiveChannel

	news    activities.News
	heard   int       // number of times that News was received or a duty ended
	dueAt   time.Time // the next due time, by the workflow's clock
	busy    []deed
	keeping bool  // whether a keep-time command is in progress
	fault   error // an error that retrying cannot fix, with which the run ends
}

// deed is a duty in progress.
type deed struct {
	duty   flow.Duty
	cancel workflow.CancelFunc
}

// work maps each duty that can arise in a stage to the function that performs it.
type work map[flow.DutyKey]func(workflow.Context, flow.Duty) (activities.Answer, error)

// nothing is the work of a stage that only waits for people and for due dates.
var nothing = work{}

func newRunner(kind flow.Kind, start Start) runner {
	return runner{ref: flow.Ref{Kind: kind, ID: start.ID}, start: start}
}

// run goes through the stages as given by the record, until there are no waits or duties left. It does not update the
// search attributes at the end, because operators look for runs in progress, and the outcome is in the record.
func (r *runner) run(ctx workflow.Context, stage func(workflow.Context) error) error {
	if err := r.learn(ctx); err != nil {
		return err
	}
	workflow.Go(ctx, r.listen)
	workflow.Go(ctx, r.watch)
	for !r.news.Ended {
		if err := stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stay waits until the record reports another stage. Meanwhile, people send commands, duties are performed, and
// deadlines take effect.
func (r *runner) stay(ctx workflow.Context, w work) error {
	if err := r.index(ctx); err != nil {
		return err
	}
	for stage := r.news.Stage; r.news.Stage == stage && !r.news.Ended; {
		r.undertake(ctx, w)
		heard := r.heard
		err := workflow.Await(ctx, func() bool { return r.heard != heard || r.fault != nil || r.mayRenew(ctx) })
		switch {
		case err != nil:
			return err
		case r.fault != nil:
			return r.fault
		case r.mayRenew(ctx):
			return r.renew(ctx)
		}
	}
	return nil
}

// undertake starts work on the current duties, unless it has already begun, and cancels work on duties that no longer
// exist.
func (r *runner) undertake(ctx workflow.Context, w work) {
	for _, d := range r.busy {
		if !r.news.Owes(d.duty) {
			d.cancel()
		}
	}
	for _, duty := range r.news.Duties {
		do, known := w[duty.Key]
		switch {
		case slices.ContainsFunc(r.busy, func(d deed) bool { return d.duty == duty }):
		case !known:
			workflow.GetLogger(ctx).Error("owed in a stage that does not know how", "aggregate", r.ref.String(), "stage", r.news.Stage, "duty", duty.Key)
		default:
			dutyCtx, cancel := workflow.WithCancel(ctx)
			r.busy = append(r.busy, deed{duty, cancel})
			workflow.Go(dutyCtx, func(ctx workflow.Context) {
				r.fulfil(ctx, duty, do)
				r.busy = slices.DeleteFunc(r.busy, func(d deed) bool { return d.duty == duty })
				r.heard++
			})
		}
	}
}

// fulfil works on a duty until the aggregate no longer owes it. If the record rejects the command, the News in the
// response gives the current state. If the duty is still owed then, fulfil tries again after a pause, which grows each
// time.
func (r *runner) fulfil(ctx workflow.Context, duty flow.Duty, do func(workflow.Context, flow.Duty) (activities.Answer, error)) {
	for tries := 0; r.news.Owes(duty); tries++ {
		if tries > 0 && workflow.Sleep(ctx, doubled(200*time.Millisecond, time.Minute, tries-1)) != nil {
			return
		}
		answer, err := do(ctx, duty)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.fault = err
			return
		}
		r.hear(ctx, answer.News)
		if tries > 0 && r.news.Owes(duty) {
			workflow.GetLogger(ctx).Warn("refused again", "aggregate", r.ref.String(), "duty", duty.Key, "subject", duty.Subject, "code", answer.Refused, "tries", tries+1)
		}
	}
}

// act performs a duty with a single activity.
func (r *runner) act(ctx workflow.Context, c class, activity any, duty flow.Duty) (activities.Answer, error) {
	var answer activities.Answer
	err := perform(ctx, c, activity, activities.Task{Ref: r.ref, Duty: duty}, &answer)
	return answer, err
}

// startChild starts the workflow of another aggregate, which may outlive this one. It is not an error if an earlier run
// or the relay has already started it.
func (r *runner) startChild(ctx workflow.Context, ref flow.Ref) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // cancelling the duty must not cancel the child
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            IDOf(ref),
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		Memo:                  Memo(),
	})
	child := workflow.ExecuteChildWorkflow(ctx, TypeOf(ref.Kind), Start{ID: ref.ID, Indexed: r.start.Indexed})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

// mayRenew reports whether the run should continue as new: its history is long, the aggregate has not ended, and
// nothing is in progress that would have to be handed to the next run.
func (r *runner) mayRenew(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && !r.news.Ended && len(r.busy) == 0 && !r.keeping
}

// renew continues as new, passing on only the arguments with which the run was started. The next run reads the News
// from the record and sets its timer accordingly, so a signal that arrives meanwhile is not lost. If a signal arrives
// later, Temporal makes this run process it first.
func (r *runner) renew(ctx workflow.Context) error {
	if err := workflow.UpsertMemo(ctx, Memo()); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, TypeOf(r.ref.Kind), r.start)
}
