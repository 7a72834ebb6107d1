package reconcile_test

import (
	"slices"
	"testing"

	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/reconcile"
)

// holdings returns a pilot p of the programme g. Its project p.1 was paid 100: 60 are spent, 10 were returned, 5 are
// owed back as p.1.r1, and 25 are an advance. Another 40 are in transit.
func holdings() reconcile.Holdings {
	grant := string(ledger.GrantBook)
	work := &project.Project{
		Record: flow.Record{ID: "p.1"}, Pilot: "p", PaidFen: 100, Booked: map[string]money.Fen{"travel": 60}, EntrustedFen: 8, MatchingFen: 9,
	}
	order := &payment.Payment{
		Record: flow.Record{ID: "p.1.2.1", Stage: payment.Clearing}, OpenPayment: payment.OpenPayment{Account: "p.1", Pilot: "p", Fen: 40},
	}
	debt := &recovery.Recovery{Record: flow.Record{ID: "p.1.r1"}, OpenRecovery: recovery.OpenRecovery{Pilot: "p", Project: "p.1", Fen: 7}, PaidFen: 2}
	return reconcile.Holdings{
		Pilots:     []*pilot.Pilot{{Record: flow.Record{ID: "p", Programme: flow.ProgrammeRef{ID: "g", Version: 1}}}},
		Projects:   []*project.Project{work},
		Payments:   []*payment.Payment{order},
		Recoveries: []*recovery.Recovery{debt},
		Listed:     map[string]money.Fen{"p.1": 100},
		Returned:   map[string]money.Fen{"p.1": 8, "p.1.r1": 2},
		Accounts: []reconcile.Account{
			{Owner: "g", Group: "g", Fund: true, Name: ledger.Allotted, Book: grant, Lines: 140},
			{Owner: "p", Group: "p", Name: ledger.Appropriation, Book: grant, Source: true, Lines: -140},
			{Owner: "p", Group: "p", Name: ledger.Treasury, Book: grant, Lines: 10},
			{Owner: "p.1", Group: "p", Name: ledger.Transit, Book: grant, Lines: 40},
			{Owner: "p.1", Group: "p", Name: ledger.Advance, Book: grant, Lines: 25},
			{Owner: "p.1", Group: "p", Name: ledger.Spent, Category: "travel", Book: grant, Lines: 60},
			{Owner: "p.1.r1", Group: "p", Name: ledger.Receivable, Book: grant, Lines: 5},
			{Owner: "p.1", Group: "p", Name: ledger.EntrustedHeld, Book: "entrusted", Lines: 8},
			{Owner: "p.1", Group: "p", Name: ledger.Matching, Book: "matching", Source: true, Lines: -9},
		},
	}
}

func TestTheLedgerAgainstTheRecord(t *testing.T) {
	t.Parallel()
	project := func(h reconcile.Holdings) *project.Project { return h.Projects[0] }
	paymentRef := func(h reconcile.Holdings) *payment.Payment { return h.Payments[0] }
	postNow := func(h reconcile.Holdings) {
		paymentRef(h).Stage = payment.Posted
		paymentRef(h).Duties = []flow.Duty{{Key: payment.ReportPayment, Subject: string(payment.Posted)}}
		h.Accounts[3].Lines, h.Accounts[4].Lines = 0, 65
	}
	cases := map[string]struct {
		change func(reconcile.Holdings)
		want   []string
	}{
		"what agrees is no difference": {func(reconcile.Holdings) {}, nil},
		"what a project was paid is what became of it": {
			func(h reconcile.Holdings) { h.Returned["p.1"] = 7 }, []string{"record p.1 99 100"},
		},
		"a payment that was posted and not yet told is no difference": {postNow, nil},
		"nor when it was told a moment before": {
			func(h reconcile.Holdings) { postNow(h); project(h).PaidFen, h.Listed["p.1"] = 140, 140 }, nil,
		},
		"nor is it heard a second time when it is final": {
			func(h reconcile.Holdings) {
				postNow(h)
				paymentRef(h).Stage, paymentRef(h).Duties[0].Subject = payment.Final, string(payment.Final)
			},
			[]string{"record p.1 140 100"},
		},
		"but any other amount is": {
			func(h reconcile.Holdings) { postNow(h); project(h).PaidFen, h.Listed["p.1"] = 120, 120 }, []string{"record p.1 140 120"},
		},
		"a list says what the state says": {func(h reconcile.Holdings) { h.Listed["p.1"] = 1 }, []string{"record p.1 100 1"}},
		"spending is booked by its kind": {
			func(h reconcile.Holdings) { project(h).Booked = map[string]money.Fen{"meals": 60} }, []string{"record p.1 0 60", "record p.1 60 0"},
		},
		"entrusted money is held":                    {func(h reconcile.Holdings) { project(h).EntrustedFen = 9 }, []string{"record p.1 8 9"}},
		"matching funds are booked":                  {func(h reconcile.Holdings) { project(h).MatchingFen = 8 }, []string{"record p.1 9 8"}},
		"what is in transit is under way":            {func(h reconcile.Holdings) { paymentRef(h).Stage = payment.Voided }, []string{"record p.1 40 0"}},
		"a debt is what is still receivable":         {func(h reconcile.Holdings) { h.Recoveries[0].PaidFen = 0 }, []string{"record p.1.r1 5 7"}},
		"the evaluator's money is that of its books": {func(h reconcile.Holdings) { h.Pilots[0].Contract.PaidFen = 6 }, []string{"record p.e 0 6"}},
		"an allotment is what its pilots hold":       {func(h reconcile.Holdings) { h.Accounts[0].Lines = 141 }, []string{"record g 141 140"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := holdings()
			c.change(h)
			if got := told(h.Differences()); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
