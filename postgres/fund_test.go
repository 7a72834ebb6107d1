package postgres_test

import (
	"slices"
	"testing"
	"time"

	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/postgres"
)

// carried carries the sums forward until no line remains. An open transaction of any test on the server can hold lines
// back.
func (r *record) carried() {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		_, err := r.CarryFunds(r.t.Context())
		must(r.t, err)
		if one[int](r, "select count(*) from fund_line where position > (select position from fund_carry)") == 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatal("some lines were not carried forward")
		}
	}
}

// paidAndNotCarried makes a payment, none of whose lines have been carried forward yet.
func (r *record) paidAndNotCarried() {
	r.t.Helper()
	_, project, payment := r.inPayment()
	r.later()
	r.pay(project, payment)
	r.handedOut() // sums are carried forward only as far as the journal can be read
	r.sql("update fund_carry set position = 0", "delete from fund_sum")
}

// A fund's stored sums equal the totals of its lines for every reader, whether or not all lines have been carried
// forward.
func TestAFundIsTheSameBeforeAndAfterItsSumsAreCarried(t *testing.T) {
	t.Parallel()
	r := open(t)
	read := func() (all []postgres.Uses) {
		t.Helper()
		for _, reader := range []flow.Reader{everything, {Place: "620000"}, {Place: "620825"}, {Place: "110000"}} {
			f, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: reader, Programme: r.demo.Programme})
			must(t, err)
			past, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: reader, Programme: r.demo.Programme, At: f.At.Add(time.Hour)})
			must(t, err)
			if f.Uses != past.Uses {
				t.Errorf("%+v: the stored sums are %+v, those of the lines %+v", reader, f.Uses, past.Uses)
			}
			all = append(all, f.Uses)
		}
		return all
	}
	carry := func() {
		t.Helper()
		before := read()
		r.carried()
		if after := read(); !slices.Equal(after, before) {
			t.Errorf("carrying forward changed %+v to %+v", before, after)
		}
	}
	carry()
	p, project, payment := r.inPayment()
	carry()
	r.later()
	r.pay(project, payment)
	uses := read()
	if uses[0].AdvanceFen != r.demo.Projects[0].TranchesFen[0] || uses[1] != uses[0] || uses[2] != uses[0] || uses[3] != (postgres.Uses{}) {
		t.Errorf("%s: %+v", p, uses)
	}
	carry()
	carry()
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}

func TestAnOpenTransactionHoldsTheSumsBack(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, payment := r.inPayment()
	conn := r.connect()
	tx, err := conn.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), "select pg_current_xact_id()") // like a command that has not committed
	must(t, err)
	r.later()
	r.pay(project, payment)
	_, err = r.CarryFunds(t.Context())
	must(t, err)
	if behind := one[int](r, "select count(*) from fund_line where position > (select position from fund_carry)"); behind == 0 {
		t.Error("lines after an open transaction were carried forward; those it writes would be missed")
	}
	f, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: r.demo.Programme})
	must(t, err)
	if want := r.demo.Projects[0].TranchesFen[0]; f.AdvanceFen != want {
		t.Errorf("advanced %v, want %v", f.AdvanceFen, want)
	}
	must(t, tx.Rollback(t.Context()))
}

// A fund can be read without writing anything, however much remains to be carried forward, and even when carrying
// fails.
func TestReadingAFundWritesNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.inPayment()
	read := func() postgres.Fund {
		t.Helper()
		f, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: r.demo.Programme, At: time.Time{}})
		must(t, err)
		return f
	}
	before := read().Uses
	carried := one[int64](r, "select position from fund_carry")
	r.sql(`insert into ledger_line (position, line, account, fen)
			select (select max(position) from ledger_line) + 1, n, (select account from ledger_account where name = 'commitment' limit 1), 1 - n % 2 * 2 from generate_series(1, 2000) n`,
		"update fund_carry set position = 0", "delete from fund_sum",
		"create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'", "create trigger refuses before insert or update on fund_sum for each row execute function refuse()")
	if after := read().Uses; after != before {
		t.Errorf("%+v, before %+v (carried to %d)", after, before, carried)
	}
	if position := one[int64](r, "select position from fund_carry"); position != 0 {
		t.Errorf("a read carried the sums forward to %d", position)
	}
}

