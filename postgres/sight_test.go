package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/desk"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
	"terrace/programmes"
)

const (
	randomRecords = 100
	randomPeople  = 104
)

// randomWorld is a record of random aggregates, and people who may see some of them.
type randomWorld struct {
	*record
	random *rand.Rand
	states []flow.State
	people []domain.Actor
}

// randomPlaces returns the places of a random world: two provinces, each with two cities of two counties of two
// villages.
func randomPlaces() (all []place.Place, offices, villages []string) {
	add := func(code, parent string, level place.Level) {
		all = append(all, place.Place{Code: place.Code(code), Vintage: 2017, Parent: place.Code(parent), Level: level, ZH: code, EN: code})
	}
	for p := 1; p <= 2; p++ {
		province := fmt.Sprintf("9%d0000", p)
		add(province, "", place.Province)
		offices = append(offices, province)
		for c := 1; c <= 2; c++ {
			city := fmt.Sprintf("9%d0%d00", p, c)
			add(city, province, place.City)
			offices = append(offices, city)
			for n := 1; n <= 2; n++ {
				county := fmt.Sprintf("9%d0%d0%d", p, c, n)
				add(county, city, place.County)
				offices = append(offices, county)
				for v := 1; v <= 2; v++ {
					village := fmt.Sprintf("%s10%d20%d", county, v, v)
					add(village, county, place.Village)
					villages = append(villages, village)
				}
			}
		}
	}
	return all, offices, villages
}

func pick[T any](w *randomWorld, from []T) T { return from[w.random.IntN(len(from))] }

func some[T any](w *randomWorld, from []T) (picked []T) {
	for _, x := range from {
		if w.random.IntN(len(from)) < 2 {
			picked = append(picked, x)
		}
	}
	return picked
}

// plantWorld makes a record of random pilots, with some of the aggregates that can belong to each, and of offices'
// differences.
func plantWorld(t *testing.T, seed uint64) *randomWorld {
	t.Helper()
	w := &randomWorld{record: open(t), random: rand.New(rand.NewPCG(seed, seed))}
	places, offices, villages := randomPlaces()
	must(t, w.Register(t.Context(), postgres.Registry{Places: places}))
	organizations, experts := []string{}, []string{}
	for n := range 6 {
		organizations = append(organizations, fmt.Sprintf("organization-%d", n))
		experts = append(experts, fmt.Sprintf("expert-%d", n))
	}
	counties := slices.DeleteFunc(slices.Clone(offices), func(code string) bool { return strings.HasSuffix(code, "00") })
	at := callDay
	plant := func(s flow.State) {
		at = at.Add(time.Minute)
		w.openTurns(s)
		must(t, w.Plant(t.Context(), s, at))
		must(t, w.PlantUse(t.Context(), fmt.Sprintf("%064x", len(w.states)%40), flow.RefOf(s)))
		w.states = append(w.states, s)
	}
	programme := flow.ProgrammeRef{ID: w.demo.Programme, Version: 1}
	record := func(id string, stage flow.Stage) flow.Record {
		return flow.Record{ID: id, Stage: stage, Programme: programme}
	}
	for n := 0; len(w.states) < randomRecords; n++ {
		home := pick(w, counties)
		p := &pilot.Pilot{Record: record(fmt.Sprintf("00000000-0000-7000-8000-%012d", n), pilot.Review), Home: home, Chain: []string{home, home[:4] + "00", home[:2] + "0000"}}
		p.Title, p.Panel = domain.Text{ZH: "随机试点", EN: "random pilot"}, some(w, experts)
		p.Evaluator.CreditCode = pick(w, organizations)
		if w.random.IntN(5) > 0 {
			p.SubmittedBy = "somebody"
		}
		for _, credit := range some(w, organizations) {
			q := plan.Proposal{Code: fmt.Sprintf("Q%d", len(p.Proposals)+1), Title: p.Title}
			q.Organization.CreditCode, q.Village.Code = credit, pick(w, villages)
			p.Proposals = append(p.Proposals, q)
			status := pick(w, []pilot.CaseStatus{pilot.CaseReview, pilot.CaseNotice, pilot.CaseApproved, pilot.CaseRemoved})
			p.Cases = append(p.Cases, pilot.Case{Status: status})
		}
		plant(p)
		for i, q := range p.Proposals {
			if p.Cases[i].Status != pilot.CaseApproved || p.SubmittedBy == "" {
				continue
			}
			j := &project.Project{Record: record(fmt.Sprintf("%s.%d", p.ID, i+1), project.Rollout), Pilot: p.ID, Home: home, Proposal: q}
			j.Evaluator.CreditCode = p.Evaluator.CreditCode
			plant(j)
			m := &payment.Payment{Record: record(j.ID+".1.1", payment.Release)}
			m.OpenPayment = payment.OpenPayment{Payer: flow.RefOf(j), Pilot: p.ID, Programme: programme, Home: home, Tranche: 1, Attempt: 1, Payee: q.Organization}
			m.Releases = experts[:w.random.IntN(len(experts)+1)]
			plant(m)
			r := &recovery.Recovery{Record: record(j.ID+".r1", recovery.Repayment)}
			r.OpenRecovery = recovery.OpenRecovery{Project: j.ID, Pilot: p.ID, Programme: programme, Home: home, Debtor: q.Organization}
			plant(r)
		}
		d := &difference.Difference{Record: record(fmt.Sprintf("bank.d%08x", n), difference.Inspection)}
		d.Home = pick(w, offices)
		plant(d)
	}
	for n := range randomPeople {
		a := domain.Actor{ID: pick(w, experts), Roles: []domain.Role{pick(w, []domain.Role{
			domain.CaseOfficer, domain.Approver, domain.Finance, domain.Applicant, domain.Expert, domain.Evaluator, domain.Village, domain.Public,
		})}}
		if n%3 == 0 {
			a.Roles = append(a.Roles, pick(w, []domain.Role{domain.CaseOfficer, domain.Applicant, domain.Expert, domain.Village}))
		}
		if n == 0 {
			a.Roles = []domain.Role{domain.Auditor}
		}
		if w.random.IntN(8) > 0 {
			a.Organization = pick(w, organizations)
			a.Place = pick(w, slices.Concat(offices, villages))
		}
		w.people = append(w.people, a)
	}
	w.handedOut()
	_, err := w.WriteTurns(t.Context())
	must(t, err)
	return w
}

