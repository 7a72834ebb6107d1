package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"terrace/bank/statement"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/postgres"
	"terrace/reconcile"
)

const county = "620825"

// paidByHand returns a project whose first tranche was posted with the voucher 2018-0001.
func (r *record) paidByHand() (project, paymentRef flow.Ref) {
	r.t.Helper()
	_, project = r.rollingOut()
	return project, flow.Ref{Kind: payment.Kind, ID: project.ID + ".1.1"}
}

// statement returns a statement of the county's account around the record's current day, with the given lines.
func (r *record) statement(lines ...statement.Line) postgres.StatementEntry {
	r.t.Helper()
	now, err := r.Now(r.t.Context())
	must(r.t, err)
	today := calendar.Of(now)
	s := statement.Statement{Account: "62001111", From: today.AddDays(-30), To: today.AddDays(30), Opening: 1000 * money.Yuan, Closing: 1000 * money.Yuan, Lines: lines}
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.BookedOn.IsZero() {
			l.BookedOn = today
		}
		if l.Number == "" {
			l.Number = fmt.Sprint("B", i)
		}
		s.Closing += l.Fen
	}
	return postgres.StatementEntry{SHA256: r.file(string(s.CSV())), Place: county, Account: "grant", By: zhuanglang.CountyFinance, Statement: s}
}

func (r *record) enter(e postgres.StatementEntry) postgres.BankStatement {
	r.t.Helper()
	kept, _, err := r.EnterStatement(r.t.Context(), e)
	must(r.t, err)
	return kept
}

// reconcile runs one part and returns its findings with their standing.
func (r *record) reconcile(part reconcile.Part) (all []string) {
	r.t.Helper()
	_, err := reconcile.Run(r.t.Context(), r, part, quietly, func(f reconcile.Finding, s reconcile.Standing) {
		all = append(all, fmt.Sprintf("%s %s %s", s, f.What, f.Subject))
	})
	must(r.t, err)
	slices.Sort(all)
	return all
}

func TestAStatementIsKeptOnceAndWhole(t *testing.T) {
	t.Parallel()
	r := open(t)
	first := r.statement(statement.Line{Number: "1", Fen: 5}, statement.Line{Number: "2", Fen: -3, Reference: "x"})
	kept, fresh, err := r.EnterStatement(t.Context(), first)
	must(t, err)
	if !fresh || kept.Lines != 2 || kept.ClosingFen != 1000*money.Yuan+2 || kept.From != first.From || kept.To != first.To {
		t.Errorf("kept %+v, fresh %v", kept, fresh)
	}
	again, fresh, err := r.EnterStatement(t.Context(), first)
	if err != nil || fresh || again != kept {
		t.Errorf("again: %+v, %v, %v", again, fresh, err)
	}
	lines := func() int { return one[int](r, "select count(*) from bank_line") }

	overlap := r.statement(statement.Line{Number: "2", Fen: -3, Reference: "x"}, statement.Line{Number: "3", Fen: 1})
	if r.enter(overlap); lines() != 3 {
		t.Errorf("there are %d lines, want the one of both statements once", lines())
	}
	elsewhere, stranger, contradiction := first, r.statement(), r.statement(statement.Line{Number: "2", Fen: -4, Reference: "x"}, statement.Line{Number: "9", Fen: 1})
	elsewhere.Account, stranger.Statement.Account = "other", "99999999"
	for name, c := range map[string]struct {
		entry postgres.StatementEntry
		code  domain.Code
	}{
		"the same file for another account":                       {elsewhere, "statement-elsewhere"},
		"a file with another account number for the same account": {stranger, "other-account"},
		"the same number with another amount":                     {contradiction, "line-differs"},
	} {
		_, _, err := r.EnterStatement(t.Context(), c.entry)
		if refusal, ok := domain.Refused(err); !ok || refusal.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	page, err := r.BankStatements(t.Context(), postgres.BankStatementFilter{Reader: flow.Reader{Place: "620800"}})
	if err != nil || len(page.Rows) != 2 || lines() != 3 {
		t.Errorf("the city sees %+v, %v; there are %d lines", page.Rows, err, lines())
	}
	if page, err = r.BankStatements(t.Context(), postgres.BankStatementFilter{Reader: flow.Reader{Place: "620826"}}); err != nil || len(page.Rows) != 0 {
		t.Errorf("another county sees %+v, %v", page.Rows, err)
	}
}

func TestStatementsAtTheSameMomentAreOfOneAccount(t *testing.T) {
	t.Parallel()
	for code, same := range map[domain.Code]bool{"statement-elsewhere": true, "number-elsewhere": false} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			r := open(t)
			first, second := r.statement(), r.statement(statement.Line{Fen: 5})
			if same {
				second = first
			}
			second.Place = "620800"
			entries, errs := []postgres.StatementEntry{first, second}, make([]error, 2)
			r.atOnce("bank_statement", 2, func(i int, s *postgres.Store) { _, _, errs[i] = s.EnterStatement(t.Context(), entries[i]) })
			if errs[0] == nil {
				slices.Reverse(errs)
			}
			refused(t, errs[0], code)
			must(t, errs[1])
		})
	}
}