func TestSumsAreCarriedInPartsByOneProcessAtATime(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.paidAndNotCarried()
	tx, err := r.connect().Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), "select from fund_carry for update")
	must(t, err)
	if n, err := r.CarryFunds(t.Context()); n != 0 || err != nil {
		t.Errorf("while another process carries, carried %d lines forward: %v", n, err)
	}
	must(t, tx.Rollback(t.Context()))
	all := one[int](r, "select count(distinct position) from ledger_line")
	parts := 0
	for one[int](r, "select count(*) from fund_line where position > (select position from fund_carry)") > 0 {
		one[int64](r, "select carry_funds(1)")
		parts++
		if found := r.differences(); len(found) != 0 {
			t.Fatalf("after %d parts: %q", parts, found)
		}
	}
	if all < 3 || parts != all {
		t.Errorf("%d entries were carried forward in %d parts", all, parts)
	}
	if n := one[int64](r, "select carry_funds()"); n != 0 {
		t.Errorf("%d more lines, want none", n)
	}
}

func TestAllSumsAreCarriedAtOnceAndNoFurtherThanTheLastLine(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.paidAndNotCarried()
	for range 3 { // positions follow the transactions of the whole server, and a fresh server has had few
		one[string](r, "select pg_current_xact_id()::text")
	}
	if n, all := one[int64](r, "select carry_funds()"), one[int64](r, "select count(*) from ledger_line"); n != all {
		t.Errorf("%d of %d lines were carried forward", n, all)
	}
	if carried, last := one[int64](r, "select position from fund_carry"), one[int64](r, "select max(position) from ledger_line"); carried != last {
		t.Errorf("carried forward to %d; the last line is at %d", carried, last)
	}
}

func TestEveryPageOfAFundHasTheSumsOfAllPilots(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	r.sql(`insert into pilot_row select 'p' || n, 'application', 1, false, '620825', '`+r.demo.Programme+`', 1, '', '', 0, 0, false, '{}', '', 0, null, timestamptz '2016-01-01' + n * interval '1 day', now(), '{}'
		from generate_series(1, 7) n`, `insert into pilot_row select 'd', 'application', 1, false, '620825', '`+r.demo.Programme+`', 1, '', '', 0, 0, true, '{}', '', 0, null, now(), now()`)
	filter := postgres.FundFilter{Reader: everything, Programme: r.demo.Programme, Limit: 3}
	var read []string
	for pages := 1; ; pages++ {
		f, err := r.FundOverview(t.Context(), filter)
		must(t, err)
		if f.AllottedFen != r.demo.Fund.TotalFen || len(f.Pilots) > 3 {
			t.Errorf("page %d: %v of %d pilots", pages, f.AllottedFen, len(f.Pilots))
		}
		for _, row := range f.Pilots {
			read = append(read, row.ID)
		}
		if filter.Cursor = f.Next; filter.Cursor == "" {
			break
		}
	}
	if want := []string{p.ID, "p7", "p6", "p5", "p4", "p3", "p2", "p1"}; !slices.Equal(read, want) { // all except the draft
		t.Errorf("read %v, want %v", read, want)
	}
	whole, err := r.WholeFund(t.Context(), filter)
	must(t, err)
	sum := money.Fen(0)
	for _, row := range whole.Pilots {
		sum += row.AllottedFen
	}
	if len(whole.Pilots) != len(read) || whole.Next != "" || sum != whole.AllottedFen {
		t.Errorf("the whole fund has %d pilots, which sum to %v of %v", len(whole.Pilots), sum, whole.AllottedFen)
	}
	_, err = r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: r.demo.Programme, Cursor: "!"})
	refused(t, err, "bad-cursor")
}

func TestWhoSeesTheWholeFund(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	for place, want := range map[string]bool{"620825": true, "620800": true, "620000": true, "110000": false} {
		whole, err := r.SeesWholeFund(t.Context(), flow.Reader{Place: place}, r.demo.Programme)
		must(t, err)
		if whole != want {
			t.Errorf("%s of %s: %t", place, p, whole)
		}
	}
	_, err := r.connect().Exec(t.Context(), `insert into pilot_row select 'elsewhere', stage, version, ended, '620800', programme, programme_version, title_zh, title_en, requested_fen, committed_fen,
		draft, organizations, evaluator, projects, due, created_at, updated_at, readers from pilot_row`)
	must(t, err)
	if whole, err := r.SeesWholeFund(t.Context(), flow.Reader{Place: "620825"}, r.demo.Programme); err != nil || whole {
		t.Errorf("the county sees what the city launched: %t, %v", whole, err)
	}
}
