package worker_test

import (
	"slices"
	"testing"
	"time"

	"terrace/bank/banktest"
	"terrace/bank/simulator"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/postgres"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

// answering is the real record. Its calendar stands still while a bank owes an answer.
type answering struct{ *real }

func (a answering) Settled() bool {
	if !a.real.Settled() {
		return false
	}
	open, err := a.Store.OpenAggregates(a.t.Context(), flow.Ref{}, 200)
	if err != nil {
		a.t.Fatal(err)
	}
	asked := func(n postgres.News) bool {
		return slices.ContainsFunc(n.Progress.Duties, func(d flow.Duty) bool { return d.Key == payment.Inquire })
	}
	return !slices.ContainsFunc(open, asked)
}

// TestABankThatErrsPaysOnceOnTheRealRecord has a bank lose, refuse and return payments at random, with the record in
// Postgres.
func TestABankThatErrsPaysOnceOnTheRealRecord(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	b := banktest.Start(t, simulator.Options{
		Faults: simulator.Faults{LoseRequests: 0.1, LoseAnswers: 0.1, Refuse: 0.2, Return: 0.2, ReturnAfter: 3 * 24 * time.Hour},
		Now: func() time.Time {
			now, err := r.Now(t.Context())
			if err != nil {
				t.Error(err)
			}
			return now
		},
	})
	w := worker.Start(worker.Config{
		Client: c, Record: r, Outbox: r, Gateway: b.Gateway(t), Log: logTo(t), Prefix: temporaltest.Prefix(), Indexed: true,
		Poll: 5 * time.Millisecond, Resurface: 200 * time.Millisecond,
	})
	defer w.Stop()
	p := recordtest.Draft(t, r, 2)
	p.Idle = []flow.WaitKey{payment.AwaitClearing} // finance leaves it to the bank
	p.Carry(answering{r}, never)
	if got := r.happened(p); got["pilot/archived"] != 1 || got["project/closed"] != 2 {
		t.Errorf("happened: %v", got)
	}

	moved := map[string]money.Fen{}
	payments := map[string]int{}
	for _, each := range b.Transfers() {
		moved[each.Reference] += each.Fen
		if each.Fen < 0 {
			payments[each.Reference]++
		}
	}
	var paid money.Fen
	recorded, err := postgres.Payments.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{All: true}, Pilot: p.Pilot, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range recorded.Rows {
		want := money.Fen(0)
		if s.Stage == payment.Final {
			want = -s.Fen
			paid += s.Fen
		}
		if payments[s.ID] > 1 || moved[s.ID] != want {
			t.Errorf("%s is %s: the bank paid %d times and moved %s, want %s", s.ID, s.Stage, payments[s.ID], moved[s.ID], want)
		}
		delete(moved, s.ID)
	}
	if len(moved) > 0 {
		t.Errorf("the record does not know %v", moved)
	}
	differences, err := r.Verify(t.Context(), func(int, int) {})
	if err != nil || len(differences) > 0 {
		t.Errorf("the record differs: %v, %v", differences, err)
	}
	if books, err := r.Money(t.Context(), p.Pilot); err != nil || books.Sum != 0 || paid == 0 {
		t.Errorf("paid %s; the ledger: %+v, %v", paid, books, err)
	}
}
