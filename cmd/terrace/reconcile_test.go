package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"terrace/bank/statement"
	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
	"terrace/reconcile"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestReconcileSaysInPlainWordsWhatDiffers runs the command on a record without differences, and then with one.
func TestReconcileSaysInPlainWordsWhatDiffers(t *testing.T) {
	url := pgtest.New(t)
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, url))
	reconciled := func(status int, wants ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run([]string{"reconcile"}, &out, &errs); got != status {
			t.Errorf("status %d: %s%s", got, out.String(), errs.String())
		}
		for _, want := range wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the output lacks %q:\n%s", want, out.String())
			}
		}
		if errs.Len() > 0 {
			t.Errorf("progress without a terminal: %q", errs.String())
		}
	}
	store, enter, explain := countyOf(t, url)
	defer store.Close()
	reconciled(0, "Everything agrees.", "No bank statement has been entered")
	enter()
	reconciled(1, "on the bank statement but not in the ledger: the bank booked ¥0.07 as transaction B1", "→ enter the voucher", "opened",
		"620825 “grant”, 2018-03-01 to 2018-03-31", "1 to explain, 1 of them found for the first time")
	reconciled(1, "open\n", "1 to explain, 0 of them")
	explain()
	reconciled(0, "1 explained before.", "Everything agrees.")
}

// countyOf returns a record with a pilot, and functions with which finance enters a statement with an unknown credit
// and explains what is found.
func countyOf(t *testing.T, url string) (store *postgres.Store, enter, explain func()) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	set, err := programmes.Builtin()
	must(err)
	store, err = postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, url), Programmes: set, Calendar: calendar.Published()})
	must(err)
	demo := zhuanglang.Read()
	must(store.StartCalendar(t.Context(), calendar.On(2017, 9, 11).At(9, 0), 1e9))
	must(store.Register(t.Context(), postgres.Registry{Places: demo.Places()}))
	do := func(who, name string, ref flow.Ref, payload flow.Payload) {
		t.Helper()
		for _, actor := range demo.People() {
			if actor.ID == who {
				_, err := store.Execute(t.Context(), flow.Command{ID: name, Actor: actor, Name: name, Aggregate: ref, Payload: payload})
				must(err)
			}
		}
	}
	do(zhuanglang.CountyOfficer, "draft", flow.Ref{Kind: pilot.Kind, ID: "0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"},
		&pilot.Draft{Programme: demo.Programme, Application: demo.Application()})
	sha := strings.Repeat("5f", 32)
	must(store.SaveEvidence(t.Context(), postgres.Evidence{SHA256: sha, MediaType: "text/csv", Size: 1, UploadedBy: zhuanglang.CountyFinance}))
	s := statement.Statement{
		Account: "62001111", From: calendar.On(2018, 3, 1), To: calendar.On(2018, 3, 31), Closing: 7,
		Lines: []statement.Line{{Number: "B1", Fen: 7, BookedOn: calendar.On(2018, 3, 12)}},
	}
	enter = func() {
		_, _, err := store.EnterStatement(t.Context(), postgres.StatementEntry{SHA256: sha, Place: "620825", Account: "grant", By: zhuanglang.CountyFinance, Statement: s})
		must(err)
	}
	explain = func() {
		found, err := store.Findings(t.Context(), reconcile.BankPart, func(int, int) {})
		must(err)
		do(zhuanglang.CountyFinance, "explain", flow.Ref{Kind: difference.Kind, ID: found[0].ID()}, &difference.ExplainDifference{Explanation: "利息"})
	}
	return store, enter, explain
}