func TestStatementsAreAppendOnly(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.enter(r.statement(statement.Line{Fen: 5}))
	conn := r.connect()
	for _, sql := range []string{
		"update bank_line set fen = 6", "delete from bank_line", "truncate bank_line",
		"update bank_statement set closing_fen = 6", "delete from bank_statement", "truncate bank_statement cascade",
	} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was done", sql)
		}
	}
}

func TestTheBankAgainstTheLedger(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, payment := r.paidByHand()
	fen := r.demo.Projects[0].TranchesFen[0]
	r.leave()
	paid := statement.Line{Reference: payment.ID, Fen: -fen}
	for name, c := range map[string]struct {
		lines []statement.Line
		want  []string
	}{
		"what agrees":          {[]statement.Line{paid}, nil},
		"by the voucher":       {[]statement.Line{{Number: "2018-0001", Fen: -fen}}, nil},
		"a payment missing":    {nil, []string{"opened ledger-without-bank " + payment.ID}},
		"a payment made twice": {[]statement.Line{paid, paid}, []string{"opened paid-twice " + payment.ID}},
		"a wrong amount":       {[]statement.Line{{Reference: payment.ID, Fen: -fen - 1}}, []string{"opened amount " + payment.ID}},
		"an unknown credit":    {[]statement.Line{paid, {Fen: 7}}, []string{"opened bank-without-ledger B1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := r.copyOf(t)
			r.enter(r.statement(c.lines...))
			if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			for i := range c.want {
				c.want[i] = strings.Replace(c.want[i], "opened", "open", 1)
			}
			if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, c.want) {
				t.Errorf("again found %q, want %q", got, c.want)
			}
			if n := one[int](r, "select count(*) from journal where kind = 'difference'"); n != len(c.want) {
				t.Errorf("%d events of differences", n)
			}
			if found := r.differences(); len(found) > 0 {
				t.Errorf("the record differs: %q", found)
			}
		})
	}
}

func TestAReturnedPaymentIsNotADifference(t *testing.T) {
	t.Parallel()
	r := open(t)
	project, paymentRef := r.paidByHand()
	fen := r.demo.Projects[0].TranchesFen[0]
	r.do(zhuanglang.CountyFinance, "return-payment", paymentRef, &payment.ReturnPayment{Reason: "户名不符"})
	r.enter(r.statement(statement.Line{Reference: paymentRef.ID, Fen: -fen}, statement.Line{Reference: paymentRef.ID, Fen: fen}))
	if got := r.reconcile(reconcile.BankPart); len(got) > 0 {
		t.Errorf("found %q", got)
	}
	state, err := r.Load(t.Context(), paymentRef)
	must(t, err)
	r.do(domain.Workflow.ID, "record-payment", project, catalogue.PaymentReport(state.(*payment.Payment)))
	for _, part := range reconcile.Parts {
		if got := r.reconcile(part); len(got) > 0 {
			t.Errorf("%s: found %q", part, got)
		}
	}
}

func TestAnExplainedDifferenceStaysExplained(t *testing.T) {
	t.Parallel()
	r := open(t)
	project, payment := r.paidByHand()
	r.enter(r.statement(statement.Line{Fen: 7}, statement.Line{Reference: payment.ID, Fen: -1}))
	want := []string{"opened amount " + payment.ID, "opened bank-without-ledger B0"}
	if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, want) {
		t.Fatalf("found %q", got)
	}
	ids := one[[]string](r, "select array_agg(id order by id) from aggregate where kind = 'difference'")
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(a[:4], b[:4]) })
	for _, id := range ids {
		if !strings.HasPrefix(id, "bank.d") && !strings.HasPrefix(id, project.ID[:36]+".d") || len(id[strings.Index(id, ".")+1:]) != 17 {
			t.Errorf("a difference has the id %s", id)
		}
		r.do(zhuanglang.CountyFinance, "explain", flow.Ref{Kind: difference.Kind, ID: id}, &difference.ExplainDifference{Explanation: "银行记账错误,已通知更正"})
	}
	want = []string{"explained amount " + payment.ID, "explained bank-without-ledger B0"}
	if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
}

