// Package holding measures a system that holds many open pilots: how long it takes to start their workflows, how much
// space they take in memory and in both stores, how response times compare with an empty system's and with those in a
// deadline-day rush, and how long the workflows take to catch up after Temporal was down for an hour.
package holding

import (
	"context"
	"fmt"
	"time"

	"terrace/bench/result"
	"terrace/bench/stack"
)

// pilotsOf returns the number of pilots to hold. The full size has one for each social organization (社会组织) in Guangdong
// (广东) at the end of June 2018: 65,861.
func pilotsOf(size stack.Size) int {
	if size.Full {
		return 65_861
	}
	return 5_000
}

// timesOf returns the durations for the full or the short size.
func timesOf(size stack.Size) times {
	if size.Full {
		return times{answers: 20 * time.Second, burst: 30 * time.Second, bursts: size.Rounds, outage: 120 * time.Second}
	}
	return times{answers: 3 * time.Second, burst: 8 * time.Second, bursts: 1, outage: 15 * time.Second}
}

// times is how long each part is measured; outage is the real duration of one hour of the record's calendar.
type times struct {
	answers, burst, outage time.Duration
	bursts                 int // number of bursts for each of the ways
}

// Run measures one record from empty to full.
func Run(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress) ([]result.Holding, error) {
	if _, err := s.StartTemporal(ctx); err != nil {
		return nil, err
	}
	defer s.StopTemporal()
	w, err := openWorld(ctx, s)
	if err != nil {
		return nil, err
	}
	defer w.close()
	h := &house{world: w, times: timesOf(size), rounds: size.Rounds, progress: progress, n: pilotsOf(size)}
	defer h.stop()
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"an empty system", h.empty}, {"open the pilots", h.open}, {"answers", h.full}, {"a burst", h.bursts}, {"an hour without Temporal", h.outage}, {"verify", h.verify},
	} {
		progress("holding: %s", part.name)
		if err := part.do(ctx); err != nil {
			return h.rows, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return h.rows, nil
}

// house is the running program and its measurements.
type house struct {
	world    *world
	times    times
	rounds   int
	progress stack.Progress
	n        int // number of pilots to hold

	base        string
	api, worker *stack.Process
	before      sizes   // sizes of the empty system
	answers     answers // response times of the empty system
	rows        []result.Holding
}

// start starts the worker and, on its first call, the API.
func (h *house) start(ctx context.Context, env ...string) (err error) {
	if h.api == nil {
		if h.api, h.base, err = h.world.stack.API(ctx, h.world.URL, h.world.environment()...); err != nil {
			return err
		}
	}
	h.worker, err = h.world.stack.Worker(ctx, h.world.URL, append(h.world.environment(), env...)...)
	return err
}

func (h *house) stop() {
	for _, p := range []*stack.Process{h.worker, h.api} {
		if p != nil {
			p.Stop()
		}
	}
}

func (h *house) note(what, unit string, values ...float64) *result.Holding {
	v := result.Over(values)
	h.rows = append(h.rows, result.Holding{Pilots: h.n, What: what, Unit: unit, Value: v.Median, ValueMin: v.Min, ValueMax: v.Max})
	h.progress("holding: %s: %.4g %s", what, v.Median, unit)
	return &h.rows[len(h.rows)-1]
}

// few is the number of pilots in the system that counts as empty; requests need some to refer to.
const few = 100

func (h *house) empty(ctx context.Context) (err error) {
	if err := h.world.draft(ctx, few); err != nil {
		return err
	}
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := h.world.untilCarried(ctx); err != nil {
		return err
	}
	if h.answers, err = h.ask(ctx); err != nil {
		return err
	}
	h.before, err = h.world.sizes(ctx, h)
	return err
}

// open drafts the pilots while no worker is running, and then lets the relay start their workflows.
func (h *house) open(ctx context.Context) error {
	h.worker.Stop()
	begun := time.Now()
	if err := h.world.draft(ctx, h.n); err != nil {
		return err
	}
	h.note("drafts accepted", "1/s", float64(h.n)/time.Since(begun).Seconds())
	begun = time.Now()
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := h.world.untilCarried(ctx); err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	h.note("time to start all workflows", "s", took)
	h.note("workflows started", "1/s", float64(h.n)/took)
	return nil
}

func (h *house) full(ctx context.Context) error {
	after, err := h.world.sizes(ctx, h)
	if err != nil {
		return err
	}
	each := float64(h.n)
	h.note("record's bytes a pilot", "B", float64(after.record-h.before.record)/each)
	h.note("Temporal's bytes a pilot", "B", float64(after.temporal-h.before.temporal)/each)
	for _, process := range processes {
		h.note("memory of "+process, "MB", float64(after.memory[process])/(1<<20)).BesideEmpty = ratio(after.memory[process], h.before.memory[process])
	}
	held, err := h.ask(ctx)
	if err != nil {
		return err
	}
	h.compare("", held)
	return nil
}

func ratio(a, b int64) float64 { return float64(a) / float64(max(b, 1)) }

// verify runs the product's own check of everything that was written.
func (h *house) verify(ctx context.Context) error {
	status, text, err := h.world.stack.Terrace(ctx, h.world.URL, "verify")
	if err == nil && status != 0 {
		err = fmt.Errorf("verify ended with %d:\n%s", status, text)
	}
	return err
}
