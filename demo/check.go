package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

// Finding is one thing the demonstration was to show, and whether it does.
type Finding struct {
	What string
	OK   bool
	Got  string
}

// ledgerView is what the driver reads of the books.
type ledgerView struct {
	Balances []line    `json:"balances"`
	SumFen   money.Fen `json:"sum_fen"`
}

// Inspect holds the finished pilot against the demonstration's data, by what the API tells.
func (d *Driver) Inspect(ctx context.Context, id string) ([]Finding, []Event, error) {
	view, books := pilotView{}, ledgerView{}
	if err := d.client.get(ctx, d.reader, "/v1/pilots/"+id, &view); err != nil {
		return nil, nil, err
	}
	if err := d.client.get(ctx, d.reader, "/v1/pilots/"+id+"/ledger", &books); err != nil {
		return nil, nil, err
	}
	events, err := d.timeline(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	findings := []Finding{{"the pilot is archived", view.Stage == pilot.Archived, string(view.Stage)}}
	findings = append(findings, d.goldenDates(events)...)
	findings = append(findings, d.villages(events), d.payments(events))
	return append(findings, d.books(books)...), events, nil
}

// goldenDates are the days that the data name, each by the event that falls on it.
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

// villages run side by side: each begins before any other ends.
func (d *Driver) villages(events []Event) Finding {
	begun, closed := []int64{}, []int64{}
	for _, e := range events {
		switch {
		case e.Aggregate.Kind == pilot.ProjectKind && e.Name == "rollout-begun":
			begun = append(begun, e.Position)
		case e.Aggregate.Kind == pilot.ProjectKind && e.Name == "closed":
			closed = append(closed, e.Position)
		}
	}
	n := len(d.data.Projects)
	ok := len(begun) == n && len(closed) == n && slices.Max(begun) < slices.Min(closed)
	return Finding{fmt.Sprintf("%d villages ran side by side", n), ok, fmt.Sprintf("%d begun, %d closed", len(begun), len(closed))}
}

// payments are made once each: three tranches of every project, and the evaluator's.
func (d *Driver) payments(events []Event) Finding {
	posted := map[string]int{}
	for _, e := range events {
		if e.Aggregate.Kind == pilot.PaymentKind && e.Name == "posted" {
			posted[e.Aggregate.ID]++
		}
	}
	want := 3*len(d.data.Projects) + 1
	twice := false
	for _, n := range posted {
		twice = twice || n > 1
	}
	return Finding{fmt.Sprintf("%d payments, none twice", want), len(posted) == want && !twice, fmt.Sprint(len(posted))}
}

// books are balanced, and every fen of the fund is accounted for.
func (d *Driver) books(books ledgerView) []Finding {
	held := map[string]money.Fen{}
	var sum money.Fen
	for _, b := range books.Balances {
		held[b.Account] += b.Fen
		sum += b.Fen
	}
	total := held[pilot.Spent] + held[pilot.Available] + held[pilot.Refunded]
	return []Finding{
		{"the ledger sums to zero", sum == 0 && books.SumFen == 0, sum.String()},
		{
			fmt.Sprintf("%s yuan are accounted for to the fen", d.data.Fund.TotalFen), total == d.data.Fund.TotalFen && -held[pilot.Appropriation] == total,
			fmt.Sprintf("%s spent, %s back in the fund", held[pilot.Spent], held[pilot.Available]+held[pilot.Refunded]),
		},
	}
}
