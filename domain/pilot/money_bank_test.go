package pilot_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

var (
	firstTranche = payment("1", "1", "1")
	contract     = pilot.Ref{Kind: pilot.PaymentKind, ID: id + ".e.1"}
)

// released has both officers' word for a payment.
func (d *desk) released(ref pilot.Ref) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, ref, "release", &pilot.ReleasePayment{})
	d.do(zhuanglang.CountyApprover, ref, "release", &pilot.ReleasePayment{})
}

// bank gives a bank's answer about a payment.
func (d *desk) bank(ref pilot.Ref, outcome pilot.BankOutcome) error {
	answer := pilot.BankAnswer{Outcome: outcome}
	if outcome == pilot.BankPaid || outcome == pilot.Pending {
		answer.Number = "B-" + ref.ID
	}
	return d.try(domain.Workflow.ID, ref, "record-instruction", &pilot.RecordInstruction{Gateway: "http", Answer: answer})
}

// throughBank releases a payment and gives a bank's answers in the place of a voucher.
func (d *desk) throughBank(ref pilot.Ref, outcomes ...pilot.BankOutcome) {
	d.t.Helper()
	for i, outcome := range outcomes {
		d.quiet = i == 0 // the first answer comes in the place of the officer's
		if i == 0 {
			d.released(ref)
		}
		if err := d.bank(ref, outcome); err != nil {
			d.t.Fatalf("the bank answers %s: %v", outcome, err)
		}
	}
	d.quiet = false
	d.work()
}

func (d *desk) payment(ref pilot.Ref) *pilot.Payment { return d.states[ref].(*pilot.Payment) }

func (d *desk) balance(owner, account string) money.Fen {
	return d.balances[pilot.Account{Owner: owner, Name: account}]
}

// The first tranche of 210,000.00 is 126,000.00.
func TestWhatTheBankAnswersDecidesAboutThePayment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers          []pilot.BankOutcome
		stage            pilot.Stage
		unknown          bool
		transit, advance money.Fen
		attempts         int
	}{
		"paid at once: posted":                        {[]pilot.BankOutcome{pilot.BankPaid}, pilot.Posted, false, 0, 12600000, 1},
		"taken: it clears":                            {[]pilot.BankOutcome{pilot.Pending}, pilot.Clearing, false, 12600000, 0, 1},
		"taken, and said so twice: it clears":         {[]pilot.BankOutcome{pilot.Pending, pilot.Pending}, pilot.Clearing, false, 12600000, 0, 1},
		"taken, then paid: posted":                    {[]pilot.BankOutcome{pilot.Pending, pilot.BankPaid}, pilot.Posted, false, 0, 12600000, 1},
		"taken, then refused: voided, tried again":    {[]pilot.BankOutcome{pilot.Pending, pilot.BankRefused}, pilot.Voided, false, 12600000, 0, 2},
		"refused at once: voided, tried again":        {[]pilot.BankOutcome{pilot.BankRefused}, pilot.Voided, false, 12600000, 0, 2},
		"sent back at once: returned, tried again":    {[]pilot.BankOutcome{pilot.SentBack}, pilot.Returned, false, 12600000, 0, 2},
		"sent back before it was posted: returned":    {[]pilot.BankOutcome{pilot.Pending, pilot.SentBack}, pilot.Returned, false, 12600000, 0, 2},
		"the answer lost: unknown, the bank is asked": {[]pilot.BankOutcome{pilot.OutcomeUnknown}, pilot.Clearing, true, 12600000, 0, 1},
		"lost, then under way: known again":           {[]pilot.BankOutcome{pilot.OutcomeUnknown, pilot.Pending}, pilot.Clearing, false, 12600000, 0, 1},
		"lost, then paid: posted once":                {[]pilot.BankOutcome{pilot.OutcomeUnknown, pilot.BankPaid}, pilot.Posted, false, 0, 12600000, 1},
		"lost, then refused: voided":                  {[]pilot.BankOutcome{pilot.OutcomeUnknown, pilot.BankRefused}, pilot.Voided, false, 12600000, 0, 2},
		"lost, and the bank knows nothing: unknown":   {[]pilot.BankOutcome{pilot.OutcomeUnknown, pilot.Unheard}, pilot.Clearing, true, 12600000, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.throughBank(firstTranche, test.answers...)
			if p := d.payment(firstTranche); p.Stage != test.stage || p.Unknown != test.unknown || p.Gateway != "http" && p.Stage != pilot.Voided && p.Stage != pilot.Returned {
				t.Errorf("stage %s, unknown %t, by %s", p.Stage, p.Unknown, p.Gateway)
			}
			owner := project("1").ID
			if d.balance(owner, pilot.Transit) != test.transit || d.balance(owner, pilot.Advance) != test.advance || d.sum() != 0 {
				t.Errorf("in transit %s, advanced %s, sum %s", d.balance(owner, pilot.Transit), d.balance(owner, pilot.Advance), d.sum())
			}
			if got := d.project1().Tranches[0].Attempt; got != test.attempts {
				t.Errorf("attempt %d, want %d", got, test.attempts)
			}
		})
	}
}