// openTurns gives an aggregate random open waits, some of them overdue.
func (w *randomWorld) openTurns(s flow.State) {
	for range w.random.IntN(4) {
		wait := pick(w, s.Aggregate().Waits)
		if wait.Standing || wait.Key == project.AwaitVerification { // it needs a submitted milestone
			continue
		}
		d := flow.Deadline{}
		if w.random.IntN(4) > 0 {
			d.Due = calendar.Of(time.Now()).AddDays(w.random.IntN(40) - 20)
		}
		s.Common().Open(wait.Key, pick(w, []string{"", "Q1", "Q2"}), d)
	}
}

// turns returns the turns on all pages of a person's lists of turns, grouped by whose they are.
func (w *randomWorld) turns(t *testing.T, d *desk.Desk) map[flow.Whose][]string {
	t.Helper()
	all := map[flow.Whose][]string{}
	for _, whose := range []flow.Whose{flow.Mine, flow.Seats, flow.Others} {
		var due calendar.Date
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := d.Turns(t.Context(), postgres.TurnFilter{Whose: whose, Cursor: cursor, Limit: 7})
			must(t, err)
			for _, r := range page.Rows {
				if r.Due.IsZero() {
					r.Due = calendar.On(9999, 12, 31)
				}
				if r.Due.Before(due) {
					t.Errorf("%+v, turns of %s: %s comes after %s", d.Actor, whose, r.Due, due)
				}
				due = r.Due
				all[whose] = append(all[whose], turnName(r.Aggregate, r.Wait, r.Subject))
			}
			cursor = page.Next
		}
	}
	return all
}

func turnName(ref flow.Ref, wait flow.WaitKey, subject string) string {
	return ref.String() + " " + string(wait) + " " + subject
}

