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

// runner is how every story is carried: it holds the newest News of its
// aggregate and nothing else. Beside the story run a listener, which takes in
// the signals, a watch, which lets time take its effect, and one coroutine for
// each duty that is being done.
type runner struct {
	ref     flow.Ref
	start   Start
	signals workflow.ReceiveChannel

	news    activities.News
	heard   int       // how often News came
	dueAt   time.Time // when News.Next comes, by the workflow's clock
	busy    []deed
	keeping bool  // a keep-time is under way
	fault   error // what no trying again can mend
}

// deed is a duty that is being done.
type deed struct {
	duty   flow.Duty
	cancel workflow.CancelFunc
}

// work tells how the duties that a stage may owe are done.
type work map[flow.DutyKey]func(workflow.Context, flow.Duty) (activities.Answer, error)

// nothing is the work of a stage in which only people and days are awaited.
var nothing = work{}

func newRunner(kind flow.Kind, start Start) runner {
	return runner{ref: flow.Ref{Kind: kind, ID: start.ID}, start: start}
}

// run tells one stage after another, as the record has it, until nothing is
// owed or awaited any more. At its end it is not indexed once more: operators
// look for what is under way, and how it ended stands on the record.
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

// stay keeps to the present stage until the record tells of another one. People
// act on the record meanwhile; the stage's own work is done as it is owed, and
// what the days bring takes effect.
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

// undertake begins what is owed and not yet being done, and cancels what is
// being done and no longer owed.
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

// fulfil does a duty until the record does not owe it any more. A refusal is an
// answer: the News that came with it tells how things stand, and if the duty
// still stands it is tried again, ever more patiently.
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

// act does a duty by one activity.
func (r *runner) act(ctx workflow.Context, c class, activity any, duty flow.Duty) (activities.Answer, error) {
	var answer activities.Answer
	err := perform(ctx, c, activity, activities.Task{Ref: r.ref, Duty: duty}, &answer)
	return answer, err
}

// startChild starts the workflow of another aggregate. It outlives its parent,
// and whoever starts it first wins: this run, an earlier one, or the relay.
func (r *runner) startChild(ctx workflow.Context, ref flow.Ref) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // what ends the duty must not end the child
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

// mayRenew tells that the history has grown long, that the story goes on, and
// that nothing is under way which the next run would have to be told of.
func (r *runner) mayRenew(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && !r.news.Ended && len(r.busy) == 0 && !r.keeping
}

// renew continues as new. Nothing is carried but the id: the next run reads the
// News from the record, and sets its timer from them. So a signal that comes in
// this moment is not missed; one that comes later, Temporal lets this run hear first.
func (r *runner) renew(ctx workflow.Context) error {
	if err := workflow.UpsertMemo(ctx, Memo()); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, TypeOf(r.ref.Kind), r.start)
}
