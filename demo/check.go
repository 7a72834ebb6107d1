package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Finding is the result of one check: what should be true of the demonstration, and whether it is.
type Finding struct {
	What domain.Text
	OK   bool
	Got  domain.Text
}

// both fills the same values into a text in Chinese and in English.
func both(zh, en string, values ...any) domain.Text {
	return domain.T(fmt.Sprintf(zh, values...), fmt.Sprintf(en, values...))
}

// bare returns a value that reads the same in both languages.
func bare(value any) domain.Text { return both("%v", "%v", value) }

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
	findings := []Finding{{domain.T("试点已归档", "the pilot is archived"), view.Stage == pilot.Archived, catalogue.All.StageName(view.Stage)}}
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
	for _, g := range []struct {
		golden, event string
		name          domain.Text
	}{
		{"call", "pilot drafted", domain.T("申报开始", "the call")},
		{"applications_close", "pilot submitted", domain.T("申报提交", "the submission")},
		{"county", "endorsed by 620825", domain.T("县级推荐", "the county's endorsement")},
		{"city", "endorsed by 620800", domain.T("市级推荐", "the city's endorsement")},
		{"province", "endorsed by 620000", domain.T("省级推荐", "the province's endorsement")},
		{"review", "pilot review-concluded", domain.T("评审结束", "the end of the review")},
		{"notice_ends", "pilot cleared", domain.T("公示期满", "the end of the notice")},
		{"approval", "pilot approved", domain.T("立项批复", "the approval")},
		{"agreement", "project agreement-concluded", domain.T("协议签订", "the agreement")},
		{"first_tranche", "first payments", domain.T("首批拨付", "the first tranche")},
		{"mid_term", "project midterm-judged", domain.T("中期评估", "the mid-term evaluation")},
		{"rollout_ends", "project rollout-ended", domain.T("实施期结束", "the end of the rollout")},
		{"final_report", "project final-reported", domain.T("结项报告", "the final report")},
		{"closing", "project closed", domain.T("项目结项", "the closing of the projects")},
		{"announcement", "pilot announced", domain.T("向社会公告", "the announcement")},
	} {
		want := d.data.Golden[g.golden]
		got := days[g.event]
		off := slices.ContainsFunc(got, func(day calendar.Date) bool { return day != want })
		findings = append(findings, Finding{
			domain.T(fmt.Sprintf("%s为%s", g.name.ZH, want), fmt.Sprintf("%s falls on %s", g.name.EN, want)), len(got) > 0 && !off, bare(slices.Compact(slices.Clone(got))),
		})
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
	return Finding{both("%d个村同时实施", "%d villages ran side by side", n), ok, both("%d个开始，%d个结项", "%d begun, %d closed", len(begun), len(closed))}
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
	return Finding{both("%d笔付款，无一重复，全部最终确认", "%d payments, none twice, all final", want), once, both("%d笔入账，%d笔最终确认", "%d posted, %d final", len(posted), len(final))}
}
