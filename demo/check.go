package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"terrace/domain/calendar"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Finding is the result of one check: what should be true of the demonstration, and whether it is.
type Finding struct {
	What string
	OK   bool
	Got  string
}

// Inspect compares the completed pilot, as seen through the API, with the demonstration's data.
func (d *Driver) Inspect(ctx context.Context, id string) ([]Finding, []Event, error) {
	view := pilotView{}
	if err := d.client.get(ctx, d.reader, "/v1/pilots/"+id, &view); err != nil {
		return nil, nil, err
	}
	events, err := d.timeline(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	findings := []Finding{{"the pilot is archived", view.Stage == pilot.Archived, string(view.Stage)}}
	findings = append(findings, d.goldenDates(events)...)
	findings = append(findings, d.villages(events), d.payments(events))
	money, err := d.money(ctx, events)
	return append(findings, money...), events, err
}

// goldenDates checks that the expected event happened on each of the key dates in the data.
func (d *Driver) goldenDates(events []Event) []Finding {
	days := map[string][]calendar.Date{}
	for _, e := range events {
		key := string(e.Aggregate.Kind) + " " + e.Name
		days[key] = append(days[key], e.On)
		if e.Name == "endorsed" {
			data := struct {
				Office string `json:"office"`
			}{}
			if json.Unmarshal(e.Data, &data) == nil {
				days["endorsed by "+data.Office] = append(days["endorsed by "+data.Office], e.On)
			}
		}
	}
	first := days["payment posted"]
	if n := len(d.data.Projects); len(first) >= n {
		days["first payments"] = first[:n]
	}
	var findings []Finding
	for _, g := range []struct{ golden, event string }{
		{"call", "pilot drafted"},
		{"applications_close", "pilot submitted"},
		{"county", "endorsed by 620825"},
		{"city", "endorsed by 620800"},
		{"province", "endorsed by 620000"},
		{"review", "pilot review-concluded"},
		{"notice_ends", "pilot cleared"},
		{"approval", "pilot approved"},
		{"agreement", "project agreement-concluded"},
		{"first_tranche", "first payments"},
		{"mid_term", "project midterm-judged"},
		{"rollout_ends", "project rollout-ended"},
		{"final_report", "project final-reported"},
		{"closing", "project closed"},
		{"announcement", "pilot announced"},
	} {
		want := d.data.Golden[g.golden]
		got := days[g.event]
		off := slices.ContainsFunc(got, func(day calendar.Date) bool { return day != want })
		findings = append(findings, Finding{fmt.Sprintf("%s falls on %s", g.golden, want), len(got) > 0 && !off, fmt.Sprint(slices.Compact(slices.Clone(got)))})
	}
	return findings
}

// villages checks that the projects ran concurrently: the last one began before the first one ended.
func (d *Driver) villages(events []Event) Finding {
	begun, closed := []int64{}, []int64{}
	for _, e := range events {
		switch {
		case e.Aggregate.Kind == project.Kind && e.Name == "rollout-begun":
			begun = append(begun, e.Position)
		case e.Aggregate.Kind == project.Kind && e.Name == "closed":
			closed = append(closed, e.Position)
		}
	}
	n := len(d.data.Projects)
	ok := len(begun) == n && len(closed) == n && slices.Max(begun) < slices.Min(closed)
	return Finding{fmt.Sprintf("%d villages ran side by side", n), ok, fmt.Sprintf("%d begun, %d closed", len(begun), len(closed))}
}

// payments checks that each payment was made once and never reversed: three tranches for each project, except the one
// that did not need its last tranche, and the payment to the evaluator.
func (d *Driver) payments(events []Event) Finding {
	posted, final := map[string]int{}, map[string]int{}
	for _, e := range events {
		switch {
		case e.Aggregate.Kind == payment.Kind && e.Name == "posted":
			posted[e.Aggregate.ID]++
		case e.Aggregate.Kind == payment.Kind && e.Name == "finality-due":
			final[e.Aggregate.ID]++
		}
	}
	want := 3*len(d.data.Projects) - 1 + 1
	once := len(posted) == want && maps.Equal(posted, final)
	for _, n := range posted {
		once = once && n == 1
	}
	return Finding{fmt.Sprintf("%d payments, none twice, all final", want), once, fmt.Sprintf("%d posted, %d final", len(posted), len(final))}
}
