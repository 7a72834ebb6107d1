package holding

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"terrace/domain/pilot"
)

// burstRate is how many drafts are submitted a second on the last day, all at once: more than the workflows carry.
const burstRate = 100

// bursts lets a deadline day's applications come in, while people go on asking: with the relay's admission, and without.
func (h *house) bursts(ctx context.Context) error {
	for _, way := range []struct {
		name string
		env  []string
	}{{" in a burst", nil}, {" in a burst, no admission", []string{"TERRACE_RELAY_SIGNALS=1000"}}} {
		h.worker.Stop()
		if err := h.start(ctx, way.env...); err != nil {
			return err
		}
		if err := h.world.untilCarried(ctx); err != nil {
			return err
		}
		if err := h.burst(ctx, way.name); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) burst(ctx context.Context, name string) error {
	var over atomic.Bool
	var group sync.WaitGroup
	var sent int
	var failed error
	begun := time.Now()
	group.Go(func() {
		defer over.Store(true)
		sent, failed = h.submit(ctx, burstRate, h.times.burst)
	})
	var a answers
	if err := h.askUntil(ctx, over.Load, &a); err != nil {
		return err
	}
	group.Wait()
	if failed != nil {
		return failed
	}
	h.compare(name, a)
	rate := float64(sent) / time.Since(begun).Seconds()
	if err := h.world.untilCarried(ctx); err != nil {
		return err
	}
	h.note("applications"+name, "1/s", rate)
	h.note("applications carried"+name, "1/s", float64(sent)/time.Since(begun).Seconds())
	return nil
}

// submit submits drafts at a rate, or as fast as they are answered when that is slower.
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

// outage stops Temporal for an hour of the record's calendar. Meanwhile applications come in at the rate of a deadline day's (a
// third of all in eight hours), and the drafts of one programme are to be reminded of. Then it is measured how long the workflows
// take from Temporal's start until everything has had its effect.
func (h *house) outage(ctx context.Context) error {
	w, hour := h.world, h.times.outage
	h.worker.Stop()
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := w.setClock(ctx, w.today, 24*hour); err != nil {
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
	if err := w.setClock(ctx, w.today.Add(time.Hour+time.Minute), 24*time.Hour); err != nil {
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

// rearm tells the workflows of the first programme's drafts that their reminder comes in an hour of the calendar, at its present pace.
func (w *world) rearm(ctx context.Context) (n int64, err error) {
	var first []string
	for i := 0; i < len(w.pilots); i += calls {
		first = append(first, w.pilots[i])
	}
	done, err := w.pool.Exec(ctx, `insert into outbox (kind, id) select kind, id from aggregate where kind = $1 and id = any($2) and not ended and stage = $3
		on conflict do nothing`, pilot.PilotKind, first, pilot.Applying)
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
