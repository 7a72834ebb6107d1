package postgres_test

import (
	"slices"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
)

var everything = flow.Reader{All: true}

func TestPagesNeitherRepeatNorSkipRows(t *testing.T) {
	t.Parallel()
	r := open(t)
	var made []string
	for i := range 11 {
		if i%4 == 0 { // several share a creation time
			r.setClock(callDay.Add(time.Duration(i) * time.Hour))
		}
		made = append(made, r.drafted().ID)
	}
	var read []string
	filter := postgres.Filter{Reader: everything, Limit: 3}
	for {
		page, err := postgres.Pilots.Page(t.Context(), r.Store, filter)
		must(t, err)
		if len(page.Rows) > 3 {
			t.Fatalf("%d rows on a page of 3", len(page.Rows))
		}
		for _, row := range page.Rows {
			read = append(read, row.ID)
		}
		if page.Next == "" {
			break
		}
		r.setClock(callDay.AddDate(0, 0, 2))
		r.drafted() // while the pages are being read
		filter.Cursor = page.Next
	}
	if len(slices.Compact(slices.Sorted(slices.Values(read)))) != len(read) {
		t.Errorf("repeated: %v", read)
	}
	for _, id := range made {
		if !slices.Contains(read, id) {
			t.Errorf("hidden: %s", id)
		}
	}
	if len(read) != len(made) {
		t.Errorf("read %d, made %d: newer ones belong on the first page", len(read), len(made))
	}
}

func TestAListIsBounded(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.sql(`insert into pilot_row select 'p' || n, 'application', 1, false, '620825', 'x', 1, '', '', 0, 0, false, '{}', '', 0, null, now(), now(), '{}'
		from generate_series(1, 300) n`)
	for limit, want := range map[int]int{0: 50, -1: 50, 7: 7, 200: 200, 5000: 200} {
		page, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Limit: limit})
		must(t, err)
		if len(page.Rows) != want || page.Next == "" {
			t.Errorf("a limit of %d returns %d rows", limit, len(page.Rows))
		}
	}
	for _, cursor := range []string{"!", "bm90aGluZw", "e30"} {
		_, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Cursor: cursor})
		if got := refusal(t, err, "bad-cursor"); got.Field != "cursor" {
			t.Errorf("field is %q", got.Field)
		}
	}
}

