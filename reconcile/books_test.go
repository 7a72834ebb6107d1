package reconcile_test

import (
	"slices"
	"testing"

	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/project"
	"terrace/reconcile"
)

func TestTheBooksAddUp(t *testing.T) {
	t.Parallel()
	agreeing := []reconcile.Account{
		{Owner: "g", Group: "g", Fund: true, Name: ledger.FundSource, Book: "grant", Balance: -100, Lines: -100},
		{Owner: "g", Group: "g", Fund: true, Name: ledger.Allotted, Book: "grant", Balance: 100, Lines: 100},
		{Owner: "p", Group: "p", Name: ledger.Appropriation, Book: "grant", Balance: -100, Lines: -100},
		{Owner: "p.1", Group: "p", Name: ledger.Spent, Category: "travel", Book: "grant", Balance: 100, Lines: 100},
		{Owner: "p.1", Group: "p", Name: ledger.Matching, Book: "matching", Balance: -5, Lines: -5},
		{Owner: "p.1", Group: "p", Name: ledger.MatchingPaid, Category: "travel", Book: "matching", Balance: 5, Lines: 5},
	}
	changed := func(i int, change func(*reconcile.Account)) []reconcile.Account {
		all := slices.Clone(agreeing)
		change(&all[i])
		return all
	}
	cases := map[string]struct {
		entries  []reconcile.Entry
		accounts []reconcile.Account
		want     []string
		bank     bool // belongs to no pilot
	}{
		"what adds up is no difference": {nil, agreeing, nil, false},
		"an entry sums to zero in each book": {
			[]reconcile.Entry{{Aggregate: flow.Ref{Kind: project.Kind, ID: "p.1"}, Seq: 7, Book: "matching", Fen: 3}}, agreeing, []string{"books project/p.1 7 0 3"}, false,
		},
		"a balance is the sum of its lines": {
			nil, changed(3, func(a *reconcile.Account) { a.Balance = 99 }), []string{"books p.1 spent 100 99"}, false,
		},
		"a book of a pilot sums to zero": {
			nil, changed(5, func(a *reconcile.Account) { a.Lines, a.Balance = 6, 6 }), []string{"books p 0 1"}, false,
		},
		"money of two books does not make up for each other": {
			nil, func() []reconcile.Account {
				all := changed(5, func(a *reconcile.Account) { a.Lines, a.Balance = 6, 6 })
				all[3].Lines, all[3].Balance = 99, 99
				return all
			}(), []string{"books p 0 -1", "books p 0 1"}, false,
		},
		"a fund sums to zero": {
			nil, changed(1, func(a *reconcile.Account) { a.Lines, a.Balance = 90, 90 }), []string{"books g 0 -10"}, true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := reconcile.Books(c.entries, c.accounts)
			if got := told(found); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			for _, f := range found {
				if c.bank != (f.Pilot == "" && f.Fund == "g" && f.ID()[:6] == "bank.d") {
					t.Errorf("it is %s of %+v", f.ID(), f)
				}
			}
		})
	}
}

func TestABookDifferenceStaysTheSameWhileItStays(t *testing.T) {
	t.Parallel()
	id := func(balance, lines money.Fen) string {
		found := reconcile.Books(nil, []reconcile.Account{
			{Owner: "p", Group: "p", Name: ledger.Available, Book: "grant", Balance: balance, Lines: lines},
			{Owner: "p", Group: "p", Name: ledger.Appropriation, Book: "grant", Balance: -lines, Lines: -lines},
		})
		if len(found) != 1 {
			t.Fatalf("found %q", told(found))
		}
		return found[0].ID()
	}
	if id(101, 100) != id(201, 200) || id(101, 100) == id(102, 100) {
		t.Errorf("ids: %s, %s, %s", id(101, 100), id(201, 200), id(102, 100))
	}
}
