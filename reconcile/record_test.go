package reconcile_test

import (
	"slices"
	"testing"

	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/reconcile"
)

// holdings are a pilot p of the programme g whose project p.1 was paid 100: 60 are spent, 10 were returned, 5 are owed back as p.1.r1,
// 25 are an advance. 40 more are in transit.
func holdings() reconcile.Holdings {
	grant := string(pilot.GrantBook)
	project := &pilot.Project{
		Record: pilot.Record{ID: "p.1"}, Pilot: "p", PaidFen: 100, Booked: map[string]money.Fen{"travel": 60}, EntrustedFen: 8, MatchingFen: 9,
	}
	payment := &pilot.Payment{
		Record: pilot.Record{ID: "p.1.2.1", Stage: pilot.Clearing}, OpenPayment: pilot.OpenPayment{Account: "p.1", Pilot: "p", Fen: 40},
	}
	recovery := &pilot.Recovery{Record: pilot.Record{ID: "p.1.r1"}, OpenRecovery: pilot.OpenRecovery{Pilot: "p", Project: "p.1", Fen: 7}, PaidFen: 2}
	return reconcile.Holdings{
		States:   []pilot.State{&pilot.Pilot{Record: pilot.Record{ID: "p", Programme: pilot.ProgrammeRef{ID: "g", Version: 1}}}, project, payment, recovery},
		Listed:   map[string]money.Fen{"p.1": 100},
		Returned: map[string]money.Fen{"p.1": 8, "p.1.r1": 2},
		Accounts: []reconcile.Account{
			{Owner: "g", Group: "g", Fund: true, Name: pilot.Allotted, Book: grant, Lines: 140},
			{Owner: "p", Group: "p", Name: pilot.Appropriation, Book: grant, Source: true, Lines: -140},
			{Owner: "p", Group: "p", Name: pilot.Treasury, Book: grant, Lines: 10},
			{Owner: "p.1", Group: "p", Name: pilot.Transit, Book: grant, Lines: 40},
			{Owner: "p.1", Group: "p", Name: pilot.Advance, Book: grant, Lines: 25},
			{Owner: "p.1", Group: "p", Name: pilot.Spent, Category: "travel", Book: grant, Lines: 60},
			{Owner: "p.1.r1", Group: "p", Name: pilot.Receivable, Book: grant, Lines: 5},
			{Owner: "p.1", Group: "p", Name: pilot.EntrustedHeld, Book: "entrusted", Lines: 8},
			{Owner: "p.1", Group: "p", Name: pilot.Matching, Book: "matching", Source: true, Lines: -9},
		},
	}
}

func TestTheLedgerAgainstTheRecord(t *testing.T) {
	t.Parallel()
	project := func(h reconcile.Holdings) *pilot.Project { return h.States[1].(*pilot.Project) }
	payment := func(h reconcile.Holdings) *pilot.Payment { return h.States[2].(*pilot.Payment) }
	postNow := func(h reconcile.Holdings) {
		payment(h).Stage = pilot.Posted
		payment(h).Duties = []pilot.Duty{{Key: pilot.ReportPayment, Subject: string(pilot.Posted)}}
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
				payment(h).Stage, payment(h).Duties[0].Subject = pilot.Final, string(pilot.Final)
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
		"what is in transit is under way":            {func(h reconcile.Holdings) { payment(h).Stage = pilot.Voided }, []string{"record p.1 40 0"}},
		"a debt is what is still receivable":         {func(h reconcile.Holdings) { h.States[3].(*pilot.Recovery).PaidFen = 0 }, []string{"record p.1.r1 5 7"}},
		"the evaluator's money is that of its books": {func(h reconcile.Holdings) { h.States[0].(*pilot.Pilot).Contract.PaidFen = 6 }, []string{"record p.e 0 6"}},
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