func TestBooksAndRecordAreReconciled(t *testing.T) {
	t.Parallel()
	r := open(t)
	project, payment := r.paidByHand()
	r.leave()
	plant := "update ledger_account set balance = balance + 1 where owner = '" + project.ID + "' and name = 'advance'"
	for name, c := range map[string]struct {
		sql  string
		part reconcile.Part
		want []string
	}{
		"no error in the books":                 {"select 1", reconcile.BooksPart, nil},
		"no error in the record":                {"select 1", reconcile.RecordPart, nil},
		"a balance that differs from its lines": {plant, reconcile.BooksPart, []string{"opened books " + project.ID + " advance"}},
		"an entry that does not sum to zero": {
			"update ledger_line set fen = fen + 1 where position = (select position from ledger_entry where kind = 'payment' and id = '" + payment.ID + "' order by seq limit 1) and line = 1",
			reconcile.BooksPart,
			[]string{"opened books " + project.ID + " commitment", "opened books " + project.ID[:36], "opened books payment/" + payment.ID + " 1"},
		},
		"a list that disagrees": {
			"update project_row set paid_fen = paid_fen + 1 where id = '" + project.ID + "'", reconcile.RecordPart, []string{"opened record " + project.ID},
		},
		"a state that disagrees": {
			"update aggregate set state = jsonb_set(state::jsonb, '{paid_fen}', '1')::json where kind = 'project' and id = '" + project.ID + "'",
			reconcile.RecordPart,
			[]string{"opened record " + project.ID, "opened record " + project.ID},
		},
		"lines that no event explains": {
			"update ledger_line set fen = fen * 3 where position = (select position from ledger_entry where kind = 'payment' and id = '" + payment.ID + "' order by seq desc limit 1)",
			reconcile.RecordPart,
			[]string{"opened record " + project.ID, "opened record " + project.ID, "opened record payment/" + payment.ID},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := r.copyOf(t)
			r.sql(c.sql)
			slices.Sort(c.want)
			if got := r.reconcile(c.part); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestAReservationWithoutItsPaymentIsFound(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, payment := r.inPayment()
	if got := r.reconcile(reconcile.RecordPart); len(got) > 0 {
		t.Fatalf("found %q", got)
	}
	r.sql("delete from aggregate where kind = 'payment' and id = '" + payment.ID + "'")
	if got := r.reconcile(reconcile.RecordPart); !slices.Equal(got, []string{"opened record " + project.ID}) {
		t.Errorf("found %q", got)
	}
}

func TestAWholeStoryReconciles(t *testing.T) {
	t.Parallel()
	r := open(t)
	told := 0
	r.accounted(func() {
		for _, part := range []reconcile.Part{reconcile.BooksPart, reconcile.RecordPart} {
			if got := r.reconcile(part); len(got) > 0 {
				t.Errorf("%s: found %q", part, got)
			}
			told++
		}
	})
	if told < 6 {
		t.Errorf("reconciled %d times", told)
	}
}

func TestWithoutAPilotAFindingWaits(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.enter(r.statement(statement.Line{Fen: 7}))
	if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, []string{"unopened bank-without-ledger B0"}) {
		t.Errorf("found %q", got)
	}
	r.drafted()
	if got := r.reconcile(reconcile.BankPart); !slices.Equal(got, []string{"opened bank-without-ledger B0"}) {
		t.Errorf("then found %q", got)
	}
}

func TestTwoReconciliationsAtOnceOpenEachDifferenceOnce(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	var lines []statement.Line
	for range 20 {
		lines = append(lines, statement.Line{Fen: 7})
	}
	r.enter(r.statement(lines...))
	errs := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := reconcile.Run(t.Context(), r, reconcile.BankPart, quietly, func(reconcile.Finding, reconcile.Standing) {})
			errs <- err
		}()
	}
	for range 3 {
		must(t, <-errs)
	}
	if n := one[int](r, "select count(*) from journal where kind = 'difference'"); n != len(lines) {
		t.Errorf("%d differences were opened of %d", n, len(lines))
	}
}
