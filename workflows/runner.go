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

// runner carries every story. It holds only the newest News of its aggregate. Beside the story run a listener, which
// receives the signals; a watch, which applies what time brings; and one coroutine for each duty in progress.
type runner struct {
	ref     flow.Ref
	start   Start
	signals workflow.ReceiveChannel

	news    activities.News
	heard   int       // how many times News came
	dueAt   time.Time // when News.Next comes, by the workflow's clock
	busy    []deed
	keeping bool  // a keep-time is in progress
	fault   error // an error that retrying cannot fix
}

// deed is a duty in progress.
type deed struct {
	duty   flow.Duty
	cancel workflow.CancelFunc
}

// work maps the duties that a stage may owe to the functions that fulfil them.
type work map[flow.DutyKey]func(workflow.Context, flow.Duty) (activities.Answer, error)

// nothing is the work of a stage that only waits for people and days.
var nothing = work{}

func newRunner(kind flow.Kind, start Start) runner {
	return runner{ref: flow.Ref{Kind: kind, ID: start.ID}, start: start}
}

// run runs the stages one after another, as the record gives them, until nothing is owed or awaited any longer. It does
// not index the end: operators look for runs in progress, and the outcome is on the record.
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

// stay remains in the current stage until the record reports another. Meanwhile people act on the record, duties are
// fulfilled as they come, and days take their effect.
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

// undertake starts duties that are owed and not yet in progress, and cancels those in progress that are no longer owed.
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

// fulfil works on a duty until the record no longer owes it. A refusal is an answer, and its News describe the current
// state. If the duty is still owed, it is tried again after a growing pause.
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

// act fulfils a duty with one activity.
func (r *runner) act(ctx workflow.Context, c class, activity any, duty flow.Duty) (activities.Answer, error) {
	var answer activities.Answer
	err := perform(ctx, c, activity, activities.Task{Ref: r.ref, Duty: duty}, &answer)
	return answer, err
}

// startChild starts the workflow of another aggregate. The child may outlive its parent. Whoever starts it first wins:
// this run, an earlier one, or the relay.
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

// mayRenew reports whether the run can continue as new: its history is long, the story goes on, and nothing is in
// progress that the next run would have to be told about.
func (r *runner) mayRenew(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && !r.news.Ended && len(r.busy) == 0 && !r.keeping
}

// renew continues as new. It passes on only the start: the next run reads the News from the record and sets its timer
// from them. So a signal that arrives at this moment is not missed. If one arrives later, Temporal has this run handle
// it first.
func (r *runner) renew(ctx workflow.Context) error {
	if err := workflow.UpsertMemo(ctx, Memo()); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, TypeOf(r.ref.Kind), r.start)
}
