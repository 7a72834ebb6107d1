// Package driving measures how workflows carry lifecycles to their end: how many per second, and how much CPU time each
// takes in every process. It compares Terrace's workflows with plain Temporal, whose workflow receives every decision
// as an Update. A lifecycle has ended when all twelve decisions are on record and the workflows have nothing left to
// do.
package driving

import (
	"context"
	"errors"
	"fmt"
	"time"

	"terrace/bench/result"
	"terrace/bench/stack"
)

// how is the pace at which the simulated users send their decisions.
type how string

const (
	backToBack how = "back-to-back" // as soon as the response to the previous one has arrived
	alone      how = "alone"        // once the workflows have finished everything that follows from the previous one, as if users were hours apart
)

// clients is the number of concurrent lifecycles: enough that the machine never waits for them.
var clients = map[how]int{backToBack: 32, alone: 96}

// engine carries lifecycles to their end.
type engine interface {
	name() string
	// carry carries n lifecycles, after some warm-up ones that do not count.
	carry(ctx context.Context, h how, n int) (carried, error)
	close() error
}

// carried is the result of one round.
type carried struct {
	lifecycles     int
	took           time.Duration
	cpu            map[string]time.Duration // by process
	events, tasks  int                      // over all histories
	signals, alone int                      // all signals, and those that needed a workflow task of their own
}

// Run measures both engines at both paces, alternating between them.
func Run(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress) (rows []result.Driving, err error) {
	if _, err := s.StartTemporal(ctx); err != nil {
		return nil, err
	}
	defer s.StopTemporal()
	engines, err := open(ctx, s)
	defer func() {
		for _, e := range engines {
			err = errors.Join(err, e.close())
		}
	}()
	if err != nil {
		return nil, err
	}
	for _, h := range []how{backToBack, alone} {
		rounds := map[string][]carried{}
		for round := range size.Rounds {
			for i := range engines {
				e := engines[(i+round)%len(engines)]
				c, err := e.carry(ctx, h, lifecyclesOf(size))
				if err != nil {
					return rows, fmt.Errorf("%s, %s: %w", e.name(), h, err)
				}
				progress("driving: %s, %s, round %d: %s", e.name(), h, round+1, c)
				rounds[e.name()] = append(rounds[e.name()], c)
			}
		}
		for _, e := range engines {
			rows = append(rows, row(e.name(), h, rounds[e.name()]))
		}
	}
	return rows, nil
}

func open(ctx context.Context, s *stack.Stack) ([]engine, error) {
	own, err := openTerrace(ctx, s)
	if err != nil {
		return nil, err
	}
	engines := []engine{own}
	script, err := record(ctx, s)
	if err != nil {
		return engines, err
	}
	for _, asked := range []bool{true, false} {
		p, err := openPlain(ctx, s, script, asked)
		if err != nil {
			return engines, err
		}
		engines = append(engines, p)
	}
	return engines, nil
}

// lifecyclesOf returns the number of lifecycles in a round.
func lifecyclesOf(size stack.Size) int {
	if size.Full {
		return 960
	}
	return 72
}

func (c carried) String() string {
	total := time.Duration(0)
	for _, each := range c.cpu {
		total += each
	}
	n := float64(c.lifecycles)
	return fmt.Sprintf("%.1f lifecycles/s, %.0f ms CPU, %.1f signals (%.1f alone in a task), %.1f events, %.1f workflow tasks",
		n/c.took.Seconds(), milliseconds(total)/n, float64(c.signals)/n, float64(c.alone)/n, float64(c.events)/n, float64(c.tasks)/n)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// row returns the medians of the rounds.
func row(engine string, h how, rounds []carried) result.Driving {
	over := func(of func(carried) float64) result.Spread {
		values := make([]float64, len(rounds))
		for i, c := range rounds {
			values[i] = of(c)
		}
		return result.Over(values)
	}
	each := func(of func(carried) float64) result.Spread {
		return over(func(c carried) float64 { return of(c) / float64(c.lifecycles) })
	}
	rate := over(func(c carried) float64 { return float64(c.lifecycles) / c.took.Seconds() })
	cpu := each(func(c carried) (all float64) {
		for _, d := range c.cpu {
			all += milliseconds(d)
		}
		return all
	})
	r := result.Driving{
		Engine: engine, How: string(h),
		LifecyclesPerSecond: rate.Median, LifecyclesPerSecondMin: rate.Min, LifecyclesPerSecondMax: rate.Max,
		CPUPerLifecycle: cpu.Median, CPUPerLifecycleMin: cpu.Min, CPUPerLifecycleMax: cpu.Max, CPU: map[string]float64{},
		SignalsPerLifecycle: each(func(c carried) float64 { return float64(c.signals) }).Median,
		EventsPerLifecycle:  each(func(c carried) float64 { return float64(c.events) }).Median,
	}
	for _, process := range processes {
		r.CPU[process] = each(func(c carried) float64 { return milliseconds(c.cpu[process]) }).Median
	}
	return r
}

// processes lists the processes whose CPU time is reported.
var processes = []string{"api", "worker", "postgres", "temporal", "client"}
