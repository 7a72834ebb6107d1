package result

import (
	"fmt"
	"math"
)

// Goal is a target and the figure measured for it.
type Goal struct {
	Section string  `json:"section"`
	What    string  `json:"what"`
	Want    float64 `json:"want"`
	AtMost  bool    `json:"at_most"` // whether want is the maximum; otherwise it is the minimum
	Got     float64 `json:"got"`
	Met     bool    `json:"met"`
	Missed  string  `json:"missed,omitempty"` // by how much it was missed
}

// AtLeast returns a goal for which more is better.
func AtLeast(section, what string, want, got float64) Goal {
	return judged(Goal{Section: section, What: what, Want: want, Met: got >= want}, got)
}

// AtMost returns a goal for which less is better.
func AtMost(section, what string, want, got float64) Goal {
	return judged(Goal{Section: section, What: what, Want: want, AtMost: true, Met: got <= want}, got)
}

func judged(g Goal, got float64) Goal {
	g.Got = round(got)
	if !g.Met {
		g.Missed = digits(100*math.Abs(got/g.Want-1)) + " %"
	}
	return g
}

// Judge compares the figures with the goals. It skips goals whose figures were not measured.
func (r *Report) Judge() {
	r.Goals = append(r.commandGoals(), r.drivingGoals()...)
	r.Goals = append(r.Goals, r.holdingGoals()...)
	r.Goals = append(r.Goals, r.readingGoals()...)
}

// command returns an engine's row at Execute.
func (r *Report) command(engine, temporal string, concurrency int) (Command, bool) {
	for _, c := range r.Commands {
		if c.Engine == engine && c.At == "execute" && c.Temporal == temporal && c.Concurrency == concurrency {
			return c, c.PerSecond > 0
		}
	}
	return Command{}, false
}

// commandGoals compares Terrace at Execute with the floor at each concurrency, and with each peer at that peer's best
// concurrency.
func (r *Report) commandGoals() (goals []Goal) {
	const section = "commands"
	for _, n := range []int{1, 16, 64} {
		floor, ok := r.command(Floor, "none", n)
		if !ok {
			continue
		}
		if quiet, ok := r.command(Terrace, "quiet", n); ok {
			goals = append(goals, AtLeast(section, fmt.Sprintf("%d clients, Temporal quiet: × the floor's decisions/s", n), 0.6, quiet.PerSecond/floor.PerSecond))
			if n == 1 {
				goals = append(goals, AtMost(section, "1 client: p50 as a multiple of the floor's", 1.5, quiet.P50/floor.P50))
			}
		}
		if busy, ok := r.command(Terrace, "backlog", n); ok {
			goals = append(goals, AtLeast(section, fmt.Sprintf("%d clients, Temporal on a backlog: × the floor's decisions/s", n), 0.3, busy.PerSecond/floor.PerSecond))
		}
	}
	for _, peer := range Peers {
		own, other := r.best(Terrace), r.best(peer)
		if own.PerSecond > 0 && other.PerSecond > 0 {
			what := fmt.Sprintf("× %s's lifecycles/s, each at its best (%d and %d clients)", peer, own.Concurrency, other.Concurrency)
			goals = append(goals, AtLeast(section, what, 3, own.LifecyclesPerSecond/other.LifecyclesPerSecond))
		}
	}
	return goals
}

// best returns an engine's fastest row at Execute; for an engine that runs beside Temporal, with Temporal quiet.
func (r *Report) best(engine string) (best Command) {
	for _, c := range r.Commands {
		if c.Engine == engine && c.At == "execute" && c.Temporal != "backlog" && c.PerSecond > best.PerSecond {
			best = c
		}
	}
	return best
}

func (r *Report) drivingGoals() (goals []Goal) {
	least := map[string]float64{"back-to-back": 2, "alone": 1.6}
	for _, own := range r.Driving {
		for _, plain := range r.Driving {
			if own.Engine == Terrace && plain.Engine == TemporalUpdate && own.How == plain.How && plain.LifecyclesPerSecond > 0 {
				goals = append(goals, AtLeast("driving", own.How+": × plain Temporal's lifecycles/s", least[own.How], own.LifecyclesPerSecond/plain.LifecyclesPerSecond))
			}
		}
		if own.Engine == Terrace && own.How == "back-to-back" {
			goals = append(goals, AtMost("driving", own.How+": CPU ms a lifecycle", 55, own.CPUPerLifecycle))
		}
	}
	return goals
}

func (r *Report) holdingGoals() (goals []Goal) {
	for _, h := range r.Holding {
		if h.What == "answer p99" && h.BesideEmpty > 0 {
			goals = append(goals, AtMost("holding", fmt.Sprintf("%d pilots: p99 of answers as a multiple of an empty system's", h.Pilots), 1.5, h.BesideEmpty))
		}
	}
	return goals
}

// readingGoals compares the largest record with the smallest.
func (r *Report) readingGoals() (goals []Goal) {
	for _, few := range r.Reading {
		if few.Projects != 10_000 || few.P99 == 0 {
			continue
		}
		many := few
		for _, other := range r.Reading {
			if other.What == few.What && other.Projects > many.Projects {
				many = other
			}
		}
		if many.Projects > few.Projects {
			goals = append(goals, AtMost("reading", fmt.Sprintf("%s: p99 at %d projects as a multiple of that at 10000", few.What, many.Projects), 1.5, many.P99/few.P99))
		}
	}
	return goals
}
