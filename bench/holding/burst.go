package holding

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"terrace/domain/pilot"
)

// burstRate is the number of drafts submitted per second in a deadline-day rush: more than the workflows can keep up
// with.
const burstRate = 100

// ways are the settings with which the relay passes the burst on to Temporal.
var ways = []struct {
	name string
	env  []string
}{{" in a burst", nil}, {" in a burst, no admission", []string{"TERRACE_RELAY_SIGNALS=1000"}}}

// bursts simulates a deadline-day rush while users keep sending requests, alternately with and without the relay's
// limit on concurrent signals.
func (h *house) bursts(ctx context.Context) error {
	all := make([]burst, len(ways))
	for round := range h.times.bursts {
		for i := range ways {
			n := (i + round) % len(ways)
			h.worker.Stop()
			if err := h.start(ctx, ways[n].env...); err != nil {
				return err
			}
			if err := h.burst(ctx, &all[n]); err != nil {
				return err
			}
		}
	}
	for n, way := range ways {
		h.compare(way.name, all[n].answers)
		h.note("applications"+way.name, "1/s", all[n].sent...)
		h.note("applications carried"+way.name, "1/s", all[n].carried...)
	}
	return nil
}

// burst holds the results for one of the ways, round by round.
type burst struct {
	answers       answers
	sent, carried []float64 // applications per second: as accepted, and until the workflows had finished what follows
}

func (h *house) burst(ctx context.Context, b *burst) error {
	if err := h.world.untilCarried(ctx); err != nil {
		return err
	}
	var over atomic.Bool
	var group sync.WaitGroup
	var sent int
	var failed error
	begun := time.Now()
	group.Go(func() {
		defer over.Store(true)
		sent, failed = h.submit(ctx, burstRate, h.times.burst)
	})
	err := h.askUntil(ctx, over.Load, &b.answers)
	group.Wait()
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	b.sent = append(b.sent, float64(sent)/time.Since(begun).Seconds())
	err = h.world.untilCarried(ctx)
	b.carried = append(b.carried, float64(sent)/time.Since(begun).Seconds())
	return err
}

// submit submits drafts at a given rate, or back to back if responses are too slow for that.
func (h *house) submit(ctx context.Context, rate float64, lasting time.Duration) (sent int, err error) {
	const senders = 16
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	ends := time.After(lasting)
	slots := make(chan struct{}, senders)
	failed := make(chan error, senders)
	var group sync.WaitGroup
	defer group.Wait()
	for {
		select {
		case <-ctx.Done():
			return sent, ctx.Err()
		case err := <-failed:
			return sent, err
		case <-ends:
			return sent, nil
		case <-tick.C:
		}
		slots <- struct{}{}
		sent++
		group.Go(func() {
			defer func() { <-slots }()
			switch more, err := h.submitNext(ctx); {
			case err != nil:
				failed <- err
			case !more:
				failed <- fmt.Errorf("no drafts are left of %d", len(h.world.pilots))
			}
		})
	}
}

// outage stops Temporal for an hour of the record's calendar. Meanwhile applications arrive at a deadline day's rate (a
// third of all in eight hours), and reminders fall due for one programme's drafts. outage then measures how long after
// Temporal's restart the workflows need until everything has taken effect.
func (h *house) outage(ctx context.Context) error {
	w, hour := h.world, h.times.outage
	h.worker.Stop()
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := w.setClock(ctx, w.hourBefore(), 24*hour); err != nil {
		return err
	}
	due, err := w.rearm(ctx)
	if err != nil {
		return err
	}
	w.stack.StopTemporal()
	rate := float64(h.n) / 3 / 8 / hour.Seconds()
	sent, err := h.submit(ctx, rate, hour)
	if err != nil {
		return err
	}
	if err := w.setClock(ctx, w.hourBefore().Add(time.Hour+time.Minute), 24*time.Hour); err != nil {
		return err
	}
	begun := time.Now()
	if _, err := w.stack.StartTemporal(ctx); err != nil {
		return err
	}
	up := time.Since(begun)
	if err := w.untilCarried(ctx); err != nil {
		return err
	}
	h.note("applications while Temporal was down", "", float64(sent))
	h.note("reminders that fell due while it was down", "", float64(due))
	h.note("Temporal's own start", "s", up.Seconds())
	h.note("caught up after an hour without Temporal", "s", time.Since(begun).Seconds())
	return nil
}

// rearm signals the workflows of the first programme's drafts that their reminder is due in an hour of the calendar, at
// its current pace.
func (w *world) rearm(ctx context.Context) (n int64, err error) {
	var first []string
	for i := 0; i < len(w.pilots); i += calls {
		first = append(first, w.pilots[i])
	}
	done, err := w.pool.Exec(ctx, `insert into outbox (kind, id) select kind, id from aggregate where kind = $1 and id = any($2) and not ended and stage = $3
		on conflict do nothing`, pilot.Kind, first, pilot.Applying)
	if err != nil {
		return 0, err
	}
	for ; ; time.Sleep(50 * time.Millisecond) {
		var left int
		if err := w.pool.QueryRow(ctx, "select count(*) from outbox").Scan(&left); err != nil || left == 0 {
			return done.RowsAffected(), err
		}
	}
}
