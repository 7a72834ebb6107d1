// Package commands measures how fast decisions are made: by Terrace in-process (at Execute) and over HTTP, by the
// hand-written floor, and by the peers, each with clients that send requests back to back.
package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"terrace/bench/peer"
	"terrace/bench/result"
	"terrace/bench/stack"
)

// concurrencies lists the numbers of clients; most is the maximum.
var concurrencies = []int{1, 16, most}

const most = 64

// warmUp is the time before each window, which is not counted.
const warmUp = 400 * time.Millisecond

func window(size stack.Size) time.Duration {
	if size.Full {
		return 8 * time.Second
	}
	return 1500 * time.Millisecond
}

// contestant is an engine in one setting.
type contestant struct {
	engine, at, temporal string
	peer.Engine
}

func (c contestant) String() string { return c.engine + " (" + c.at + ", Temporal " + c.temporal + ")" }

// seat is a contestant with a number of clients: one row of the table.
type seat struct {
	engine, at, temporal string
	clients              int
}

// rounds collects the results of all rounds, by seat.
type rounds struct {
	order []seat
	all   map[seat]*brought
}

type brought struct{ perSecond, p50, p99, cpu, overtaken []float64 }

// Run measures in rounds: each contestant with each number of clients, in an order that varies from round to round.
func Run(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress) (rows []result.Command, err error) {
	f, err := open(ctx, s, progress)
	if err != nil {
		return nil, err
	}
	defer f.close()
	r := &rounds{all: map[seat]*brought{}}
	var failed error
	for n := range size.Rounds {
		for _, c := range f.order(n) {
			if err := f.turn(ctx, c, r, window(size), progress); err != nil {
				failed = errors.Join(failed, fmt.Errorf("round %d, %s: %w", n+1, c, err))
				progress("%s failed: %v", c, err)
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
	return r.rows(), failed
}

// turn runs one contestant: it starts the engine, measures it with each number of clients and stops it.
func (f *field) turn(ctx context.Context, c contestant, r *rounds, window time.Duration, progress stack.Progress) (err error) {
	if err := f.setTemporal(ctx, c.temporal); err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	defer c.Stop()
	if err := c.Ready(ctx, f.guess(c, most, window)); err != nil {
		return err
	}
	if err := f.stack.Checkpoint(ctx); err != nil {
		return err
	}
	for _, clients := range concurrencies {
		if err := c.Ready(ctx, f.guess(c, clients, window)); err != nil {
			return err
		}
		sample, err := run(ctx, c, clients, warmUp, window, f.stack.CPU)
		if err != nil {
			return fmt.Errorf("%d clients: %w", clients, err)
		}
		r.note(seat{c.engine, c.at, c.temporal, clients}, sample)
		f.rates[c.String()] = max(f.rates[c.String()], sample.perSecond())
		progress("%-40s %2d clients: %6.0f decisions/s, p50 %.2f ms, p99 %.2f ms, CPU %.3f ms, overtaken %.1f %%%s", c, clients, sample.perSecond(),
			sample.latencies.Quantile(0.5), sample.latencies.Quantile(0.99), sample.cpuPerDecision(), 100*sample.overtakenShare(), map[bool]string{true: " (lifecycles used up)"}[sample.short])
	}
	return nil
}

// firstRates are initial estimates of each engine's best rate, in decisions per second. They determine how many
// lifecycles to prepare.
var firstRates = map[string]float64{
	result.Floor: 10_000, result.Terrace: 5_000, result.River: 2_000, result.DBOS: 800, result.DBOSApart: 2_000, result.GoWorkflows: 800, result.TemporalUpdate: 500,
}

// guess estimates how many lifecycles a window may use up: one and a half times as many as the best rate so far
// requires.
func (f *field) guess(c contestant, clients int, window time.Duration) int {
	rate := f.rates[c.String()]
	switch {
	case rate == 0 && c.temporal == backlog:
		rate = firstRates[c.engine] / 3
	case rate == 0:
		rate = firstRates[c.engine]
	}
	return int(rate*(window+warmUp).Seconds()*1.5/12) + 2*clients
}

func (r *rounds) note(s seat, got *sample) {
	if r.all[s] == nil {
		r.all[s] = &brought{}
		r.order = append(r.order, s)
	}
	b := r.all[s]
	b.perSecond = append(b.perSecond, got.perSecond())
	b.p50 = append(b.p50, got.latencies.Quantile(0.5))
	b.p99 = append(b.p99, got.latencies.Quantile(0.99))
	b.cpu = append(b.cpu, got.cpuPerDecision())
	b.overtaken = append(b.overtaken, got.overtakenShare())
}

// rows returns the medians, by engine and number of clients.
func (r *rounds) rows() (rows []result.Command) {
	for _, s := range r.order {
		b := r.all[s]
		rate, p50, p99, cpu := result.Over(b.perSecond), result.Over(b.p50), result.Over(b.p99), result.Over(b.cpu)
		lifecycles := result.Over(scaled(b.perSecond, 1./12))
		rows = append(rows, result.Command{
			Engine: s.engine, At: s.at, Temporal: s.temporal, Concurrency: s.clients,
			PerSecond: rate.Median, PerSecondMin: rate.Min, PerSecondMax: rate.Max,
			LifecyclesPerSecond: lifecycles.Median, LifecyclesPerSecondMin: lifecycles.Min, LifecyclesPerSecondMax: lifecycles.Max,
			P50: p50.Median, P50Min: p50.Min, P50Max: p50.Max, P99: p99.Median, P99Min: p99.Min, P99Max: p99.Max,
			CPUPerDecision: cpu.Median, CPUPerDecisionMin: cpu.Min, CPUPerDecisionMax: cpu.Max,
			Overtaken: result.Over(b.overtaken).Median,
		})
	}
	place := func(c result.Command) int {
		return slices.IndexFunc(seats, func(s [3]string) bool { return s == [3]string{c.Engine, c.At, c.Temporal} })
	}
	slices.SortStableFunc(rows, func(a, b result.Command) int { return place(a) - place(b) })
	return rows
}

func scaled(values []float64, by float64) []float64 {
	scaled := make([]float64, len(values))
	for i, v := range values {
		scaled[i] = v * by
	}
	return scaled
}
