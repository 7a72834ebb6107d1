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
	"terrace/domain/pilot"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

// lost is an answer that never arrives.
const lost pilot.BankOutcome = ""

// words are what a bank answers about one payment, in turn; the last for ever.
type words struct{ instructed, asked []pilot.BankOutcome }

// teller is a bank that pays at once, but for one payment.
type teller struct {
	payment string // the end of its id
	words   words

	mu     sync.Mutex
	orders []activities.Order // of the one payment
}

func (*teller) Name() string { return "http" }

func (b *teller) Instruct(_ context.Context, order activities.Order) (pilot.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasSuffix(order.Reference, b.payment) {
		return answered(pilot.BankPaid, order.Reference)
	}
	b.orders = append(b.orders, order)
	return answered(next(&b.words.instructed), order.Reference)
}

func (b *teller) Ask(_ context.Context, reference string) (pilot.BankAnswer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasSuffix(reference, b.payment) {
		return answered(pilot.BankPaid, reference)
	}
	return answered(next(&b.words.asked), reference)
}

func next(outcomes *[]pilot.BankOutcome) pilot.BankOutcome {
	first := (*outcomes)[0]
	if len(*outcomes) > 1 {
		*outcomes = (*outcomes)[1:]
	}
	return first
}

func answered(outcome pilot.BankOutcome, reference string) (pilot.BankAnswer, error) {
	if outcome == lost {
		return pilot.BankAnswer{}, errors.New("no answer in time")
	}
	return pilot.BankAnswer{Outcome: outcome, Number: "B" + reference, Why: "wrong-account-name"}, nil
}