func TestARowShowsTheCurrentState(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, projectRef, paymentRef := r.inPayment()
	plan := r.demo.Projects[0]

	pilots, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything})
	must(t, err)
	row := pilots.Rows[0]
	if row.ID != p.ID || row.Stage != pilot.Rollout || (domain.Text{ZH: row.TitleZh, EN: row.TitleEn}) != r.demo.Title || row.RequestedFen != r.demo.Fund.TotalFen ||
		row.CommittedFen != r.demo.Fund.TotalFen || row.Projects != 6 || len(row.Organizations) != 6 || row.Place != "620825" ||
		row.Programme != r.demo.Programme || row.ProgrammeVersion != 1 || !row.CreatedAt.Equal(callDay) {
		t.Errorf("pilot is %+v", row)
	}
	projects, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: everything})
	must(t, err)
	if got := projects.Rows[0]; got.ID != projectRef.ID || got.Stage != project.FirstTranche || got.Village != plan.Village.Code ||
		got.Organization != plan.Organization.CreditCode || got.GrantFen != plan.GrantFen || got.TitleZh != plan.Title.ZH || got.Code != plan.Code {
		t.Errorf("project is %+v", got)
	}
	payments, err := postgres.Payments.Page(t.Context(), r.Store, postgres.Filter{Reader: everything})
	must(t, err)
	if got := payments.Rows[0]; got.ID != paymentRef.ID || got.Stage != payment.Release || got.Fen != plan.TranchesFen[0] || got.Payer != projectRef.ID ||
		got.Tranche != 1 || got.Attempt != 1 || got.Organization != plan.Organization.CreditCode {
		t.Errorf("payment is %+v", got)
	}
	state, err := r.Load(t.Context(), paymentRef)
	must(t, err)
	if due := flow.RecordOf(state).Turns[0].Due; postgres.DateOf(payments.Rows[0].Due) != due {
		t.Errorf("payment is due on %s, want %s", postgres.DateOf(payments.Rows[0].Due), due)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	r := open(t)
	draft := r.drafted()
	p, projectRef, paymentRef := r.inPayment()
	plan := r.demo.Projects[0]
	pilots := map[string]struct {
		filter postgres.Filter
		want   []string
	}{
		"all":                         {postgres.Filter{}, []string{p.ID, draft.ID}},
		"in a stage":                  {postgres.Filter{Stage: pilot.Rollout}, []string{p.ID}},
		"in the place of the office":  {postgres.Filter{Place: "620825"}, []string{p.ID, draft.ID}},
		"in the province":             {postgres.Filter{Place: "620000"}, []string{p.ID, draft.ID}},
		"in a place below the office": {postgres.Filter{Place: "620825103"}, nil},
		"of an organization":          {postgres.Filter{Organization: plan.Organization.CreditCode}, []string{p.ID, draft.ID}},
		"of an unknown organization":  {postgres.Filter{Organization: "x"}, nil},
		"of a programme and a stage":  {postgres.Filter{Programme: r.demo.Programme, Stage: pilot.Applying}, []string{draft.ID}},
		"of an unknown programme":     {postgres.Filter{Programme: "atlantis"}, nil},
	}
	for name, test := range pilots {
		t.Run("pilots "+name, func(t *testing.T) {
			t.Parallel()
			test.filter.Reader = everything
			page, err := postgres.Pilots.Page(t.Context(), r.Store, test.filter)
			must(t, err)
			same(t, ids(page.Rows, func(r postgres.PilotRow) string { return r.ID }), test.want)
		})
	}
	projects := map[string]struct {
		filter postgres.Filter
		want   []string
	}{
		"of a pilot":                          {postgres.Filter{Pilot: p.ID}, []string{projectRef.ID}},
		"of another pilot":                    {postgres.Filter{Pilot: draft.ID}, nil},
		"in the village":                      {postgres.Filter{Place: plan.Village.Code}, []string{projectRef.ID}},
		"in the village's town":               {postgres.Filter{Place: plan.Village.Code[:9]}, []string{projectRef.ID}},
		"in another town":                     {postgres.Filter{Place: "620825215"}, nil},
		"in the city":                         {postgres.Filter{Place: "620800"}, []string{projectRef.ID}},
		"of the organization":                 {postgres.Filter{Organization: plan.Organization.CreditCode, Stage: project.FirstTranche}, []string{projectRef.ID}},
		"of a pilot and another organization": {postgres.Filter{Pilot: p.ID, Organization: r.demo.Projects[1].Organization.CreditCode}, nil},
		"of another organization":             {postgres.Filter{Organization: r.demo.Projects[1].Organization.CreditCode}, nil},
	}
	for name, test := range projects {
		t.Run("projects "+name, func(t *testing.T) {
			t.Parallel()
			test.filter.Reader = everything
			page, err := postgres.Projects.Page(t.Context(), r.Store, test.filter)
			must(t, err)
			same(t, ids(page.Rows, func(r postgres.ProjectRow) string { return r.ID }), test.want)
		})
	}
	payments := map[string]struct {
		filter postgres.Filter
		want   []string
	}{
		"of a pilot":       {postgres.Filter{Pilot: p.ID}, []string{paymentRef.ID}},
		"of another pilot": {postgres.Filter{Pilot: draft.ID}, nil},
		"in release":       {postgres.Filter{Stage: payment.Release}, []string{paymentRef.ID}},
		"posted":           {postgres.Filter{Stage: payment.Posted}, nil},
	}
	for name, test := range payments {
		t.Run("payments "+name, func(t *testing.T) {
			t.Parallel()
			test.filter.Reader = everything
			page, err := postgres.Payments.Page(t.Context(), r.Store, test.filter)
			must(t, err)
			same(t, ids(page.Rows, func(r postgres.PaymentRow) string { return r.ID }), test.want)
		})
	}
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	r := open(t)
	draft := r.drafted()
	withdrawn := r.drafted()
	r.do(zhuanglang.CountyOfficer, "withdraw", withdrawn, &pilot.Withdraw{Reason: "未提交即撤回"})
	p, project, payment := r.inPayment()
	plan, other := r.demo.Projects[0], r.demo.Projects[1]
	tests := map[string]struct {
		reader                     flow.Reader
		pilots, projects, payments []string
	}{
		"nobody sees anything":                     {flow.Reader{}, nil, nil, nil},
		"an auditor sees everything":               {everything, []string{p.ID, draft.ID, withdrawn.ID}, []string{project.ID}, []string{payment.ID}},
		"an office sees its own, drafts too":       {flow.Reader{Place: "620825"}, []string{p.ID, draft.ID, withdrawn.ID}, []string{project.ID}, []string{payment.ID}},
		"an office above sees what was handed in":  {flow.Reader{Place: "620000"}, []string{p.ID}, []string{project.ID}, []string{payment.ID}},
		"an office elsewhere sees nothing":         {flow.Reader{Place: "110000"}, nil, nil, nil},
		"an organization sees its own project":     {flow.Reader{Organization: plan.Organization.CreditCode}, []string{p.ID}, []string{project.ID}, []string{payment.ID}},
		"another proposer sees the pilot alone":    {flow.Reader{Organization: other.Organization.CreditCode}, []string{p.ID}, nil, nil},
		"the evaluator sees what it evaluates":     {flow.Reader{Organization: r.demo.Evaluator.CreditCode}, []string{p.ID}, []string{project.ID}, nil},
		"an expert sees the pilot of their panel":  {flow.Reader{Person: zhuanglang.Experts[0]}, []string{p.ID}, nil, nil},
		"a stranger sees nothing":                  {flow.Reader{Person: "stranger"}, nil, nil, nil},
		"a village sees its project and its pilot": {flow.Reader{Village: plan.Village.Code}, []string{p.ID}, []string{project.ID}, nil},
		"a village elsewhere sees nothing":         {flow.Reader{Village: "620825999999"}, nil, nil, nil},
	}
	for rule, test := range tests {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			pilots, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: test.reader})
			must(t, err)
			same(t, ids(pilots.Rows, func(r postgres.PilotRow) string { return r.ID }), test.pilots)
			projects, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: test.reader})
			must(t, err)
			same(t, ids(projects.Rows, func(r postgres.ProjectRow) string { return r.ID }), test.projects)
			payments, err := postgres.Payments.Page(t.Context(), r.Store, postgres.Filter{Reader: test.reader})
			must(t, err)
			same(t, ids(payments.Rows, func(r postgres.PaymentRow) string { return r.ID }), test.payments)
		})
	}
}

