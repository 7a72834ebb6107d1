package commands

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
)

// busy is Terrace at Execute while a worker and its relay carry a backlog of lifecycles on the same record through Temporal. Each
// turn has a record of its own.
type busy struct {
	atExecute
	field    *field
	progress stack.Progress
	worker   *stack.Process
	ready    bool // the backlog is there
	since    time.Time
	spent    time.Duration // CPU of Temporal when it was
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
	if err := b.world.Prepare(ctx, backlogged+len(concurrencies)*n); err != nil { // n is for the most clients
		return err
	}
	if err := b.decide(ctx); err != nil {
		return err
	}
	var err error
	if b.worker, err = b.field.stack.Worker(ctx, b.world.URL, b.world.Environment()...); err != nil {
		return err
	}
	if err := b.awaitDelivery(ctx); err != nil {
		return err
	}
	b.since, b.spent = time.Now(), b.driving()
	return nil
}

// awaitDelivery waits until the worker has begun.
func (b *busy) awaitDelivery(ctx context.Context) error {
	all, err := b.world.Undelivered(ctx)
	for deadline := time.Now().Add(time.Minute); err == nil; {
		var left int
		if left, err = b.world.Undelivered(ctx); left < all {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the worker has delivered nothing of %d news in a minute:\n%s", all, b.worker.Text())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// driving is the CPU that Temporal and the worker have taken.
func (b *busy) driving() time.Duration {
	worker, _ := b.worker.Usage() // it is only told
	temporal, _ := b.field.stack.TemporalUsage()
	return worker.CPU + temporal.CPU
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
		left, _ := b.world.Undelivered(context.Background()) // it is only told
		b.progress("meanwhile Temporal and the worker took %.2f cores; %d news are still to be delivered", (b.driving()-b.spent).Seconds()/time.Since(b.since).Seconds(), left)
		b.worker.Stop()
		b.worker = nil
	}
	b.world.Close()
	_ = b.field.stack.WipeTemporal(context.Background()) // the next start would tell
}