// An order that hangs at the bank becomes a task for finance, who ends it by the slip.
func TestAnUnknownOutcomeBecomesATaskForFinance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		command string
		payload pilot.Payload
		stage   pilot.Stage
	}{
		"the slip shows that it was paid":  {"confirm", &pilot.ConfirmPayment{Voucher: "V", Slip: file}, pilot.Posted},
		"the statement shows it came back": {"return-payment", &pilot.ReturnPayment{Reason: "wrong account name"}, pilot.Returned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.throughBank(firstTranche, pilot.OutcomeUnknown)
			due := d.awaits(firstTranche, pilot.AwaitClearing).Due
			d.until(due.AddDays(1).At(9, 0))
			if turn := d.awaits(firstTranche, pilot.AwaitClearing); !turn.Escalated || turn.Due != calendar.On(2018, 1, 8) {
				t.Errorf("15 working days after 2017-12-15: %+v", turn)
			}
			d.do(zhuanglang.CountyFinance, firstTranche, test.command, test.payload)
			if got := d.stage(firstTranche); got != test.stage {
				t.Errorf("stage %s, want %s", got, test.stage)
			}
		})
	}
}

func TestRulesOfRelease(t *testing.T) {
	t.Parallel()
	interested := func(who string, interests ...string) func(*desk) {
		return func(d *desk) {
			a := d.people[who]
			a.Interests = interests
			d.people[who] = a
		}
	}
	data := zhuanglang.Read()
	payee, evaluator := data.Projects[0].Organization.CreditCode, data.Evaluator.CreditCode
	release := &pilot.ReleasePayment{}
	checkRules(t, map[string]ruleCase{
		"an officer with an interest in the payee stands aside": {
			(*desk).signed, interested(zhuanglang.CountyFinance, payee), zhuanglang.CountyFinance, firstTranche, "release", release, "conflict-of-interest",
		},
		"a checker with an interest in the payee stands aside": {
			(*desk).signed, func(d *desk) {
				d.do(zhuanglang.CountyFinance, firstTranche, "release", release)
				interested(zhuanglang.CountyApprover, payee)(d)
			}, zhuanglang.CountyApprover, firstTranche, "release", release, "conflict-of-interest",
		},
		"an officer with an interest in the evaluator stands aside": {
			(*desk).signed, interested(zhuanglang.CountyFinance, evaluator), zhuanglang.CountyFinance, firstTranche, "release", release, "conflict-of-interest",
		},
		"somebody of the evaluator's own stands aside": {
			(*desk).signed, func(d *desk) {
				a := d.people[zhuanglang.CountyFinance]
				a.Organization = evaluator
				d.people[zhuanglang.CountyFinance] = a
			}, zhuanglang.CountyFinance, firstTranche, "release", release, "conflict-of-interest",
		},
		"an interest in another organization is none here": {
			(*desk).signed, interested(zhuanglang.CountyFinance, data.Projects[1].Organization.CreditCode), zhuanglang.CountyFinance, firstTranche, "release", release, "",
		},
		"before the window opens a payment can be given up": {
			(*desk).signed, func(d *desk) { d.on(calendar.On(2018, 1, 13)); d.released(firstTranche) },
			zhuanglang.CountyFinance, firstTranche, "void", &pilot.VoidPayment{Reason: "r"}, "",
		},
		"nothing is paid before the window opens": {
			(*desk).signed, func(d *desk) { d.on(calendar.On(2018, 1, 13)); d.released(firstTranche) },
			zhuanglang.CountyFinance, firstTranche, "confirm", &pilot.ConfirmPayment{Voucher: "V", Slip: file}, "wrong-stage",
		},
	})
}

