package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestTheBooksFollowTheDecisions(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project, paymentRef := r.inPayment()
	grant, tranche := r.demo.Projects[0].GrantFen, r.demo.Projects[0].TranchesFen[0]
	balance := func(owner, account string) money.Fen {
		t.Helper()
		books, err := r.Money(t.Context(), p.ID)
		must(t, err)
		if books.Sum != 0 {
			t.Errorf("the books sum to %v", books.Sum)
		}
		for _, l := range books.Balances {
			if l.Owner == owner && l.Account == account {
				return l.Fen
			}
		}
		t.Errorf("%s has no account %s: %v", owner, account, books.Balances)
		return 0
	}
	want := func(owner, account string, fen money.Fen) {
		t.Helper()
		if got := balance(owner, account); got != fen {
			t.Errorf("%s of %s is at %v, want %v", account, owner, got, fen)
		}
	}
	want(p.ID, ledger.Appropriation, -r.demo.Fund.TotalFen)
	want(p.ID, ledger.Available, 0)
	want(p.ID+".e", ledger.Commitment, r.demo.EvaluationFen)
	want(project.ID, ledger.Commitment, grant-tranche)
	want(project.ID, ledger.Transit, tranche)

	r.do(zhuanglang.CountyFinance, "void", paymentRef, &payment.VoidPayment{Reason: "账号有误"})
	want(project.ID, ledger.Commitment, grant)
	want(project.ID, ledger.Transit, 0)

	books, err := r.Money(t.Context(), p.ID)
	must(t, err)
	if books.Entries != 3 {
		t.Errorf("%d events moved money, want the approval, the opening and the voiding", books.Entries)
	}
	if empty, err := r.Money(t.Context(), newPilot().ID); err != nil || len(empty.Balances) != 0 || empty.Entries != 0 {
		t.Errorf("a pilot without money has %+v, %v", empty, err)
	}
}

func TestALivePaymentIsTheOnlyOneOfItsTranche(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, paymentRef := r.inPayment()
	opened, err := r.Load(t.Context(), paymentRef)
	must(t, err)
	opening := opened.(*payment.Payment).OpenPayment
	opening.Attempt = 2
	second := flow.Ref{Kind: payment.Kind, ID: project.ID + ".1.2"}
	_, err = r.Execute(t.Context(), r.command("terrace", "open", second, &opening))
	refused(t, err, "payment-exists")

	r.do(zhuanglang.CountyFinance, "void", paymentRef, &payment.VoidPayment{Reason: "重付"})
	r.do("terrace", "open", second, &opening)
}

func TestTheFundMayStandBelowZero(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	books, err := r.Money(t.Context(), p.ID)
	must(t, err)
	for _, l := range books.Balances {
		if below := l.Fen < 0; below != (l.Account == ledger.Appropriation) {
			t.Errorf("%+v", l)
		}
	}
}

func TestVillagesThatGiveUpAtTheSameTimeReturnTheirMoney(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	state, err := r.Load(t.Context(), p)
	must(t, err)
	var projects []flow.Ref
	for i := range r.demo.Projects {
		projects = append(projects, flow.Ref{Kind: project.Kind, ID: p.ID + "." + strconv.Itoa(i+1)})
		if i > 0 {
			opening, err := state.(*pilot.Pilot).ProjectOpening(projects[i].ID)
			must(t, err)
			r.do("terrace", "open", projects[i], opening)
		}
	}
	errs := make([]error, len(projects))
	var wg sync.WaitGroup
	for i, projectRef := range projects {
		refusal := r.command(zhuanglang.OrganizationPerson(r.demo.Projects[i].Code), "refuse-agreement", projectRef, &project.RefuseAgreement{Reason: "人手不足"})
		wg.Go(func() { _, errs[i] = r.Execute(context.Background(), refusal) })
	}
	wg.Wait()
	must(t, errors.Join(errs...))

	books, err := r.Money(t.Context(), p.ID)
	must(t, err)
	for _, l := range books.Balances {
		if l.Account == ledger.Available && l.Fen != r.demo.Fund.TotalFen-r.demo.EvaluationFen {
			t.Errorf("%v was returned", l.Fen)
		}
	}
	if found := r.differences(); books.Sum != 0 || len(found) != 0 {
		t.Errorf("the books sum to %v, found %q", books.Sum, found)
	}
}
