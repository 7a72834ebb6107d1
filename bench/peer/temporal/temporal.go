// Package temporal runs the lifecycle on Temporal alone: a lifecycle is a workflow, and a decision is an Update to it,
// whose handler writes the rows in a local activity.
package temporal

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// Engine is Temporal, with the rows in a database. The caller must close it.
type Engine struct {
	peer.Stock
	Client client.Client // set by Start

	address   func() string // Temporal's address, which may differ from one start to the next
	namespace string
	worker    worker.Worker
}

// TaskQueue is the task queue of the engine's workflows.
const TaskQueue = "bench-updates"

// New prepares a database that holds the product's tables without their rules.
func New(ctx context.Context, url string, script *lifecycle.Script, address func() string, namespace string) (*Engine, error) {
	pool, err := peer.OpenPool(ctx, url, peer.Conns)
	return &Engine{Stock: peer.Stock{Pool: pool, Script: script}, address: address, namespace: namespace}, err
}

func (e *Engine) Close() { e.Pool.Close() }

// Start starts the worker, with sixteen pollers of each kind on the single partition and a sticky cache that holds
// every workflow.
func (e *Engine) Start(ctx context.Context) (err error) {
	worker.SetStickyWorkflowCacheSize(10_000)
	e.Client, err = client.DialContext(ctx, client.Options{
		HostPort: e.address(), Namespace: e.namespace, Logger: silent{},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // as in Terrace
	})
	if err != nil {
		return err
	}
	e.worker = worker.New(e.Client, TaskQueue, worker.Options{
		MaxConcurrentWorkflowTaskPollers: 16, MaxConcurrentWorkflowTaskExecutionSize: 256, MaxConcurrentLocalActivityExecutionSize: 256,
		DisableRegistrationAliasing: true, LocalActivityWorkerOnly: true, WorkerStopTimeout: 5 * time.Second,
	})
	e.worker.RegisterWorkflowWithOptions(e.Lifecycle, workflow.RegisterOptions{Name: "lifecycle"})
	return e.worker.Start()
}

// Stop stops the worker.
func (e *Engine) Stop() {
	e.worker.Stop()
	e.Client.Close()
}

const update = "decide"

// Lifecycle receives the decisions as Updates, in whatever order clients send them, and ends after the last.
func (e *Engine) Lifecycle(ctx workflow.Context, id string) error {
	decided := 0
	err := workflow.SetUpdateHandler(ctx, update, func(ctx workflow.Context, n int) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
			StartToCloseTimeout: 30 * time.Second, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
		})
		err := workflow.ExecuteLocalActivity(ctx, e.Write, id, n).Get(ctx, nil)
		decided++
		return err
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return decided == lifecycle.Decisions && workflow.AllHandlersFinished(ctx) })
}

func (e *Engine) Next() peer.Play {
	if i := e.Take(); i != nil {
		return play{e, i.ID()}
	}
	return nil
}

type play struct {
	engine *Engine
	id     string
}

// Decide starts the workflow eagerly with the first decision. It sends each decision as an Update and waits for the
// result.
func (p play) Decide(ctx context.Context, n int) (_ peer.Answer, err error) {
	if n == 0 {
		_, err = p.engine.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: p.id, TaskQueue: TaskQueue, EnableEagerStart: true}, "lifecycle", p.id)
		if err != nil {
			return peer.Asked, err
		}
	}
	handle, err := p.engine.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: p.id, UpdateID: fmt.Sprint(n), UpdateName: update, Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return peer.Asked, err
	}
	return peer.Asked, handle.Get(ctx, nil)
}

// silent discards everything logged.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

var _ log.Logger = silent{}