// Released on a day off, a payment goes out on the next working day by itself.
func TestPaymentsGoOutOnWorkingDays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		released, out calendar.Date
	}{
		"released on a Monday: the same day":                     {calendar.On(2018, 1, 8), calendar.On(2018, 1, 8)},
		"released on a Saturday: on Monday":                      {calendar.On(2018, 1, 13), calendar.On(2018, 1, 15)},
		"released on a Sunday that is worked: the same day":      {calendar.On(2018, 2, 11), calendar.On(2018, 2, 11)},
		"released on the first day of Spring Festival: after it": {calendar.On(2018, 2, 15), calendar.On(2018, 2, 22)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.on(test.released)
			d.released(firstTranche)
			if test.released != test.out {
				d.until(test.out.AddDays(-1).At(23, 59))
				if got := d.stage(firstTranche); got != pilot.Window {
					t.Errorf("on the eve of %s: %s", test.out, got)
				}
				d.on(test.out)
			}
			if got := d.stage(firstTranche); got != pilot.Confirmation {
				t.Errorf("on %s: %s", test.out, got)
			}
		})
	}
}

// Posted by voucher on Monday 2018-01-08; ten working days end with 2018-01-22.
func TestAPaymentIsFinalOnceItsTimeHasPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.until(calendar.On(2018, 1, 22).At(23, 59))
	if got := d.stage(firstTranche); got != pilot.Posted || d.project1().Tranches[0].Final {
		t.Errorf("on the last day: %s", got)
	}
	d.on(calendar.On(2018, 1, 23))
	if got := d.stage(firstTranche); got != pilot.Final || !d.project1().Tranches[0].Final {
		t.Errorf("afterwards: %s, the project was told: %t", got, d.project1().Tranches[0].Final)
	}
	if got := refusal(t, d.try(zhuanglang.CountyFinance, firstTranche, "return-payment", &pilot.ReturnPayment{Reason: "r"})); got != "wrong-stage" {
		t.Errorf("a final payment comes back: %q", got)
	}
}

// Where a bank paid, it is asked before a payment is final.
func TestTheBankIsAskedBeforeItsPaymentIsFinal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  pilot.BankOutcome
		refused domain.Code
		stage   pilot.Stage
	}{
		"it stayed: final":                      {pilot.BankPaid, "", pilot.Final},
		"it came back: returned":                {pilot.SentBack, "", pilot.Returned},
		"a refusal is no news of what was paid": {pilot.BankRefused, "already-recorded", pilot.Posted},
		"nor is not to know it":                 {pilot.Unheard, "already-recorded", pilot.Posted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.onGolden("first_tranche")
			d.throughBank(firstTranche, pilot.BankPaid)
			d.quiet = true
			d.on(calendar.On(2018, 1, 23))
			if duties := d.payment(firstTranche).Duties; len(duties) == 0 || duties[len(duties)-1] != (pilot.Duty{Key: pilot.Inquire, Subject: "final"}) {
				t.Fatalf("owed: %v", duties)
			}
			if got := refusal(t, d.bank(firstTranche, test.answer)); got != test.refused {
				t.Errorf("answer %q, want %q", got, test.refused)
			}
			d.quiet = false
			d.work()
			if got := d.stage(firstTranche); got != test.stage {
				t.Errorf("stage %s, want %s", got, test.stage)
			}
			if d.sum() != 0 {
				t.Errorf("sum %s", d.sum())
			}
		})
	}
}

