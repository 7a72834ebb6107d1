// Package floor is a hand-written transaction: it writes the rows of a decision, one statement each, in one round trip,
// with no rules, no hashes and no idempotency. It is a yardstick, not a lower bound: a single function call that writes
// all rows might cost less.
package floor

import (
	"context"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// Floor is the engine. The caller must close it.
type Floor struct{ peer.Stock }

// New connects to a database that holds the product's tables without their rules.
func New(ctx context.Context, url string, script *lifecycle.Script) (*Floor, error) {
	pool, err := peer.OpenPool(ctx, url, peer.Conns)
	return &Floor{peer.Stock{Pool: pool, Script: script}}, err
}

// Start does nothing.
func (*Floor) Start(context.Context) error { return nil }

// Stop does nothing.
func (*Floor) Stop() {}

func (f *Floor) Close() { f.Pool.Close() }

func (f *Floor) Next() peer.Play {
	if i := f.Take(); i != nil {
		return play{f, i}
	}
	return nil
}

type play struct {
	floor    *Floor
	instance *lifecycle.Instance
}

func (p play) Decide(ctx context.Context, n int) (peer.Answer, error) {
	return peer.Asked, peer.Write(ctx, p.floor.Pool, p.instance, n)
}