func TestAVillageSeesThePilotFromTheRolloutOn(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.onNotice()
	page, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{Village: r.demo.Projects[0].Village.Code}})
	must(t, err)
	if len(page.Rows) != 0 {
		t.Errorf("sees %v while it is on notice", page.Rows)
	}
}

func TestNoticesArePublicOnlyForTheirPeriod(t *testing.T) {
	t.Parallel()
	r := open(t)
	public := func(rule string, want int) []postgres.Notice {
		t.Helper()
		notices, err := r.Notices(t.Context(), "", 0)
		must(t, err)
		if len(notices.Rows) != want {
			t.Fatalf("%s: %d notices, want %d", rule, len(notices.Rows), want)
		}
		return notices.Rows
	}
	p := r.reviewed()
	public("before it is published", 0)
	r.do("terrace", "open-notice", p, &pilot.OpenNotice{Round: "1"})
	n := public("published", 6)[0]
	plan := r.demo.Projects[0]
	if n.Pilot != p.ID || n.Proposal != plan.Code || n.Title != plan.Title || n.GrantFen != plan.GrantFen ||
		n.Organization.CreditCode != plan.Organization.CreditCode || n.Village.Code != plan.Village.Code || n.Until.IsZero() {
		t.Errorf("notice is %+v", n)
	}

	r.do(zhuanglang.PublicPerson, "object", p, &pilot.Object{Proposal: plan.Code, Grounds: "异议", Contact: "电话"})
	if paused := public("one is paused by an objection", 6)[0]; !paused.Until.IsZero() {
		t.Errorf("a paused notice runs until %s", paused.Until)
	}
	r.do(zhuanglang.ProvinceApprover, "decide-objection", p, &pilot.DecideObjection{Proposal: plan.Code, Outcome: pilot.Upheld, Reason: "属实"})
	rest := public("one was removed", 5)

	r.setClock(rest[0].Until.At(23, 59))
	public("the last day still counts", 5)
	r.setClock(rest[0].Until.End())
	public("the day after, whether or not its end was recorded", 0)
	r.do("terrace", flow.KeepTimeCommand, p, r.next(p).Keep())
	r.setClock(callDay)
	public("its end was recorded", 0)
	if on := one[int](r, "select count(*) from notice_row"); on != 0 {
		t.Errorf("%d rows are left", on)
	}
}

func ids[R any](rows []R, id func(R) string) (all []string) {
	for _, r := range rows {
		all = append(all, id(r))
	}
	return all
}

// same requires that two lists contain the same elements, in any order.
func same(t *testing.T, got, want []string) {
	t.Helper()
	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