// The first tranche is 126,000.00; the bank sends it back after it was posted.
func TestMoneyThatComesBackIsTakenOutOfTheBooksAndPaidAgain(t *testing.T) {
	t.Parallel()
	second := payment("1", "1", "2")
	for name, test := range map[string]struct {
		before                       func(*desk)
		accepted, bookedAgain        money.Fen
		advance, disallowed, transit money.Fen
		again                        bool
	}{
		"nothing was spent": {func(*desk) {}, 0, 0, 0, 0, 12600000, true},
		"what was spent of it is accepted still, and covered by the next payment": {func(d *desk) {
			d.on(calendar.On(2018, 1, 10))
			d.account(0, dated(invoice("I-1000", "service", 6000000), calendar.On(2018, 1, 9)))
		}, 6000000, 6000000, 0, 0, 12600000, true},
		"more was accepted than was paid": {func(d *desk) {
			d.on(calendar.On(2018, 1, 10))
			for _, line := range []pilot.Invoice{invoice("I-1000", "service", 6000000), invoice("I-1001", "training", 6000000), invoice("I-1002", "materials", 3000000)} {
				d.account(0, dated(line, calendar.On(2018, 1, 9)))
			}
		}, 15000000, 12600000, 0, 0, 12600000, true},
		"it was claimed back already: finance enters it there": {func(d *desk) {
			d.do(zhuanglang.CountyFinance, project("1"), "record-diversion", &pilot.RecordDiversion{Fen: 10000000, Finding: "f", Evidence: []string{file}})
		}, 0, 0, 2600000, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			test.before(d)
			d.do(zhuanglang.CountyFinance, firstTranche, "return-payment", &pilot.ReturnPayment{Reason: "account closed"})
			owner := project("1").ID
			if d.balance(owner, pilot.Advance) != test.advance || d.balance(owner, pilot.Transit) != test.transit || d.sum() != 0 {
				t.Errorf("advanced %s, in transit %s, sum %s", d.balance(owner, pilot.Advance), d.balance(owner, pilot.Transit), d.sum())
			}
			if accepted := sum(d.project1().Accepted); accepted != test.accepted {
				t.Errorf("accepted %s, want %s", accepted, test.accepted)
			}
			if _, again := d.states[second]; again != test.again {
				t.Fatalf("paid again: %t", again)
			}
			if test.again {
				d.pay(second)
				if got := sum(d.project1().Booked); got != test.bookedAgain || d.project1().PaidFen != 12600000 {
					t.Errorf("%s of %s is accounted for, want %s", got, d.project1().PaidFen, test.bookedAgain)
				}
			}
			d.noOverdraft()
		})
	}
}

// dated is a receipt of another day.
func dated(receipt pilot.Invoice, on calendar.Date) pilot.Invoice {
	receipt.On = on
	return receipt
}

func sum(byKind map[string]money.Fen) (all money.Fen) {
	for _, fen := range byKind {
		all += fen
	}
	return all
}

// noOverdraft holds the whole ledger against the chart.
func (d *desk) noOverdraft() {
	d.t.Helper()
	for account, fen := range d.balances {
		if kind, _ := pilot.KindOfAccount(account.Name); kind.Source != (fen < 0) && fen != 0 {
			d.t.Errorf("%s of %s stands at %s", account.Name, account.Owner, fen)
		}
	}
}

