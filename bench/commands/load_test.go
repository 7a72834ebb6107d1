package commands

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
)

// even is an engine that needs the same time for every decision. It reports the first decision of each lifecycle as
// made by the engine itself, and the second as already recorded.
type even struct {
	takes time.Duration
	left  atomic.Int64
}

func (*even) Start(context.Context) error      { return nil }
func (*even) Stop()                            {}
func (*even) Ready(context.Context, int) error { return nil }

func (e *even) Next() peer.Play {
	if e.left.Add(-1) < 0 {
		return nil
	}
	return e
}

func (e *even) Decide(_ context.Context, n int) (peer.Answer, error) {
	time.Sleep(e.takes)
	switch n {
	case 0:
		return peer.Unasked, nil
	case 1:
		return peer.Overtaken, nil
	default:
		return peer.Asked, nil
	}
}

func noCPU() (time.Duration, error) { return 0, nil }

func TestAWindowCountsItsAnswersAndTimesAskedDecisions(t *testing.T) {
	t.Parallel()
	e := &even{takes: 10 * time.Millisecond}
	e.left.Store(1000)
	s, err := run(t.Context(), e, 4, 50*time.Millisecond, 400*time.Millisecond, noCPU)
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(4 * 41); s.decisions == 0 || s.decisions > most {
		t.Errorf("%d decisions of at least 10 ms by 4 clients in 400 ms", s.decisions)
	}
	if p50 := s.latencies.Quantile(0.5); p50 < 9.8 {
		t.Errorf("the median latency is %v ms", p50)
	}
	if asked := float64(s.latencies.Count()); asked > float64(s.decisions+4)*float64(lifecycle.Decisions-2)/float64(lifecycle.Decisions-1)+8 {
		t.Errorf("%v answers are timed of %d decisions, one in eleven of them unasked", asked, s.decisions)
	}
	if want := float64(s.decisions) / float64(lifecycle.Decisions-1); math.Abs(float64(s.overtaken)-want) > 4 {
		t.Errorf("%d recorded nothing beside %d decisions, want about %.0f: one of each lifecycle", s.overtaken, s.decisions, want)
	}
	if share := s.overtakenShare(); math.Abs(share-1./lifecycle.Decisions) > 0.05 {
		t.Errorf("the share of answers that recorded nothing is %.2f", share)
	}
	if s.short || s.seconds != 0.4 {
		t.Errorf("the window took %v s, short: %v", s.seconds, s.short)
	}
}

func TestAWindowEndsWhenTheLifecyclesAreUsedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lifecycles int64
		fails      bool
	}{
		"late: the rate covers the time until then": {60, false}, // of 12 decisions of at least 1 ms, by 4 clients
		"early: nothing is measured":                {1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &even{takes: time.Millisecond}
			e.left.Store(c.lifecycles)
			window := 250 * time.Millisecond
			if c.fails {
				window = 10 * time.Second
			}
			s, err := run(t.Context(), e, 4, 0, window, noCPU)
			if (err != nil) != c.fails {
				t.Fatal(s, err)
			}
			if err == nil && s.short && s.seconds >= window.Seconds() {
				t.Errorf("used up after %v s of %v", s.seconds, window)
			}
		})
	}
}

func TestTheOrderChangesAndKeepsTemporalEnginesTogether(t *testing.T) {
	t.Parallel()
	f := &field{}
	for _, s := range seats {
		f.engines = append(f.engines, contestant{engine: s[0], at: s[1], temporal: s[2]})
	}
	begins := map[string]bool{}
	for round := range 4 {
		order := f.order(round)
		begins[order[0].String()] = true
		changes := 0
		seen := map[string]bool{}
		for i, c := range order {
			seen[c.String()] = true
			if i > 0 && (c.temporal == none) != (order[i-1].temporal == none) {
				changes++
			}
		}
		if len(seen) != len(seats) || changes != 1 {
			t.Errorf("round %d: %v", round, order)
		}
	}
	if len(begins) < 4 {
		t.Errorf("the four rounds begin with %v", begins)
	}
}