// turnsExpected adds to want those turns of an aggregate that a person should see according to the domain.
func turnsExpected(s flow.State, a domain.Actor, want map[flow.Whose][]string) {
	seated := a
	for _, same := range [][]domain.Role{flow.Offices, {domain.Applicant, domain.Evaluator}} {
		if slices.ContainsFunc(same, a.Has) {
			seated.Roles = slices.Concat(seated.Roles, same)
		}
	}
	awaits := func(v flow.TurnView, a domain.Actor, whole bool) bool {
		return slices.ContainsFunc(v.Who, func(p domain.Party) bool {
			if whole { // ignore who has already acted
				p.Done = nil
			}
			return p.Admits(a) && (p.Place != "" || len(p.Organizations)+len(p.People) > 0)
		})
	}
	for _, v := range flow.ProgressOf(s).Turns {
		name := turnName(flow.RefOf(s), v.Key, v.Subject)
		if awaits(v, a, false) {
			want[flow.Mine] = append(want[flow.Mine], name)
		} else {
			want[flow.Others] = append(want[flow.Others], name)
		}
		if awaits(v, seated, true) {
			want[flow.Seats] = append(want[flow.Seats], name)
		}
	}
}

// Lists, single reads, timelines, streams, the uses of files and the database's own policies all show a person the
// same, as the domain decides. This holds in random worlds, before and after a county moves to another city.
func TestEverythingAgreesOnWhatAReaderSees(t *testing.T) {
	t.Parallel()
	w := plantWorld(t, 1)
	w.agrees("as the places are")
	places, _, _ := randomPlaces()
	for i := range places {
		if places[i].Code == "910101" {
			places[i].Parent, places[i].Vintage = "910200", 2018 // its code still begins with that of its former city
		}
	}
	must(t, w.Register(t.Context(), postgres.Registry{Places: places}))
	w.agrees("after a county has moved")
}

func (w *randomWorld) agrees(when string) {
	t := w.t
	t.Helper()
	t.Log(when)
	set, err := programmes.Builtin()
	must(t, err)
	places, err := w.Places(t.Context())
	must(t, err)
	desks := desk.New(w.Store, set.All(), nil)
	defer desks.Close()
	cases := 0
	for _, a := range w.people {
		d, reader := desks.Of(a), flow.ReaderOf(a)
		want := map[flow.Kind][]string{}
		turns := map[flow.Whose][]string{}
		var events, awaiting, shown []string
		for _, s := range w.states {
			ref := flow.RefOf(s)
			sight := reader.Sees(s, places)
			if sight != flow.Hidden {
				want[ref.Kind] = append(want[ref.Kind], ref.ID)
				events = append(events, ref.ID)
				turnsExpected(s, a, turns)
				if len(s.Common().Turns) > 0 {
					awaiting = append(awaiting, ref.ID)
				}
			}
			sheet, err := d.Read(t.Context(), ref)
			if there := err == nil; there != (sight != flow.Hidden) || err != nil && !desk.NotThere(err) || sheet.Whole != (sight == flow.Whole) {
				t.Errorf("%+v reads %s: %v, whole %t; the domain says %d", a, ref, err, sheet.Whole, sight)
			}
			for _, task := range sheet.Tasks {
				if task.Awaited {
					shown = append(shown, turnName(ref, task.Turn.Key, task.Turn.Subject))
				}
			}
			cases++
		}
		for kind, list := range w.lists(t, d) {
			w.same(t, a, "lists of "+string(kind), list, want[kind])
			held, err := w.IDs(t.Context(), reader, "select id from "+string(kind)+"_row")
			must(t, err)
			w.same(t, a, "rows of "+string(kind), held, want[kind])
			uses, err := w.IDs(t.Context(), reader, "select id from evidence_use where kind = $1", kind)
			must(t, err)
			w.same(t, a, "uses of files by "+string(kind), uses, want[kind])
		}
		for whose, list := range w.turns(t, d) {
			w.same(t, a, "turns of "+string(whose), list, turns[whose])
		}
		w.same(t, a, "turns on pages of records", shown, turns[flow.Mine])
		held, err := w.IDs(t.Context(), reader, "select distinct id from turn_row")
		must(t, err)
		w.same(t, a, "rows of turns", held, awaiting)
		w.same(t, a, "events", w.events(t, d), events)
	}
	if cases < 10_000 { // the minimum in each of the two worlds
		t.Errorf("%d cases", cases)
	}
}