// The news that a payment was posted and that it came back can reach the payer at once, as the latter.
func TestMoneyThatCameBackBeforeThePayerHeardOfItIsPaidAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at          func(*desk) *desk
		first, next pilot.Ref
		holds       pilot.Account
		fen         money.Fen
	}{
		"a tranche":           {(*desk).signed, firstTranche, payment("1", "1", "2"), pilot.Account{Owner: id + ".1", Name: pilot.Advance}, 12600000},
		"the evaluator's fee": {(*desk).closed, contract, pilot.Ref{Kind: pilot.PaymentKind, ID: id + ".e.2"}, pilot.Account{Owner: id + ".e", Name: pilot.Spent}, 6000000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := test.at(newDesk(t))
			d.released(test.first)
			d.quiet = true
			d.do(zhuanglang.CountyFinance, test.first, "confirm", &pilot.ConfirmPayment{Voucher: "V", Slip: file})
			d.do(zhuanglang.CountyFinance, test.first, "return-payment", &pilot.ReturnPayment{Reason: "r"})
			p := d.payment(test.first)
			d.do(domain.Workflow.ID, p.Payer, "record-payment", p.Ending())
			for _, duty := range slices.Clone(p.Duties) {
				d.do(domain.Workflow.ID, test.first, "discharge", &pilot.Discharge{Duty: duty})
			}
			d.quiet = false
			d.work()
			d.noOverdraft()
			if got := d.balances[test.holds]; got != 0 {
				t.Errorf("%s holds %s", test.holds.Name, got)
			}
			d.pay(test.next)
			if got := d.balances[test.holds]; got != test.fen || d.sum() != 0 {
				t.Errorf("%s holds %s, want %s", test.holds.Name, got, test.fen)
			}
			d.noOverdraft()
		})
	}
}

// The evaluator's 60,000.00 come back after they were posted, and are paid again.
func TestTheEvaluatorsMoneyThatComesBackIsPaidAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed()
	d.pay(contract)
	d.do(zhuanglang.CountyFinance, contract, "return-payment", &pilot.ReturnPayment{Reason: "r"})
	if got := d.balance(id+".e", pilot.Spent); got != 0 || d.balance(id+".e", pilot.Transit) != 6000000 {
		t.Errorf("spent %s, in transit %s", got, d.balance(id+".e", pilot.Transit))
	}
	if got := d.stage(thePilot); got != pilot.Evaluation {
		t.Errorf("the pilot is in %s", got)
	}
	d.pay(pilot.Ref{Kind: pilot.PaymentKind, ID: id + ".e.2"})
	if got := d.balance(id+".e", pilot.Spent); got != 6000000 || d.sum() != 0 {
		t.Errorf("spent %s, sum %s", got, d.sum())
	}
}

// A closed project waits for its payments to be final; the pilot does not.
func TestAClosedProjectKeepsAnEyeOnItsLastPayments(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed() // on 2019-01-31, the last tranches posted on 2019-01-02: final with 2019-01-16
	if got := len(pilot.RecordOf(d.project1()).Turns); got != 0 {
		t.Errorf("final since 2019-01-16, %d waits are open", got)
	}
	d = newDesk(t).settlement()
	d.settle(0, 0)
	last := payment("1", "3", "1")
	d.pay(last)
	d.do(zhuanglang.EvaluatorPerson, project("1"), "close", &pilot.CloseProject{Opinion: "closed"})
	d.awaits(project("1"), pilot.AwaitFinality)
	if _, told := d.pilot().Ends[project("1").ID]; !told {
		t.Error("the pilot was not told of the end")
	}
	d.do(zhuanglang.CountyFinance, last, "return-payment", &pilot.ReturnPayment{Reason: "r"})
	d.pay(payment("1", "3", "2"))
	if got := d.balance(project("1").ID, pilot.Advance); got != 0 || sum(d.project1().Booked) != 21000000 {
		t.Errorf("advanced %s, accounted for %s", got, sum(d.project1().Booked))
	}
	d.on(calendar.On(2019, 3, 1))
	if turns := pilot.RecordOf(d.project1()).Turns; len(turns) != 0 {
		t.Errorf("still open: %v", turns)
	}
}

