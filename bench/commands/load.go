package commands

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
	"terrace/bench/result"
)

// sample is the result of one window.
type sample struct {
	decisions int64 // accepted within the window, or until the lifecycles were used up
	answered  int64 // within the whole window
	overtaken int64 // responses within the window for which nothing was recorded; not counted as decisions
	seconds   float64
	latencies result.Latencies
	cpu       time.Duration // of all processes
	short     bool          // the lifecycles were used up before the window ended
}

func (s *sample) perSecond() float64 { return float64(s.decisions) / s.seconds }

// cpuPerDecision returns the CPU time per decision, in milliseconds.
func (s *sample) cpuPerDecision() float64 { return s.cpu.Seconds() * 1000 / float64(s.answered) }

// overtakenShare returns the share of responses for which nothing was recorded.
func (s *sample) overtakenShare() float64 {
	return float64(s.overtaken) / float64(s.answered+s.overtaken)
}

// client sends one decision after another, waiting for each response.
type client struct {
	answers   []time.Time // when each decision in the window was answered, in order
	overtaken int64
	latencies result.Latencies
	usedUp    bool
	err       error
}

// run lets the clients send decisions back to back. Only responses within the window, after the warm-up, count.
func run(ctx context.Context, e peer.Engine, clients int, warmUp, window time.Duration, cpu func() (time.Duration, error)) (*sample, error) {
	from := time.Now().Add(warmUp)
	until := from.Add(window)
	all := make([]client, clients)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() { all[i].send(ctx, e, from, until) })
	}
	s := &sample{}
	var failed error
	s.cpu, failed = between(from, until, cpu)
	group.Wait()
	end := until
	for i := range all {
		c := &all[i]
		s.latencies.Add(&c.latencies)
		failed = cmp.Or(failed, c.err) // the first failure is enough
		if last := c.last(from); c.usedUp && last.Before(end) {
			end, s.short = last, true
		}
	}
	for i := range all {
		s.decisions += all[i].until(end)
		s.answered += int64(len(all[i].answers))
		s.overtaken += all[i].overtaken
	}
	s.seconds = end.Sub(from).Seconds()
	switch {
	case failed != nil:
		return nil, failed
	case s.decisions == 0:
		return nil, fmt.Errorf("no decision was answered within %v", window)
	case s.seconds < window.Seconds()/2:
		return nil, fmt.Errorf("the prepared lifecycles were used up %v before the end", until.Sub(end))
	}
	return s, nil
}

// between returns by how much a meter advances between two instants.
func between(from, until time.Time, meter func() (time.Duration, error)) (time.Duration, error) {
	time.Sleep(time.Until(from))
	before, err := meter()
	if err != nil {
		return 0, err
	}
	time.Sleep(time.Until(until))
	after, err := meter()
	return after - before, err
}

// send plays lifecycles until the window ends.
func (c *client) send(ctx context.Context, e peer.Engine, from, until time.Time) {
	for time.Now().Before(until) {
		play := e.Next()
		if play == nil {
			c.usedUp = true
			return
		}
		for n := range lifecycle.Decisions {
			begun := time.Now()
			if !begun.Before(until) {
				return
			}
			answer, err := play.Decide(ctx, n)
			if err != nil {
				c.err = fmt.Errorf("decision %d (%s): %w", n, lifecycle.Steps[n].Name, err)
				return
			}
			c.note(begun, time.Now(), from, until, answer)
		}
	}
}

// note counts a decision answered within the window. It records the latency of every decision that was sent in the
// window, even if it was answered later, because leaving out slow responses would distort the result. Decisions for
// which nothing was recorded are counted separately.
func (c *client) note(begun, answered, from, until time.Time, answer peer.Answer) {
	if answer == peer.Asked && !begun.Before(from) {
		c.latencies.Note(answered.Sub(begun))
	}
	switch within := !answered.Before(from) && !answered.After(until); {
	case within && answer == peer.Overtaken:
		c.overtaken++
	case within:
		c.answers = append(c.answers, answered)
	}
}

// last returns the time of the last counted response, or from if there was none.
func (c *client) last(from time.Time) time.Time {
	if len(c.answers) == 0 {
		return from
	}
	return c.answers[len(c.answers)-1]
}

// until counts the responses up to end, when the first client ran out of lifecycles.
func (c *client) until(end time.Time) int64 {
	behind, _ := slices.BinarySearchFunc(c.answers, end, func(a, end time.Time) int { return cmp.Or(a.Compare(end), -1) })
	return int64(behind)
}