// lists returns the ids on every page of every list, and checks that a search finds the same among them.
func (w *randomWorld) lists(t *testing.T, d *desk.Desk) map[flow.Kind][]string {
	t.Helper()
	all := map[flow.Kind][]string{}
	ctx := t.Context()
	all[pilot.Kind] = everyID(t, d, postgres.Pilots, func(r postgres.PilotRow) string { return r.ID })
	all[project.Kind] = everyID(t, d, postgres.Projects, func(r postgres.ProjectRow) string { return r.ID })
	all[payment.Kind] = everyID(t, d, postgres.Payments, func(r postgres.PaymentRow) string { return r.ID })
	all[recovery.Kind] = everyID(t, d, postgres.Recoveries, func(r postgres.RecoveryRow) string { return r.ID })
	all[difference.Kind] = everyID(t, d, postgres.Differences, func(r postgres.DifferenceRow) string { return r.ID })
	found, err := desk.Page(ctx, d, postgres.Pilots, postgres.Filter{Search: "随机", Limit: postgres.MaxPage})
	must(t, err)
	w.same(t, d.Actor, "a search", idsOf(found.Rows, func(r postgres.PilotRow) string { return r.ID }), all[pilot.Kind])
	return all
}

// everyID returns the ids on every page of a list.
func everyID[R any](t *testing.T, d *desk.Desk, l postgres.Listed[R], id func(R) string) (all []string) {
	t.Helper()
	for f := (postgres.Filter{Limit: 30}); ; {
		page, err := desk.Page(t.Context(), d, l, f)
		must(t, err)
		all = append(all, idsOf(page.Rows, id)...)
		if f.Cursor = page.Next; f.Cursor == "" {
			return all
		}
	}
}

func idsOf[R any](rows []R, id func(R) string) (ids []string) {
	for _, r := range rows {
		ids = append(ids, id(r))
	}
	return ids
}

// events returns the ids in a stream of everything, and checks that each timeline is contained in it.
func (w *randomWorld) events(t *testing.T, d *desk.Desk) (ids []string) {
	t.Helper()
	from := int64(0)
	stream, err := d.Follow(t.Context(), "", &from)
	must(t, err)
	defer stream.Close()
	must(t, stream.CatchUp(t.Context(), func(e postgres.Entry) error {
		ids = append(ids, e.Aggregate.ID)
		return nil
	}))
	var told []string
	for _, s := range w.states {
		if ref := flow.RefOf(s); ref.Kind == pilot.Kind {
			entries, _, err := d.Timeline(t.Context(), ref.ID, 0, 200)
			if err != nil && !desk.NotThere(err) {
				t.Fatal(err)
			}
			told = append(told, idsOf(entries, func(e postgres.Entry) string { return e.Aggregate.ID })...)
		}
	}
	missing := slices.DeleteFunc(told, func(id string) bool { return slices.Contains(ids, id) })
	if len(missing) > 0 {
		t.Errorf("%+v learns of %q only from timelines", d.Actor, missing)
	}
	return ids
}

func (w *randomWorld) same(t *testing.T, a domain.Actor, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%+v, %s: %d\n got %q\nwant %q", a, what, len(got), got, want)
	}
}

// A connection without a reader sees no rows of lists, uses of files, personal data or bank statements, and writes
// none. A reader in the finance department of another office sees no account number.
func TestAConnectionWithoutAReaderReadsNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef, _ := r.inPayment()
	program, err := pgx.Connect(t.Context(), r.as)
	must(t, err)
	defer program.Close(context.Background()) //nolint:errcheck // opened for reading only
	for _, table := range []string{"pilot_row", "project_row", "payment_row", "recovery_row", "difference_row", "turn_row", "evidence_use", "personal", "bank_statement"} {
		var n int
		must(t, program.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
		if n, err := r.IDs(t.Context(), flow.Reader{}, "select 'x' from "+table); err != nil || len(n) != 0 {
			t.Errorf("for nobody: %d rows of %s, %v", len(n), table, err)
		}
	}
	open := one[[]string](r, `select array(select relname::text from pg_class
		where relnamespace = 'public'::regnamespace and relkind = 'r' and relname like '%\_row' and not relrowsecurity)`)
	if !slices.Equal(open, []string{"notice_row"}) { // which everyone may read
		t.Errorf("%q have no policy", open)
	}
	if tag, err := program.Exec(t.Context(), "update project_row set paid_fen = 1"); err != nil || tag.RowsAffected() != 0 {
		t.Errorf("a connection without a reader writes %d rows, %v", tag.RowsAffected(), err)
	}
	for place, want := range map[string]string{"620825": "62220000000000001", "620800": "", "": ""} {
		got, err := r.AccountNumber(t.Context(), flow.Reader{All: true, Place: place, Finance: place}, projectRef)
		if must(t, err); got != want {
			t.Errorf("finance of %q reads the account number %q", place, got)
		}
	}
}
