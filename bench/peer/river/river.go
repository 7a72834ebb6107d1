// Package river runs the lifecycle on River (github.com/riverqueue/river): a decision is a job that writes its rows and
// completes itself in one transaction, as River recommends.
package river

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// Engine is River on a database. The caller must close it.
type Engine struct {
	peer.Stock
	waiters peer.Waiters
	client  *river.Client[pgx.Tx]
}

// workers is the number of concurrent jobs: the same as the maximum number of clients.
const workers = 64

// conns covers the client, its notifier and the jobs' transactions.
const conns = 2 * peer.Conns

// New prepares a database that holds the product's tables without their rules.
func New(ctx context.Context, url string, script *lifecycle.Script) (*Engine, error) {
	pool, err := peer.OpenPool(ctx, url, conns)
	if err != nil {
		return nil, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Engine{Stock: peer.Stock{Pool: pool, Script: script}}, nil
}

func (e *Engine) Close() { e.Pool.Close() }

// Start starts the workers. Jobs are fetched as soon as they are announced, at most once per millisecond (the default
// is once per hundred milliseconds).
func (e *Engine) Start(ctx context.Context) (err error) {
	all := river.NewWorkers()
	river.AddWorker(all, &worker{engine: e})
	e.client, err = river.NewClient(riverpgxv5.New(e.Pool), &river.Config{
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:       all,
		FetchCooldown: river.FetchCooldownMin, FetchPollInterval: 100 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	return e.client.Start(context.WithoutCancel(ctx))
}

// Stop stops the workers once the jobs in progress have finished.
func (e *Engine) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = e.client.Stop(ctx) // whatever is left is not measured
}

// Decision holds a job's arguments.
type Decision struct {
	ID     string `json:"id"`
	Number int    `json:"number"`
}

func (Decision) Kind() string { return "decision" }

func (d Decision) key() string { return fmt.Sprintf("%s/%d", d.ID, d.Number) }

type worker struct {
	river.WorkerDefaults[Decision]
	engine *Engine
}

func (w *worker) Work(ctx context.Context, job *river.Job[Decision]) error {
	err := w.decide(ctx, job)
	w.engine.waiters.Answer(job.Args.key(), err)
	return err
}

func (w *worker) decide(ctx context.Context, job *river.Job[Decision]) (err error) {
	tx, err := w.engine.Pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback(ctx))
		}
	}()
	var b pgx.Batch
	w.engine.Begun(job.Args.ID).Queue(&b, job.Args.Number)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job); err != nil {
		return err
	}
	return tx.Commit(ctx)
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

// Decide inserts the job and waits until its transaction is committed. The worker reports this within the process,
// which is faster than River's own subscription.
func (p play) Decide(ctx context.Context, n int) (peer.Answer, error) {
	d := Decision{p.id, n}
	answered := p.engine.waiters.Expect(d.key())
	if _, err := p.engine.client.Insert(ctx, d, nil); err != nil {
		return peer.Asked, err
	}
	return peer.Asked, peer.Await(ctx, answered)
}
