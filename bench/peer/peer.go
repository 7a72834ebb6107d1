// Package peer defines what all measured engines have in common: each makes the twelve decisions of a lifecycle, and
// responds to a decision only when its rows are durable.
package peer

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/bench/lifecycle"
)

// Engine makes decisions. Start, Stop and Ready are not measured.
type Engine interface {
	// Start starts the engine's workers, and Stop ends them. An engine may be started again.
	Start(ctx context.Context) error
	Stop()
	// Ready prepares n lifecycles.
	Ready(ctx context.Context, n int) error
	// Next starts a lifecycle for one client, or returns nil if the prepared ones are used up.
	Next() Play
}

// Play is one lifecycle.
type Play interface {
	// Decide makes the nth decision, counted from 0, and returns when it is durable.
	Decide(ctx context.Context, n int) (Answer, error)
}

// Answer is how a decision was made.
type Answer int

const (
	// Asked means recorded for a client that asked and waited: both the decision and its latency count.
	Asked Answer = iota
	// Unasked means recorded by the engine of its own accord: only the decision counts.
	Unasked
	// Overtaken means that the decision had already been recorded: nothing was written, and it does not count.
	Overtaken
)

// Conns is the number of connections each engine has for the rows: as many as Terrace has for users' commands.
const Conns = 16

// OpenPool connects to a peer's database.
func OpenPool(ctx context.Context, url string, conns int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(conns)
	return pgxpool.NewWithConfig(ctx, config)
}

// Write writes the rows of a decision in one transaction and one round trip.
func Write(ctx context.Context, pool *pgxpool.Pool, i *lifecycle.Instance, n int) error {
	var b pgx.Batch
	b.Queue("begin")
	i.Queue(&b, n)
	b.Queue("commit")
	return pool.SendBatch(ctx, &b).Close()
}

// Prepare writes the rows that n new lifecycles will change.
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
