// Package dbos runs the lifecycle on DBOS Transact (github.com/dbos-inc/dbos-transact-golang): a decision is a workflow with one
// step, which writes its rows; the sender waits for the workflow's result.
package dbos

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// Engine is DBOS on a database. Close it when done.
type Engine struct {
	peer.Stock
	url     string
	context dbos.DBOSContext
}

// New prepares a database that holds the product's tables without their rules.
func New(ctx context.Context, url string, script *lifecycle.Script) (*Engine, error) {
	pool, err := peer.OpenPool(ctx, url, peer.Conns)
	return &Engine{Stock: peer.Stock{Pool: pool, Script: script}, url: url}, err
}

// Close ends the connections.
func (e *Engine) Close() { e.Pool.Close() }

// Start launches it. Its tables are in the database of the rows; it has connections of its own, which it closes with itself.
func (e *Engine) Start(ctx context.Context) error {
	own, err := peer.OpenPool(context.WithoutCancel(ctx), e.url, peer.Conns)
	if err != nil {
		return err
	}
	e.context, err = dbos.NewDBOSContext(context.WithoutCancel(ctx), dbos.Config{
		AppName: "bench", SystemDBPool: own, Logger: slog.New(slog.DiscardHandler), ApplicationVersion: "bench", ExecutorID: "bench",
	})
	if err != nil {
		return err
	}
	dbos.RegisterWorkflow(e.context, e.decide)
	return dbos.Launch(e.context)
}

// Stop shuts it down.
func (e *Engine) Stop() { dbos.Shutdown(e.context, 10*time.Second) }

type decision struct {
	ID     string
	Number int
}

func (e *Engine) decide(ctx dbos.DBOSContext, d decision) (int, error) {
	return dbos.RunAsStep(ctx, func(ctx context.Context) (int, error) { return d.Number, e.Write(ctx, d.ID, d.Number) })
}

// Next begins a lifecycle.
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

// Decide runs the workflow under the decision's own id, which makes it idempotent, and waits for its result.
func (p play) Decide(_ context.Context, n int) (bool, error) {
	handle, err := dbos.RunWorkflow(p.engine.context, p.engine.decide, decision{p.id, n}, dbos.WithWorkflowID(fmt.Sprintf("%s/%d", p.id, n)))
	if err != nil {
		return true, err
	}
	_, err = handle.GetResult()
	return true, err
}
