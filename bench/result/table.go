package result

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Print prints the table with the ratios, and the goals below it.
func (r *Report) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) {
		for _, c := range cells {
			_, _ = fmt.Fprint(w, c, "\t") // the writer keeps the error for Flush
		}
		_, _ = fmt.Fprintln(w)
	}
	row("measured", r.Size, strconv.Itoa(r.Rounds)+" rounds", "median (least…most)")
	r.printCommands(row)
	r.printDriving(row)
	r.printHolding(row)
	r.printReading(row)
	r.printGoals(row)
	for _, m := range r.Missing {
		row("missing", m)
	}
	return w.Flush()
}

type printRow func(cells ...string)

func (r *Report) printCommands(row printRow) {
	if len(r.Commands) == 0 {
		return
	}
	row()
	row("COMMANDS", "at", "Temporal", "clients", "decisions/s", "lifecycles/s", "p50 ms", "p99 ms", "CPU ms", "× floor", "overtaken %")
	for _, c := range r.Commands {
		beside := "-"
		if floor, ok := r.command(Floor, "none", c.Concurrency); ok {
			beside = digits(c.PerSecond / floor.PerSecond)
		}
		row(c.Engine, c.At, c.Temporal, strconv.Itoa(c.Concurrency), spread(c.PerSecond, c.PerSecondMin, c.PerSecondMax),
			spread(c.LifecyclesPerSecond, c.LifecyclesPerSecondMin, c.LifecyclesPerSecondMax), spread(c.P50, c.P50Min, c.P50Max), spread(c.P99, c.P99Min, c.P99Max),
			spread(c.CPUPerDecision, c.CPUPerDecisionMin, c.CPUPerDecisionMax), beside, digits(100*c.Overtaken))
	}
}

func (r *Report) printDriving(row printRow) {
	if len(r.Driving) == 0 {
		return
	}
	row()
	row("DRIVING", "how", "lifecycles/s", "CPU ms/lifecycle", "api", "worker", "postgres", "temporal", "client", "signals", "events")
	for _, d := range r.Driving {
		row(d.Engine, d.How, spread(d.LifecyclesPerSecond, d.LifecyclesPerSecondMin, d.LifecyclesPerSecondMax),
			spread(d.CPUPerLifecycle, d.CPUPerLifecycleMin, d.CPUPerLifecycleMax), digits(d.CPU["api"]), digits(d.CPU["worker"]), digits(d.CPU["postgres"]),
			digits(d.CPU["temporal"]), digits(d.CPU["client"]), digits(d.SignalsPerLifecycle), digits(d.EventsPerLifecycle))
	}
}

func (r *Report) printHolding(row printRow) {
	if len(r.Holding) == 0 {
		return
	}
	row()
	row("HOLDING", "pilots", "value", "unit", "× empty")
	for _, h := range r.Holding {
		row(h.What, strconv.Itoa(h.Pilots), spread(h.Value, h.ValueMin, h.ValueMax), h.Unit, digits(h.BesideEmpty))
	}
}

func (r *Report) printReading(row printRow) {
	if len(r.Reading) == 0 {
		return
	}
	row()
	row("READING", "projects", "reads/s", "p50 ms", "p99 ms")
	for _, c := range r.Reading {
		row(c.What, strconv.Itoa(c.Projects), spread(c.PerSecond, c.PerSecondMin, c.PerSecondMax), spread(c.P50, c.P50Min, c.P50Max), spread(c.P99, c.P99Min, c.P99Max))
	}
}

func (r *Report) printGoals(row printRow) {
	if len(r.Goals) == 0 {
		return
	}
	row()
	row("GOALS", "", "goal", "reached", "")
	for _, g := range r.Goals {
		sign, verdict := "≥ ", "met"
		if g.AtMost {
			sign = "≤ "
		}
		if !g.Met {
			verdict = "missed by " + g.Missed
		}
		row(g.Section, g.What, sign+digits(g.Want), digits(g.Got), verdict)
	}
}

func spread(median, least, most float64) string {
	if least == most {
		return digits(median)
	}
	return digits(median) + " (" + digits(least) + "…" + digits(most) + ")"
}

// digits formats three significant digits, or the whole number if it has more.
func digits(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}
