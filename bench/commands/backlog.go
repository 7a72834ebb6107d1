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

// busy is Terrace called at Execute while a worker and its relay clear a backlog of lifecycles from the same record
// through Temporal. Each turn uses a new record.
type busy struct {
	atExecute
	field    *field
	progress stack.Progress
	worker   *stack.Process
	ready    bool // whether the backlog has been created
	since    time.Time
	spent    time.Duration // Temporal's CPU time up to since
}

// backlogged is the number of lifecycles decided before the worker starts.
const backlogged = 500

// Start opens an empty record. It leaves the worker to Ready: started here, the worker would clear the backlog while it
// is being created.
func (b *busy) Start(ctx context.Context) (err error) {
	b.ready = false
	b.world, err = b.field.newWorld(ctx)
	return err
}

// Ready creates the backlog and starts the worker on its first call. Later calls do nothing, because preparing more
// would need a virtual calendar.
func (b *busy) Ready(ctx context.Context, n int) error {
	if b.ready {
		return nil
	}
	b.ready = true
	if err := b.world.Prepare(ctx, backlogged+len(concurrencies)*n); err != nil { // n is for the largest number of clients
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

// awaitDelivery waits for the worker's first delivery.
func (b *busy) awaitDelivery(ctx context.Context) error {
	all, err := b.world.Undelivered(ctx)
	for deadline := time.Now().Add(time.Minute); err == nil; {
		var left int
		if left, err = b.world.Undelivered(ctx); left < all {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the worker delivered none of %d messages within a minute:\n%s", all, b.worker.Text())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// driving returns the CPU time used by Temporal and the worker.
func (b *busy) driving() time.Duration {
	worker, _ := b.worker.Usage() // only for the progress message
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

// Stop ends the worker and wipes all of Temporal's data about this record.
func (b *busy) Stop() {
	if b.worker != nil {
		left, _ := b.world.Undelivered(context.Background()) // only for the progress message
		b.progress("meanwhile Temporal and the worker took %.2f cores; %d messages are still undelivered", (b.driving()-b.spent).Seconds()/time.Since(b.since).Seconds(), left)
		b.worker.Stop()
		b.worker = nil
	}
	b.world.Close()
	_ = b.field.stack.WipeTemporal(context.Background()) // the next start reports a failure
}
