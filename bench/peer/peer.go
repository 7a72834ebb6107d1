// Package peer is what every measured engine has in common: it answers the twelve decisions of lifecycles, each only when the
// rows that the decision leaves are durable.
package peer

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/bench/lifecycle"
)

// Engine answers decisions. Start, Stop and Ready are not measured.
type Engine interface {
	// Start begins its workers, and Stop ends them; an engine may be started again.
	Start(ctx context.Context) error
	Stop()
	// Ready prepares n lifecycles.
	Ready(ctx context.Context, n int) error
	// Next begins a lifecycle, for one client; nil when those that were prepared are used up.
	Next() Play
}

// Play is one lifecycle.
type Play interface {
	// Decide takes the nth decision, from 0, and returns when it is durable.
	Decide(ctx context.Context, n int) (Answer, error)
}

// Answer is how a decision came about.
type Answer int

const (
	// Asked is recorded for a client that asked for it and waited: it counts, and so does the time that it took.
	Asked Answer = iota
	// Unasked is recorded by the engine itself on the way: it counts.
	Unasked
	// Overtaken is recorded by somebody else before: nothing was written, and it does not count.
	Overtaken
)

// Conns is how many connections each engine has for the rows: as many as Terrace has for answers.
const Conns = 16

// OpenPool connects to a database of the peers.
func OpenPool(ctx context.Context, url string, conns int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(conns)
	return pgxpool.NewWithConfig(ctx, config)
}

// Write writes the rows of a decision: one transaction, one round trip.
func Write(ctx context.Context, pool *pgxpool.Pool, i *lifecycle.Instance, n int) error {
	var b pgx.Batch
	b.Queue("begin")
	i.Queue(&b, n)
	b.Queue("commit")
	return pool.SendBatch(ctx, &b).Close()
}

// Prepare writes the rows that n new lifecycles change.
func Prepare(ctx context.Context, pool *pgxpool.Pool, script *lifecycle.Script, n int) ([]*lifecycle.Instance, error) {
	instances := make([]*lifecycle.Instance, n)
	for i := 0; i < n; {
		var b pgx.Batch
		for ; i < n && b.Len() < 1000; i++ {
			instances[i] = script.New()
			instances[i].QueueBefore(&b)
		}
		if err := pool.SendBatch(ctx, &b).Close(); err != nil {
			return nil, err
		}
	}
	return instances, nil
}