// Money that came home through the bank after it was claimed back holds up no end.
func TestAProjectWhoseMoneyCameHomeComesToItsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.do(zhuanglang.CountyFinance, project("1"), "record-diversion", &pilot.RecordDiversion{Fen: 10000000, Finding: "f", Evidence: []string{file}})
	d.do(zhuanglang.CountyFinance, firstTranche, "return-payment", &pilot.ReturnPayment{Reason: "r"})
	d.on(calendar.On(2018, 2, 28))
	for _, key := range []string{"M1", "M2", "M3", "M4"} {
		d.milestone(key)
	}
	d.do(organization1, project("1"), "report-midterm", &pilot.ReportMidTerm{Report: file, Summary: "s"})
	d.do(zhuanglang.EvaluatorPerson, project("1"), "judge-midterm", &pilot.JudgeMidTerm{Outcome: pilot.Pass, Score: 85, Reason: "r"})
	d.pay(payment("1", "2", "1"))
	d.onGolden("final_report")
	d.do(organization1, project("1"), "submit-final-report", &pilot.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	d.do(zhuanglang.EvaluatorPerson, project("1"), "judge-final", &pilot.JudgeFinal{Outcome: pilot.Pass, Score: 92, Reason: "good"})
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, project("1"), "accept-settlement", &pilot.AcceptSettlement{})
	p := d.project1()
	d.do(zhuanglang.CountyFinance, project("1"), "record-refund", &pilot.RecordRefund{Fen: p.RefundDue, Voucher: "R", Slip: file})
	d.do(zhuanglang.EvaluatorPerson, project("1"), "close", &pilot.CloseProject{Opinion: "o"})
	d.on(calendar.On(2019, 6, 1))
	if turns := pilot.RecordOf(d.project1()).Turns; len(turns) != 0 {
		t.Errorf("a closed project waits for %v", turns)
	}
	d.noOverdraft()
}

// Two thirds of the story: 189,000.00 paid, 180,000.00 accepted, 9,000.00 to be returned.
// The second tranche comes back meanwhile.
func TestNoRefundIsBookedOfMoneyThatIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t).midTerm()
	d.onGolden("final_report")
	for _, key := range []string{"M3", "M4"} {
		d.milestone(key)
	}
	second := payment("1", "2", "1")
	d.pay(second)
	d.do(organization1, project("1"), "submit-final-report", &pilot.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	d.do(zhuanglang.EvaluatorPerson, project("1"), "judge-final", &pilot.JudgeFinal{Outcome: pilot.Pass, Score: 92, Reason: "good"})
	d.settle(0, 3000000)
	if got := d.project1().RefundDue; got != 900000 {
		t.Fatalf("to be returned: %s", got)
	}
	d.do(zhuanglang.CountyFinance, second, "return-payment", &pilot.ReturnPayment{Reason: "r"})
	for _, try := range []struct {
		command string
		payload pilot.Payload
	}{
		{"record-refund", &pilot.RecordRefund{Fen: 900000, Voucher: "R", Slip: file}},
		{"demand-refund", &pilot.DemandRefund{Reason: "r"}},
	} {
		if got := refusal(t, d.try(zhuanglang.CountyFinance, project("1"), try.command, try.payload)); got != "payment-under-way" {
			t.Errorf("%s: %q", try.command, got)
		}
		d.noOverdraft()
	}
	d.pay(payment("1", "2", "2"))
	d.do(zhuanglang.CountyFinance, project("1"), "record-refund", &pilot.RecordRefund{Fen: 900000, Voucher: "R", Slip: file})
	d.noOverdraft()
}

// The bank was asked whether the money stayed and does not say: finance finds out.
func TestABankThatDoesNotSayWhetherTheMoneyStayedLeavesATaskToFinance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		command string
		payload pilot.Payload
		want    pilot.Stage
	}{
		"by slip, it is final":      {"confirm", &pilot.ConfirmPayment{Voucher: "V-1", Slip: file}, pilot.Final},
		"it came back all the same": {"return-payment", &pilot.ReturnPayment{Reason: "r"}, pilot.Returned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			first := payment("1", "1", "1")
			d.throughBank(first, pilot.BankPaid)
			d.on(d.awaits(first, pilot.AwaitPaymentEnd).Due.AddDays(1))
			asked := d.awaits(first, pilot.AwaitFinalAnswer)
			d.on(asked.Due.AddDays(1))
			if !d.awaits(first, pilot.AwaitFinalAnswer).Escalated {
				t.Error("nobody was told that the bank keeps silent")
			}
			d.do(zhuanglang.CountyFinance, first, test.command, test.payload)
			if got := d.stage(first); got != test.want {
				t.Errorf("the payment is %s, want %s", got, test.want)
			}
		})
	}
}
