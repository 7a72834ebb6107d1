// Package goworkflows runs the lifecycle on cschleiden/go-workflows with its PostgreSQL backend: a lifecycle is a
// workflow, and a decision is a signal to it, upon which an activity writes the rows.
package goworkflows

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cschleiden/go-workflows/backend"
	"github.com/cschleiden/go-workflows/backend/postgres"
	"github.com/cschleiden/go-workflows/client"
	"github.com/cschleiden/go-workflows/worker"
	"github.com/cschleiden/go-workflows/workflow"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// Engine is go-workflows on a database. The caller must close it.
type Engine struct {
	peer.Stock
	waiters peer.Waiters
	db      *sql.DB
	backend backend.Backend
	client  *client.Client
	worker  *worker.Worker
	stop    context.CancelFunc
}

// New prepares a database that holds the product's tables without their rules, and adds the engine's own tables.
func New(ctx context.Context, url string, script *lifecycle.Script) (*Engine, error) {
	pool, err := peer.OpenPool(ctx, url, peer.Conns)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		pool.Close()
		return nil, err
	}
	db.SetMaxOpenConns(2 * peer.Conns)
	db.SetMaxIdleConns(2 * peer.Conns) // by default only two stay open, and every other statement reconnects
	b := postgres.NewPostgresBackendWithDB(db, postgres.WithApplyMigrations(true), postgres.WithBackendOptions(
		backend.WithLogger(slog.New(slog.DiscardHandler)), backend.WithStickyTimeout(time.Minute)))
	return &Engine{Stock: peer.Stock{Pool: pool, Script: script}, db: db, backend: b, client: client.New(b)}, nil
}

func (e *Engine) Close() {
	e.Pool.Close()
	_ = e.db.Close() // nothing is under way
}

// Start starts the worker. It polls for tasks every two milliseconds instead of the default two hundred, and keeps every
// workflow in its cache.
func (e *Engine) Start(ctx context.Context) error {
	options := worker.DefaultOptions
	options.WorkflowPollers, options.ActivityPollers = 4, 4
	options.WorkflowPollingInterval, options.ActivityPollingInterval = 2*time.Millisecond, 2*time.Millisecond
	options.WorkflowExecutorCacheSize, options.WorkflowExecutorCacheTTL = 10_000, 10*time.Minute
	options.SingleWorkerMode = true
	e.worker = worker.New(e.backend, &options)
	err := errors.Join(e.worker.RegisterWorkflow(e.lifecycle), e.worker.RegisterActivity(e.decide))
	if err != nil {
		return err
	}
	ctx, e.stop = context.WithCancel(context.WithoutCancel(ctx))
	return e.worker.Start(ctx)
}

// Stop stops the worker once the tasks in progress have finished.
func (e *Engine) Stop() {
	e.stop()
	_ = e.worker.WaitForCompletion() // whatever is left is not measured
}

const signal = "decision"

// lifecycle waits for one decision after another; it is started with the first one.
func (e *Engine) lifecycle(ctx workflow.Context, id string) error {
	decisions := workflow.NewSignalChannel[int](ctx, signal)
	for n := range lifecycle.Decisions {
		if n > 0 {
			decisions.Receive(ctx)
		}
		if _, err := workflow.ExecuteActivity[any](ctx, workflow.ActivityOptions{}, e.decide, id, n).Get(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) decide(ctx context.Context, id string, n int) error {
	err := e.Write(ctx, id, n)
	e.waiters.Answer(key(id, n), err)
	return err
}

func key(id string, n int) string { return fmt.Sprintf("%s/%d", id, n) }

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

// Decide signals the workflow and waits until the activity has committed the rows. The activity reports this within the
// process, because the library has no response to a signal.
func (p play) Decide(ctx context.Context, n int) (_ peer.Answer, err error) {
	answered := p.engine.waiters.Expect(key(p.id, n))
	if n == 0 {
		_, err = p.engine.client.CreateWorkflowInstance(ctx, client.WorkflowInstanceOptions{InstanceID: p.id}, p.engine.lifecycle, p.id)
	} else {
		err = p.engine.client.SignalWorkflow(ctx, p.id, signal, n)
	}
	if err != nil {
		return peer.Asked, err
	}
	return peer.Asked, peer.Await(ctx, answered)
}
