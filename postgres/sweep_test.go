package postgres_test

import (
	"slices"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

// uncarried opens a record with additional kinds that no workflow carries.
func uncarried(t *testing.T) *record {
	t.Helper()
	r := open(t)
	set, err := programmes.Builtin()
	must(t, err)
	r.Store, err = postgres.Open(t.Context(), postgres.Config{
		Catalogue: catalogue.All.With(pgtest.Loans, pgtest.Notes), URL: r.as, Programmes: set, Calendar: calendar.Published(),
	})
	must(t, err)
	t.Cleanup(r.Close)
	return r
}

// lent returns a loan that is due the given number of days after callDay. Its reminder is due on the same date.
func (r *record) lent(id string, days int) flow.Ref {
	r.t.Helper()
	ref := flow.Ref{Kind: pgtest.LoanKind, ID: id}
	r.do(zhuanglang.CountyOfficer, "lend", ref, &pgtest.Lend{Home: "620825", Due: calendar.Of(callDay).AddDays(days)})
	return ref
}

func (r *record) noted(id string) flow.Ref {
	r.t.Helper()
	ref := flow.Ref{Kind: pgtest.NoteKind, ID: id}
	r.do(zhuanglang.CountyOfficer, "write", ref, &pgtest.Write{Home: "620825"})
	return ref
}

// keep lets an aggregate's next due time take effect, as the sweep does.
func (r *record) keep(ref flow.Ref) (postgres.Outcome, error) {
	r.t.Helper()
	news, err := r.News(r.t.Context(), ref)
	must(r.t, err)
	if news.Progress.Next == nil {
		r.t.Fatalf("%s has no next moment", ref)
	}
	return r.Execute(r.t.Context(), r.command(domain.Workflow.ID, flow.KeepTimeCommand, ref, news.Progress.Next.Keep()))
}

func (r *record) dueSwept(after postgres.Due, limit int) []postgres.Due {
	r.t.Helper()
	due, err := r.DueSwept(r.t.Context(), after, limit)
	must(r.t, err)
	return due
}

func TestNoWorkflowIsToldOfUncarriedAggregates(t *testing.T) {
	t.Parallel()
	r := uncarried(t)
	ctx := t.Context()
	loan, note := r.lent("a", 0), r.noted("a")
	r.setClock(callDay.AddDate(0, 0, 2))
	_, err := r.keep(loan) // a reminder
	must(t, err)
	r.sql("update aggregate set owes = true, written_at = written_at - interval '1 hour'") // as though a workflow had neglected it
	for what, tell := range map[string]func() error{
		"what is neglected": func() error { _, err := r.Resurface(ctx); return err },
		"another pace":      func() error { return r.StartCalendar(ctx, callDay, time.Second) },
		"a rewind": func() error {
			told, err := r.Rewound(ctx, "a test")
			if told > 0 {
				t.Errorf("%d workflows would be told of a rewind", told)
			}
			return err
		},
	} {
		must(t, tell())
		if n := one[int](r, "select count(*) from outbox"); n > 0 {
			t.Errorf("%s puts %d rows into the outbox", what, n)
		}
	}
	open, err := r.OpenAggregates(ctx, flow.Ref{}, 10)
	if err != nil || len(open) > 0 {
		t.Errorf("workflows to be resumed: %+v, %v", open, err)
	}
	for _, ref := range []flow.Ref{loan, note} {
		if parts, err := r.Carried(ctx, ref.ID); err != nil || len(parts) > 0 {
			t.Errorf("%s has the workflows %+v, %v", ref, parts, err)
		}
	}
	before, err := r.Now(ctx)
	must(t, err)
	state, err := r.MoveCalendar(ctx, time.Time{}, time.Second)
	if err != nil || state.Held != (domain.Text{}) || !state.Now.After(before) {
		t.Errorf("the calendar is at %v: %q, %v", state.Now, state.Held, err)
	}
}

func TestDueSweptAggregatesAreListedInOrder(t *testing.T) {
	t.Parallel()
	r := uncarried(t)
	r.noted("a note")
	for id, days := range map[string]int{"third": 2, "first": 1, "second": 1, "not yet": 3, "returned": 1} {
		r.lent(id, days)
	}
	r.do(zhuanglang.CountyOfficer, "return", flow.Ref{Kind: pgtest.LoanKind, ID: "returned"}, &pgtest.Return{})
	nine := func(days int) time.Time { return calendar.Of(callDay).AddDays(days).At(9, 0) }
	r.drafted()
	one[int](r, "update aggregate set next_at = $1 where carried returning 1", nine(1)) // as though it had a workflow that waits for this time
	r.setClock(nine(2))
	want := []postgres.Due{
		{Ref: flow.Ref{Kind: pgtest.LoanKind, ID: "first"}, At: nine(1)},
		{Ref: flow.Ref{Kind: pgtest.LoanKind, ID: "second"}, At: nine(1)},
		{Ref: flow.Ref{Kind: pgtest.LoanKind, ID: "third"}, At: nine(2)},
	}
	if got := r.dueSwept(postgres.Due{}, 10); !slices.Equal(got, want) {
		t.Errorf("due: %v, want %v", got, want)
	}
	for i := range want {
		after := postgres.Due{}
		if i > 0 {
			after = want[i-1]
		}
		if got := r.dueSwept(after, 1); !slices.Equal(got, want[i:i+1]) {
			t.Errorf("after %v comes %v, want %v", after, got, want[i])
		}
	}
	if got := r.dueSwept(want[2], 1); len(got) > 0 {
		t.Errorf("after the last comes %v", got)
	}
	r.setClock(nine(2).Add(-time.Microsecond))
	if got := r.dueSwept(postgres.Due{}, 10); !slices.Equal(got, want[:2]) {
		t.Errorf("just before the third, due: %v", got)
	}
}

func TestASweptAggregateLapsesOnItsDueDay(t *testing.T) {
	t.Parallel()
	r := uncarried(t)
	due := calendar.Of(callDay).AddDays(1)
	loan := r.lent("a", 1)
	_, err := r.keep(loan)
	refused(t, err, "not-due")
	r.setClock(due.AddDays(3).At(0, 30)) // two nights were missed
	for _, want := range []string{"reminded", "lost"} {
		outcome, err := r.keep(loan)
		if err != nil || !slices.Equal(outcome.Receipt.Events, []string{want}) {
			t.Fatalf("the next moment produces %v, %v, want %s", outcome.Receipt.Events, err, want)
		}
	}
	if day := one[time.Time](r, "select day from journal where kind = 'loan' and name = 'lost'"); calendar.On(day.Date()) != due {
		t.Errorf("lost on %v, want %v", day, due)
	}
	if left := r.dueSwept(postgres.Due{}, 10); len(left) > 0 {
		t.Errorf("still due: %v", left)
	}
}

func TestUncarriedAggregatesAreVerifiedAndRebuilt(t *testing.T) {
	t.Parallel()
	r := uncarried(t)
	r.lent("open", 5)
	r.noted("a")
	lost := r.lent("lost", 0)
	r.setClock(callDay.AddDate(0, 0, 1))
	for range 2 {
		_, err := r.keep(lost)
		must(t, err)
	}
	rows := func() string {
		return one[string](r, `select string_agg((to_jsonb(a) - 'written_at')::text, E'\n' order by kind, id) from aggregate a`)
	}
	before := rows()
	must(t, r.Rebuild(t.Context(), func(int, int) {}))
	if after := rows(); after != before {
		t.Errorf("rebuilt, the record holds\n%s\nbefore\n%s", after, before)
	}
	r.differs()

	// The same holds when a kind that a workflow carried has become a swept one.
	r.sql("update aggregate set carried = true where id = 'open'")
	r.differs("carried is true, the journal says false")
	must(t, r.Rebuild(t.Context(), func(int, int) {}))
	r.differs()
	if after := rows(); after != before {
		t.Errorf("rebuilt, the record holds\n%s\nbefore\n%s", after, before)
	}
}

// differs requires that Verify finds exactly want.
func (r *record) differs(want ...string) {
	r.t.Helper()
	found, err := r.Verify(r.t.Context(), func(int, int) {})
	must(r.t, err)
	var got []string
	for _, d := range found {
		got = append(got, d.What)
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("verified, it differs in %q, want %q", got, want)
	}
}

// An aggregate that this program cannot read, such as a kind from a later release, must not keep the others from being
// swept.
func TestAnUnreadableAggregateIsListedWithTheOthers(t *testing.T) {
	t.Parallel()
	r := uncarried(t)
	loan := r.lent("a", 0)
	r.setClock(callDay.AddDate(0, 0, 1))
	r.Store = r.another()
	if due := r.dueSwept(postgres.Due{}, 10); len(due) != 1 || due[0].Ref != loan {
		t.Errorf("due: %v", due)
	}
	if _, err := r.News(t.Context(), loan); err == nil {
		t.Error("a kind that is not in the catalogue was read")
	}
}
