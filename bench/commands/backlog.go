package commands

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
)

// busy is Terrace at Execute while a worker and its relay carry a backlog of lifecycles on the same record through Temporal. Each
// turn has a record of its own.
type busy struct {
	atExecute
	field  *field
	worker *stack.Process
	ready  bool // the backlog is there
}

// backlogged is how many lifecycles were decided while no worker ran.
const backlogged = 500

// Start opens an empty record. The worker is started when everything is ready, or it would work the backlog off before.
func (b *busy) Start(ctx context.Context) (err error) {
	b.ready = false
	b.world, err = b.field.newWorld(ctx)
	return err
}

// Ready decides the backlog and starts the worker, the first time; then nothing more is prepared, since that needs a calendar of
// its own.
func (b *busy) Ready(ctx context.Context, n int) error {
	if b.ready {
		return nil
	}
	b.ready = true
	if err := b.world.Prepare(ctx, backlogged+len(concurrencies)*n); err != nil {
		return err
	}
	if err := b.decide(ctx); err != nil {
		return err
	}
	var err error
	b.worker, err = b.field.stack.Worker(b.world.URL, b.world.Environment()...)
	return err
}

// decide plays the lifecycles of the backlog.
func (b *busy) decide(ctx context.Context) error {
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(backlogged)
	failed := make(chan error, 16)
	for range cap(failed) {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				p := b.Next()
				for n := range lifecycle.Decisions {
					if _, err := p.Decide(ctx, n); err != nil {
						failed <- fmt.Errorf("decide the backlog: %w", err)
						return
					}
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// Stop ends the worker, and Temporal with everything it had of this record.
func (b *busy) Stop() {
	if b.worker != nil {
		b.worker.Stop()
		b.worker = nil
	}
	b.world.Close()
	_ = b.field.stack.WipeTemporal(context.Background()) // the next start would tell
}
