// Package dbos runs the lifecycle on DBOS Transact (github.com/dbos-inc/dbos-transact-golang) in two ways. Whole: a
// lifecycle is a workflow, and a decision is a message to it, upon which a step writes the rows. Apart: each decision
// is a one-step workflow whose result the client awaits. That is faster, but DBOS then has no notion of a lifecycle.
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

// Engine is DBOS on a database. The caller must close it.
type Engine struct {
	peer.Stock
	whole   bool
	waiters peer.Waiters
	url     string
	context dbos.DBOSContext
}

// New prepares a database that holds the product's tables without their rules.
func New(ctx context.Context, url string, script *lifecycle.Script, whole bool) (*Engine, error) {
	pool, err := peer.OpenPool(ctx, url, peer.Conns)
	return &Engine{Stock: peer.Stock{Pool: pool, Script: script}, url: url, whole: whole}, err
}

func (e *Engine) Close() { e.Pool.Close() }

// Start launches DBOS. Its tables are in the same database as the rows. It has its own connections, which Stop closes.
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
	dbos.RegisterWorkflow(e.context, e.lifecycle)
	return dbos.Launch(e.context)
}

// Stop shuts DBOS down.
func (e *Engine) Stop() { dbos.Shutdown(e.context, 10*time.Second) }

type decision struct {
	ID     string
	Number int
}

func (e *Engine) decide(ctx dbos.DBOSContext, d decision) (int, error) {
	return dbos.RunAsStep(ctx, func(ctx context.Context) (int, error) { return d.Number, e.Write(ctx, d.ID, d.Number) })
}

// topic is the topic of messages that carry decisions.
const topic = "decision"

// lifecycle waits for one decision after another; it is started with the first one.
func (e *Engine) lifecycle(ctx dbos.DBOSContext, id string) (int, error) {
	for n := range lifecycle.Decisions {
		if n > 0 {
			if _, err := dbos.Recv[int](ctx, topic, time.Hour); err != nil {
				return n, err
			}
		}
		_, err := dbos.RunAsStep(ctx, func(ctx context.Context) (int, error) {
			err := e.Write(ctx, id, n)
			e.waiters.Answer(key(id, n), err)
			return n, err
		})
		if err != nil {
			return n, err
		}
	}
	return lifecycle.Decisions, nil
}

func key(id string, n int) string { return fmt.Sprintf("%s/%d", id, n) }

func (e *Engine) Next() peer.Play {
	i := e.Take()
	switch {
	case i == nil:
		return nil
	case e.whole:
		return message{e, i.ID()}
	default:
		return play{e, i.ID()}
	}
}

type message struct {
	engine *Engine
	id     string
}

// Decide sends the decision to the lifecycle and waits until the step has committed the rows. The step reports this
// within the process, which is faster than an event set by the workflow.
func (m message) Decide(ctx context.Context, n int) (_ peer.Answer, err error) {
	answered := m.engine.waiters.Expect(key(m.id, n))
	if n == 0 {
		_, err = dbos.RunWorkflow(m.engine.context, m.engine.lifecycle, m.id, dbos.WithWorkflowID(m.id))
	} else {
		err = dbos.Send(m.engine.context, m.id, n, topic)
	}
	if err != nil {
		return peer.Asked, err
	}
	return peer.Asked, peer.Await(ctx, answered)
}

type play struct {
	engine *Engine
	id     string
}

// Decide runs the workflow under the decision's own id, which makes it idempotent, and waits for its result.
func (p play) Decide(_ context.Context, n int) (peer.Answer, error) {
	handle, err := dbos.RunWorkflow(p.engine.context, p.engine.decide, decision{p.id, n}, dbos.WithWorkflowID(key(p.id, n)))
	if err != nil {
		return peer.Asked, err
	}
	_, err = handle.GetResult()
	return peer.Asked, err
}
