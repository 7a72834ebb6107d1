package worker_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

// lost stands for an answer that never arrives.
const lost payment.BankOutcome = ""

// words are a bank's answers about one payment, in turn. The last is repeated.
type words struct{ instructed, asked []payment.BankOutcome }

// teller is a bank that pays at once, except for one payment.
type teller struct {
	payment string // the end of its id
	words   words

	mu     sync.Mutex
	orders []activities.Order // of the one payment
}

func (*teller) Name() string { return "http" }

func (b *teller) Instruct(_ context.Context, order activities.Order) (payment.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasSuffix(order.Reference, b.payment) {
		return answered(payment.BankPaid, order.Reference)
	}
	b.orders = append(b.orders, order)
	return answered(next(&b.words.instructed), order.Reference)
}

func (b *teller) Ask(_ context.Context, reference string) (payment.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasSuffix(reference, b.payment) {
		return answered(payment.BankPaid, reference)
	}
	return answered(next(&b.words.asked), reference)
}

func next(outcomes *[]payment.BankOutcome) payment.BankOutcome {
	first := (*outcomes)[0]
	if len(*outcomes) > 1 {
		*outcomes = (*outcomes)[1:]
	}
	return first
}

func answered(outcome payment.BankOutcome, reference string) (payment.BankAnswer, error) {
	if outcome == lost {
		return payment.BankAnswer{}, errors.New("no answer in time")
	}
	return payment.BankAnswer{Outcome: outcome, Number: "B" + reference, Why: "wrong-account-name"}, nil
}

