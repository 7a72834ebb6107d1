package driving

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
	"terrace/bench/result"
	"terrace/bench/stack"
)

// plain is Temporal without Terrace. Each lifecycle is a workflow that receives decisions as Updates and, before it
// responds, writes the rows of each in a local activity. The payment is a child workflow, as in Terrace. It writes what
// Terrace writes but judges nothing. Its clients send to Temporal directly, and its worker runs in the clients'
// process.
type plain struct {
	peer.Stock
	stack  *stack.Stack
	client client.Client

	// asked is whether all twelve decisions are sent as Updates, as in the other measurements. Otherwise the workflow
	// makes its own four in the task of the preceding decision, and clients send only the eight made by people, which
	// is the best that plain Temporal can do here.
	asked bool
}

// temporalTuned is the engine whose workflow makes its own decisions without an Update.
const temporalTuned = "temporal-own-acts"

func openPlain(ctx context.Context, s *stack.Stack, script *lifecycle.Script, asked bool) (*plain, error) {
	url, err := s.NewRecord(ctx, "plain")
	if err == nil {
		err = lifecycle.WithoutRules(ctx, url)
	}
	if err != nil {
		return nil, err
	}
	p := &plain{stack: s, asked: asked}
	p.Script = script
	if p.Pool, err = peer.OpenPool(ctx, url, peer.Conns); err != nil {
		return nil, err
	}
	p.client, err = client.DialContext(ctx, client.Options{
		HostPort: s.TemporalAddress(), Namespace: stack.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	})
	return p, err
}

// work starts a worker and returns a function that stops it.
func (p *plain) work() (stop func(), err error) {
	w := sdk.New(p.client, p.name(), sdk.Options{
		MaxConcurrentWorkflowTaskPollers: 16, MaxConcurrentWorkflowTaskExecutionSize: 256, MaxConcurrentLocalActivityExecutionSize: 256,
		DisableRegistrationAliasing: true, LocalActivityWorkerOnly: true,
	})
	w.RegisterWorkflowWithOptions(p.project, workflow.RegisterOptions{Name: "project"})
	w.RegisterWorkflowWithOptions(p.payment, workflow.RegisterOptions{Name: "payment"})
	return w.Stop, w.Start()
}

// record plays one lifecycle on Terrace and returns the rows that it wrote as a script.
func record(ctx context.Context, s *stack.Stack) (*lifecycle.Script, error) {
	url, err := s.NewRecord(ctx, "script")
	if err != nil {
		return nil, err
	}
	folder, err := s.Folder()
	if err != nil {
		return nil, err
	}
	w, err := lifecycle.Open(ctx, url, folder)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Prepare(ctx, 1); err != nil {
		return nil, err
	}
	return lifecycle.Record(ctx, w)
}

func (p *plain) name() string {
	if p.asked {
		return result.TemporalUpdate
	}
	return temporalTuned
}

func (p *plain) close() error {
	p.client.Close()
	p.Pool.Close()
	return nil
}

// decided is the Update that carries a person's decision.
const decided = "decide"

// Indexes of decisions in lifecycle.Steps.
const (
	opening, signedByOffice, paymentOpening, firstRelease, secondRelease, instruction, confirmation, report = 0, 2, 3, 4, 5, 6, 7, 8
)

// project handles the decisions about a village. It makes the first one itself, and also opens the payment and reports
// on it.
func (p *plain) project(ctx workflow.Context, id string) error {
	left := 5 // decisions by people
	if p.asked {
		left += 3
	}
	var paid workflow.ChildWorkflowFuture
	err := workflow.SetUpdateHandler(ctx, decided, func(ctx workflow.Context, n int) error {
		err := p.write(ctx, id, n)
		if err == nil && n == signedByOffice {
			if err = p.own(ctx, id, paymentOpening); err == nil {
				paid = workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
					WorkflowID: id + "/payment", ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
				}), "payment", id)
				err = paid.GetChildWorkflowExecution().Get(ctx, nil)
			}
		}
		left--
		return err
	})
	if err == nil {
		err = p.own(ctx, id, opening)
	}
	if err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return paid != nil }); err != nil {
		return err
	}
	if err := paid.Get(ctx, nil); err != nil {
		return err
	}
	if err := p.own(ctx, id, report); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return left == 0 && workflow.AllHandlersFinished(ctx) })
}

// payment handles the decisions about the payment, and instructs the bank after the second release.
func (p *plain) payment(ctx workflow.Context, id string) error {
	confirmed := false
	err := workflow.SetUpdateHandler(ctx, decided, func(ctx workflow.Context, n int) error {
		err := p.write(ctx, id, n)
		if err == nil && n == secondRelease {
			err = p.own(ctx, id, instruction)
		}
		confirmed = n == confirmation
		return err
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return confirmed && workflow.AllHandlersFinished(ctx) })
}

// own makes one of the workflow's own decisions, unless a client sends it.
func (p *plain) own(ctx workflow.Context, id string, n int) error {
	if p.asked {
		return nil
	}
	return p.write(ctx, id, n)
}

func (p *plain) write(ctx workflow.Context, id string, n int) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 30 * time.Second, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	return workflow.ExecuteLocalActivity(ctx, p.Write, id, n).Get(ctx, nil)
}

func (p *plain) carry(ctx context.Context, h how, n int) (c carried, err error) {
	if err := p.Ready(ctx, n+warming); err != nil {
		return c, err
	}
	if err := p.stack.Checkpoint(ctx); err != nil {
		return c, err
	}
	stop, err := p.work()
	if err != nil {
		return c, err
	}
	defer stop()
	if _, err := p.live(ctx, h, warming); err != nil {
		return c, err
	}
	var ids []string
	c, err = (meter{stack: p.stack}).measure(func() (err error) {
		ids, err = p.live(ctx, h, n)
		return err
	})
	if err != nil {
		return c, err
	}
	c.lifecycles = n
	runs := make([]string, 0, 2*n)
	for _, id := range ids {
		runs = append(runs, id, id+"/payment")
	}
	return c, c.count(ctx, p.client, runs)
}

// live starts lifecycles and sends their decisions.
func (p *plain) live(ctx context.Context, h how, n int) (ids []string, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(clients[h])
	for range n {
		i := p.Take()
		if i == nil {
			return nil, errors.New("no lifecycle is ready")
		}
		ids = append(ids, i.ID())
		group.Go(func() error { return p.decide(ctx, h, i.ID()) })
	}
	return ids, group.Wait()
}

// decide starts one lifecycle, sends its decisions, and returns when the workflow has ended.
func (p *plain) decide(ctx context.Context, h how, id string) error {
	run, err := p.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: p.name(), EnableEagerStart: true}, "project", id)
	if err != nil {
		return err
	}
	for n, step := range lifecycle.Steps {
		if step.Machine && !p.asked {
			continue
		}
		if h == alone {
			select {
			case <-ctx.Done():
			case <-time.After(settling):
			}
		}
		to := id
		if n >= firstRelease && n <= confirmation {
			to += "/payment"
		}
		handle, err := p.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: to, UpdateID: fmt.Sprint(n), UpdateName: decided, Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, nil)
		}
		if err != nil {
			return fmt.Errorf("decision %d: %w", n, errors.Join(err, ended(ctx, run)))
		}
	}
	return run.Get(ctx, nil)
}

// ended returns why a workflow failed, or nil while it is running.
func ended(ctx context.Context, run client.WorkflowRun) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := run.Get(ctx, nil); ctx.Err() == nil {
		return err
	}
	return nil
}