// told is what happened to an aggregate, without what only the workflows and the days did.
func (h *house) told(ref pilot.Ref) string {
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
		away   bool   // so long that finance has to find out
		first  string // what happened to the first attempt after its release
		second string // and to the second
		orders int
	}{
		{
			"paid at once",
			words{[]pilot.BankOutcome{pilot.BankPaid}, []pilot.BankOutcome{pilot.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"pending, then paid",
			words{[]pilot.BankOutcome{pilot.Pending}, []pilot.BankOutcome{pilot.Pending, pilot.BankPaid}},
			false, "instructed posted" + stays, "", 1,
		},
		{
			"pending, then refused: a second attempt",
			words{[]pilot.BankOutcome{pilot.Pending}, []pilot.BankOutcome{pilot.BankRefused}},
			false, "instructed voided", "posted" + stays, 1,
		},
		{
			"refused at once: a second attempt",
			words{[]pilot.BankOutcome{pilot.BankRefused}, []pilot.BankOutcome{pilot.BankRefused}},
			false, "voided", "posted" + stays, 1,
		},
		{
			"the answer is lost, and the bank says at once that it paid",
			words{[]pilot.BankOutcome{lost}, []pilot.BankOutcome{pilot.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"every answer is lost: unknown, then paid",
			words{[]pilot.BankOutcome{lost}, []pilot.BankOutcome{lost, lost, pilot.BankPaid}},
			false, "instructed posted" + stays, "", 1,
		},
		{
			"unknown, then pending, then paid",
			words{[]pilot.BankOutcome{lost}, []pilot.BankOutcome{lost, pilot.Pending, pilot.BankPaid}},
			false, "instructed instructed posted" + stays, "", 1,
		},
		{
			"the order is lost: instructed again under the same reference",
			words{[]pilot.BankOutcome{lost, pilot.BankPaid}, []pilot.BankOutcome{pilot.Unheard, pilot.BankPaid}},
			false, "posted" + stays, "", 2,
		},
		{
			"unknown, then unheard of: instructed again",
			words{[]pilot.BankOutcome{lost, pilot.BankPaid}, []pilot.BankOutcome{lost, pilot.Unheard, pilot.BankPaid}},
			false, "instructed posted" + stays, "", 2,
		},
		{
			"pending, then back: a second attempt",
			words{[]pilot.BankOutcome{pilot.Pending}, []pilot.BankOutcome{pilot.SentBack}},
			false, "instructed returned", "posted" + stays, 1,
		},
		{
			"paid, and back before it was final: reversed, a second attempt",
			words{[]pilot.BankOutcome{pilot.BankPaid}, []pilot.BankOutcome{pilot.SentBack}},
			false, "posted finality-due returned", "posted" + stays, 1,
		},
		{
			"paid, and forgotten for a moment when it is to be final",
			words{[]pilot.BankOutcome{pilot.BankPaid}, []pilot.BankOutcome{pilot.Pending, pilot.BankPaid}},
			false, "posted" + stays, "", 1,
		},
		{
			"the bank is away for long: finance confirms by the slip",
			words{[]pilot.BankOutcome{lost}, []pilot.BankOutcome{lost}},
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
			first, second := pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"}, pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.2"}
			if got := h.told(first); got != released+c.first {
				t.Errorf("the first attempt: %s, want %s", got, released+c.first)
			}
			if got := h.told(second); (c.second != "" || got != "") && got != released+c.second {
				t.Errorf("the second attempt: %s, want %s", got, c.second)
			}
			if story := h.told(pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}); !strings.HasSuffix(story, "archived") {
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
				t.Error("the history holds the account's number")
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
	got, want := h.told(pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + ".1.1.1"}), "opened released released instructed posted finality-due"
	if got != want {
		t.Errorf("happened: %s, want %s", got, want)
	}
}

// load reads an aggregate of the record.
func load[S pilot.State](t *testing.T, h *house, kind pilot.Kind, id string) S {
	t.Helper()
	state, err := h.Load(t.Context(), pilot.Ref{Kind: kind, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return state.(S)
}

// until carries the pilot until an aggregate of it is in a stage, and its workflows have come to rest.
func (h *house) until(t *testing.T, p *recordtest.People, kind pilot.Kind, id string, stage pilot.Stage) {
	t.Helper()
	p.Carry(h, func() bool {
		news, err := h.News(t.Context(), pilot.Ref{Kind: kind, ID: id})
		return err == nil && news.Stage == stage
	})
	recordtest.Until(t, "the workflows did what they owe", h.Settled)
}

func TestAPaymentReleasedOnAFreeDayGoesOutOnTheNextWorkingDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	b := &teller{payment: ".1.1.1", words: words{[]pilot.BankOutcome{pilot.BankPaid}, []pilot.BankOutcome{pilot.BankPaid}}}
	h.config.Gateway = b
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	id := p.Pilot + ".1.1.1"
	p.Idle = []pilot.WaitKey{pilot.AwaitRelease}
	h.until(t, p, pilot.PaymentKind, id, pilot.Release)
	saturday := calendar.Of(h.Now())
	for workday := true; workday || saturday.Weekday() != time.Saturday; workday, _ = calendar.Published().Workday(saturday) {
		saturday = saturday.AddDays(1)
	}
	h.MoveTo(saturday.At(10, 0))
	p.Idle = nil
	h.until(t, p, pilot.PaymentKind, id, pilot.Window)
	if due := load[*pilot.Payment](t, h, pilot.PaymentKind, id).Turns[0].Due; due != saturday.AddDays(1) || len(b.orders) > 0 {
		t.Errorf("the window opens after %s, and the bank has %d orders", due, len(b.orders))
	}
	h.until(t, p, pilot.PaymentKind, id, pilot.Posted)
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
		h.until(t, p, pilot.PaymentKind, id, pilot.Posted)
		p.Do(zhuanglang.CountyFinance, pilot.Ref{Kind: pilot.PaymentKind, ID: id}, "return-payment", &pilot.ReturnPayment{Reason: "户名不符"})
	}
	p.Carry(h, never)
	h.completed(t)
	const before, after = "opened released released instructed posted", " returned"
	for id, want := range map[string]string{
		".1.1.1": before + after, ".1.1.2": before + " finality-due", ".1.3.1": before + after, ".1.3.2": before + " finality-due",
		".e.1": before + after, ".e.2": before + " finality-due",
	} {
		got := strings.ReplaceAll(h.told(pilot.Ref{Kind: pilot.PaymentKind, ID: p.Pilot + id}), " window-opened", "") // as the days fall
		if got != want {
			t.Errorf("payment %s: %s, want %s", id, got, want)
		}
	}
	if story := h.told(pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}); !strings.HasSuffix(story, "archived") || !strings.Contains(story, "contract-reversed") {
		t.Errorf("the pilot: %s", story)
	}
}

func TestATerminatedProjectStopsThePaymentThatTheBankHasNot(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		bank   words
		stage  pilot.Stage // of the payment when the project is terminated
		first  string
		claims string // what becomes of the recovery
	}{
		{
			"in release: stopped, nothing to claim",
			words{[]pilot.BankOutcome{pilot.BankPaid}, []pilot.BankOutcome{pilot.BankPaid}},
			pilot.Release, "opened voided", "",
		},
		{
			"at the bank: it comes to its end, and what it paid is claimed back",
			words{[]pilot.BankOutcome{pilot.Pending}, []pilot.BankOutcome{pilot.Pending, pilot.BankPaid}},
			pilot.Clearing, "opened released released instructed posted finality-due settled", "opened repaid recovered",
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
			if c.stage == pilot.Release {
				p.Idle = []pilot.WaitKey{pilot.AwaitRelease}
			}
			p.Carry(h, func() bool {
				news, err := h.News(t.Context(), pilot.Ref{Kind: pilot.PaymentKind, ID: id})
				return err == nil && news.Stage == c.stage
			})
			p.Do(zhuanglang.CountyApprover, pilot.Ref{Kind: pilot.ProjectKind, ID: p.Pilot + ".1"}, "terminate", &pilot.Terminate{Reason: "组织停止活动"})
			recordtest.Until(t, "the workflows did what they owe", h.Settled)
			p.Idle = nil
			p.Carry(h, never)
			h.completed(t)
			if got := h.told(pilot.Ref{Kind: pilot.PaymentKind, ID: id}); got != c.first {
				t.Errorf("the payment: %s, want %s", got, c.first)
			}
			if got := h.told(pilot.Ref{Kind: pilot.RecoveryKind, ID: p.Pilot + ".1.r1"}); got != c.claims {
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
	p.Idle = []pilot.WaitKey{pilot.AwaitRepayment, pilot.AwaitSpendingReport}
	village := pilot.Ref{Kind: pilot.ProjectKind, ID: p.Pilot + ".1"}
	h.until(t, p, village.Kind, village.ID, pilot.Rollout)
	p.Do(zhuanglang.CountyFinance, village, "record-diversion", &pilot.RecordDiversion{Fen: 1_800_000, Finding: "挪作他用", Evidence: []string{recordtest.File}})
	p.Idle = []pilot.WaitKey{pilot.AwaitRepayment}
	p.Carry(h, never)
	if news, err := h.News(t.Context(), village); err != nil || news.Stage != pilot.Closed || !news.Ended {
		t.Errorf("the debt held up its project: %+v, %v", news, err)
	}
	recovery := pilot.Ref{Kind: pilot.RecoveryKind, ID: village.ID + ".r1"}
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
	ref := pilot.Ref{Kind: pilot.DifferenceKind, ID: p.Pilot + ".d1"}
	home := load[*pilot.Pilot](t, h, pilot.PilotKind, p.Pilot)
	found := pilot.Command{
		ID: "open/" + ref.ID, Name: "open", Aggregate: ref, Actor: domain.Workflow, Payload: &pilot.OpenDifference{
			What: pilot.AmountDiffers, Home: home.Home, Pilot: home.ID, Programme: home.Programme, Subject: home.ID + ".1.1.1", ExpectedFen: 5, FoundFen: 6,
		},
	}
	if err := h.Execute(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	p.Carry(h, never)
	p.Do(zhuanglang.CountyFinance, ref, "explain", &pilot.ExplainDifference{Explanation: "手续费"})
	h.completed(t)
	if got := h.told(ref); got != "found escalated explained" {
		t.Errorf("happened: %s", got)
	}
}