// told lists the events of an aggregate, except those caused by workflows or due dates alone.
func (h *house) told(ref flow.Ref) string {
	var names []string
	for _, e := range h.Journal() {
		if e.Ref == ref && !slices.Contains([]string{"discharged", "reminded"}, e.Name) {
			names = append(names, e.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestWhateverTheBankAnswersThePaymentIsMadeOnce(t *testing.T) {
	t.Parallel()
	const stays = " finality-due settled"
	cases := []struct {
		name   string
		bank   words
		away   bool   // the bank is unavailable for so long that finance has to find out the outcome
		first  string // the first attempt's events after its release
		second string // the second attempt's events
		orders int
	}{
		{
			"paid at once",
			words{[]payment.BankOutcome{payment.BankPaid}, []payment.BankOutcome{payment.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"pending, then paid",
			words{[]payment.BankOutcome{payment.Pending}, []payment.BankOutcome{payment.Pending, payment.BankPaid}},
			false, "instructed posted" + stays, "", 1,
		},
		{
			"pending, then refused: a second attempt",
			words{[]payment.BankOutcome{payment.Pending}, []payment.BankOutcome{payment.BankRefused}},
			false, "instructed voided", "posted" + stays, 1,
		},
		{
			"refused at once: a second attempt",
			words{[]payment.BankOutcome{payment.BankRefused}, []payment.BankOutcome{payment.BankRefused}},
			false, "voided", "posted" + stays, 1,
		},
		{
			"the answer is lost, and the bank says at once that it paid",
			words{[]payment.BankOutcome{lost}, []payment.BankOutcome{payment.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"every answer is lost: unknown, then paid",
			words{[]payment.BankOutcome{lost}, []payment.BankOutcome{lost, lost, payment.BankPaid}},
			false, "instructed posted" + stays, "", 1,
		},
		{
			"unknown, then pending, then paid",
			words{[]payment.BankOutcome{lost}, []payment.BankOutcome{lost, payment.Pending, payment.BankPaid}},
			false, "instructed instructed posted" + stays, "", 1,
		},
		{
			"the order is lost: instructed again under the same reference",
			words{[]payment.BankOutcome{lost, payment.BankPaid}, []payment.BankOutcome{payment.Unheard, payment.BankPaid}},
			false, "posted" + stays, "", 2,
		},
		{
			"unknown, then unheard of: instructed again",
			words{[]payment.BankOutcome{lost, payment.BankPaid}, []payment.BankOutcome{lost, payment.Unheard, payment.BankPaid}},
			false, "instructed posted" + stays, "", 2,
		},
		{
			"pending, then back: a second attempt",
			words{[]payment.BankOutcome{payment.Pending}, []payment.BankOutcome{payment.SentBack}},
			false, "instructed returned", "posted" + stays, 1,
		},
		{
			"paid, and back before it was final: reversed, a second attempt",
			words{[]payment.BankOutcome{payment.BankPaid}, []payment.BankOutcome{payment.SentBack}},
			false, "posted finality-due returned", "posted" + stays, 1,
		},
		{
			"paid, and forgotten for a moment when it is to be final",
			words{[]payment.BankOutcome{payment.BankPaid}, []payment.BankOutcome{payment.Pending, payment.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"the bank is away for long: finance confirms by the slip",
			words{[]payment.BankOutcome{lost}, []payment.BankOutcome{lost}},
			true, "instructed escalated posted finality-due", "", 1,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, temporaltest.Dial(t))
			b := &teller{payment: ".1.1.1", words: c.bank}
			h.config.Gateway = b
			if c.away {
				h.GoOn()
			}
			h.open(t)
			p := recordtest.Draft(t, h, 1)
			p.Carry(h, never)
			h.completed(t)

			const released = "opened released released "
			first, second := flow.Ref{Kind: payment.Kind, ID: p.Pilot + ".1.1.1"}, flow.Ref{Kind: payment.Kind, ID: p.Pilot + ".1.1.2"}
			if got := h.told(first); got != released+c.first {
				t.Errorf("the first attempt: %s, want %s", got, released+c.first)
			}
			if got := h.told(second); (c.second != "" || got != "") && got != released+c.second {
				t.Errorf("the second attempt: %s, want %s", got, c.second)
			}
			if story := h.told(flow.Ref{Kind: pilot.Kind, ID: p.Pilot}); !strings.HasSuffix(story, "archived") {
				t.Errorf("the pilot: %s", story)
			}
			if len(b.orders) != c.orders {
				t.Errorf("instructed %d times, want %d", len(b.orders), c.orders)
			}
			for _, o := range b.orders {
				if o != b.orders[0] || o.Reference != first.ID || o.AccountNumber != "62220000000001" {
					t.Errorf("instructed %s to pay %s", o.Reference, o.Fen)
				}
			}
			if text := historyText(t, h.client, first); strings.Contains(text, "62220000000001") {
				t.Error("the account number is in the history")
			}
		})
	}
}

func TestAnOfficerWhoPaysByHandEndsThePaymentWithoutABank(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Carry(h, never)
	got, want := h.told(flow.Ref{Kind: payment.Kind, ID: p.Pilot + ".1.1.1"}), "opened released released instructed posted finality-due"
	if got != want {
		t.Errorf("happened: %s, want %s", got, want)
	}
}

// load loads an aggregate from the record.
func load[S flow.State](t *testing.T, h *house, kind flow.Kind, id string) S {
	t.Helper()
	state, err := h.Load(t.Context(), flow.Ref{Kind: kind, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return state.(S)
}

// until carries the pilot until one of its aggregates is in a stage and its workflows are idle.
func (h *house) until(t *testing.T, p *recordtest.People, kind flow.Kind, id string, stage flow.Stage) {
	t.Helper()
	p.Carry(h, func() bool {
		news, err := h.News(t.Context(), flow.Ref{Kind: kind, ID: id})
		return err == nil && news.Stage == stage
	})
	recordtest.Until(t, "the workflows did what they owe", h.Settled)
}

func TestAPaymentReleasedOnAFreeDayGoesOutOnTheNextWorkingDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	b := &teller{payment: ".1.1.1", words: words{[]payment.BankOutcome{payment.BankPaid}, []payment.BankOutcome{payment.BankPaid}}}
	h.config.Gateway = b
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	id := p.Pilot + ".1.1.1"
	p.Idle = []flow.WaitKey{payment.AwaitRelease}
	h.until(t, p, payment.Kind, id, payment.Release)
	saturday := calendar.Of(h.Now())
	for workday := true; workday || saturday.Weekday() != time.Saturday; workday, _ = calendar.Published().Workday(saturday) {
		saturday = saturday.AddDays(1)
	}
	h.MoveTo(saturday.At(10, 0))
	p.Idle = nil
	h.until(t, p, payment.Kind, id, payment.Window)
	if due := load[*payment.Payment](t, h, payment.Kind, id).Turns[0].Due; due != saturday.AddDays(1) || len(b.orders) > 0 {
		t.Errorf("the window opens after %s, and the bank has %d orders", due, len(b.orders))
	}
	h.until(t, p, payment.Kind, id, payment.Posted)
	if on := calendar.Of(h.Now()); on != saturday.AddDays(2) || len(b.orders) != 1 {
		t.Errorf("paid on %s by %d orders", on, len(b.orders))
	}
}

func TestMoneyThatComesBackAfterItWasPostedIsPaidAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	for _, id := range []string{p.Pilot + ".1.1.1", p.Pilot + ".1.3.1", p.Pilot + ".e.1"} { // in rollout, in closing, and the evaluator's
		h.until(t, p, payment.Kind, id, payment.Posted)
		p.Do(zhuanglang.CountyFinance, flow.Ref{Kind: payment.Kind, ID: id}, "return-payment", &payment.ReturnPayment{Reason: "户名不符"})
	}
	p.Carry(h, never)
	h.completed(t)
	const before, after = "opened released released instructed posted", " returned"
	for id, want := range map[string]string{
		".1.1.1": before + after, ".1.1.2": before + " finality-due", ".1.3.1": before + after, ".1.3.2": before + " finality-due",
		".e.1": before + after, ".e.2": before + " finality-due",
	} {
		got := strings.ReplaceAll(h.told(flow.Ref{Kind: payment.Kind, ID: p.Pilot + id}), " window-opened", "") // depends on the calendar
		if got != want {
			t.Errorf("payment %s: %s, want %s", id, got, want)
		}
	}
	if story := h.told(flow.Ref{Kind: pilot.Kind, ID: p.Pilot}); !strings.HasSuffix(story, "archived") || !strings.Contains(story, "contract-reversed") {
		t.Errorf("the pilot: %s", story)
	}
}

func TestATerminatedProjectStopsThePaymentThatTheBankHasNot(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		bank   words
		stage  flow.Stage // of the payment when the project is terminated
		first  string
		claims string // the recovery's events
	}{
		{
			"in release: stopped, nothing to claim",
			words{[]payment.BankOutcome{payment.BankPaid}, []payment.BankOutcome{payment.BankPaid}},
			payment.Release, "opened voided", "",
		},
		{
			"at the bank: it comes to its end, and what it paid is claimed back",
			words{[]payment.BankOutcome{payment.Pending}, []payment.BankOutcome{payment.Pending, payment.BankPaid}},
			payment.Clearing, "opened released released instructed posted finality-due settled", "opened repaid recovered",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, temporaltest.Dial(t))
			b := &teller{payment: ".1.1.1", words: c.bank}
			h.config.Gateway = b
			h.open(t)
			p := recordtest.Draft(t, h, 1)
			id := p.Pilot + ".1.1.1"
			if c.stage == payment.Release {
				p.Idle = []flow.WaitKey{payment.AwaitRelease}
			}
			p.Carry(h, func() bool {
				news, err := h.News(t.Context(), flow.Ref{Kind: payment.Kind, ID: id})
				return err == nil && news.Stage == c.stage
			})
			p.Do(zhuanglang.CountyApprover, flow.Ref{Kind: project.Kind, ID: p.Pilot + ".1"}, "terminate", &project.Terminate{Reason: "组织停止活动"})
			recordtest.Until(t, "the workflows did what they owe", h.Settled)
			p.Idle = nil
			p.Carry(h, never)
			h.completed(t)
			if got := h.told(flow.Ref{Kind: payment.Kind, ID: id}); got != c.first {
				t.Errorf("the payment: %s, want %s", got, c.first)
			}
			if got := h.told(flow.Ref{Kind: recovery.Kind, ID: p.Pilot + ".1.r1"}); got != c.claims {
				t.Errorf("the recovery: %q, want %q", got, c.claims)
			}
		})
	}
}

func TestDivertedMoneyIsFollowedUpBesideItsProject(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Idle = []flow.WaitKey{recovery.AwaitRepayment, project.AwaitSpendingReport}
	village := flow.Ref{Kind: project.Kind, ID: p.Pilot + ".1"}
	h.until(t, p, village.Kind, village.ID, pilot.Rollout)
	p.Do(zhuanglang.CountyFinance, village, "record-diversion", &project.RecordDiversion{Fen: 1_800_000, Finding: "挪作他用", Evidence: []string{recordtest.File}})
	p.Idle = []flow.WaitKey{recovery.AwaitRepayment}
	p.Carry(h, never)
	if news, err := h.News(t.Context(), village); err != nil || news.Stage != project.Closed || !news.Ended {
		t.Errorf("the debt held up its project: %+v, %v", news, err)
	}
	recovery := flow.Ref{Kind: recovery.Kind, ID: village.ID + ".r1"}
	if got := h.told(recovery); got != "opened escalated" {
		t.Errorf("before it is paid back: %s", got)
	}
	p.Idle = nil
	p.Carry(h, never)
	h.completed(t)
	if got := h.told(recovery); got != "opened escalated repaid recovered" {
		t.Errorf("at last: %s", got)
	}
}

func TestADifferenceIsATaskUntilItIsExplained(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	ref := flow.Ref{Kind: difference.Kind, ID: p.Pilot + ".d1"}
	home := load[*pilot.Pilot](t, h, pilot.Kind, p.Pilot)
	found := flow.Command{
		ID: "open/" + ref.ID, Name: "open", Aggregate: ref, Actor: domain.Workflow, Payload: &difference.OpenDifference{
			What: difference.AmountDiffers, Home: home.Home, Pilot: home.ID, Programme: home.Programme, Subject: home.ID + ".1.1.1", ExpectedFen: 5, FoundFen: 6,
		},
	}
	if err := h.Execute(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	p.Carry(h, never)
	p.Do(zhuanglang.CountyFinance, ref, "explain", &difference.ExplainDifference{Explanation: "手续费"})
	h.completed(t)
	if got := h.told(ref); got != "found escalated explained" {
		t.Errorf("happened: %s", got)
	}
}
