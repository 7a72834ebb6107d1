package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

var (
	firstTranche = paymentRef("1", "1", "1")
	contract     = flow.Ref{Kind: payment.Kind, ID: id + ".e.1"}
)

// released has two officers release a payment.
func (d *desk) released(ref flow.Ref) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, ref, "release", &payment.ReleasePayment{})
	d.do(zhuanglang.CountyApprover, ref, "release", &payment.ReleasePayment{})
}

// bank records the bank's response about a payment.
func (d *desk) bank(ref flow.Ref, outcome payment.BankOutcome) error {
	answer := payment.BankAnswer{Outcome: outcome}
	if outcome == payment.BankPaid || outcome == payment.Pending {
		answer.Number = "B-" + ref.ID
	}
	return d.try(domain.Workflow.ID, ref, "record-instruction", &payment.RecordInstruction{Gateway: "http", Answer: answer})
}

// throughBank releases a payment and records responses of a bank, instead of a payment by hand.
func (d *desk) throughBank(ref flow.Ref, outcomes ...payment.BankOutcome) {
	d.t.Helper()
	for i, outcome := range outcomes {
		d.quiet = i == 0 // the bank's first response takes the place of the officer's payment by hand
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

func (d *desk) payment(ref flow.Ref) *payment.Payment { return d.states[ref].(*payment.Payment) }

func (d *desk) balance(owner, account string) money.Fen {
	return d.balances[ledger.Account{Owner: owner, Name: account}]
}

// The first tranche of 210,000.00 is 126,000.00.
func TestWhatTheBankAnswersDecidesAboutThePayment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers          []payment.BankOutcome
		stage            flow.Stage
		unknown          bool
		transit, advance money.Fen
		attempts         int
	}{
		"paid at once: posted":                        {[]payment.BankOutcome{payment.BankPaid}, payment.Posted, false, 0, 12600000, 1},
		"taken: it clears":                            {[]payment.BankOutcome{payment.Pending}, payment.Clearing, false, 12600000, 0, 1},
		"taken, and said so twice: it clears":         {[]payment.BankOutcome{payment.Pending, payment.Pending}, payment.Clearing, false, 12600000, 0, 1},
		"taken, then paid: posted":                    {[]payment.BankOutcome{payment.Pending, payment.BankPaid}, payment.Posted, false, 0, 12600000, 1},
		"taken, then refused: voided, tried again":    {[]payment.BankOutcome{payment.Pending, payment.BankRefused}, payment.Voided, false, 12600000, 0, 2},
		"refused at once: voided, tried again":        {[]payment.BankOutcome{payment.BankRefused}, payment.Voided, false, 12600000, 0, 2},
		"sent back at once: returned, tried again":    {[]payment.BankOutcome{payment.SentBack}, payment.Returned, false, 12600000, 0, 2},
		"sent back before it was posted: returned":    {[]payment.BankOutcome{payment.Pending, payment.SentBack}, payment.Returned, false, 12600000, 0, 2},
		"the answer lost: unknown, the bank is asked": {[]payment.BankOutcome{payment.OutcomeUnknown}, payment.Clearing, true, 12600000, 0, 1},
		"lost, then under way: known again":           {[]payment.BankOutcome{payment.OutcomeUnknown, payment.Pending}, payment.Clearing, false, 12600000, 0, 1},
		"lost, then paid: posted once":                {[]payment.BankOutcome{payment.OutcomeUnknown, payment.BankPaid}, payment.Posted, false, 0, 12600000, 1},
		"lost, then refused: voided":                  {[]payment.BankOutcome{payment.OutcomeUnknown, payment.BankRefused}, payment.Voided, false, 12600000, 0, 2},
		"lost, and the bank knows nothing: unknown":   {[]payment.BankOutcome{payment.OutcomeUnknown, payment.Unheard}, payment.Clearing, true, 12600000, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.throughBank(firstTranche, test.answers...)
			if p := d.payment(firstTranche); p.Stage != test.stage || p.Unknown != test.unknown || p.Gateway != "http" && p.Stage != payment.Voided && p.Stage != payment.Returned {
				t.Errorf("stage %s, unknown %t, by %s", p.Stage, p.Unknown, p.Gateway)
			}
			owner := projectRef("1").ID
			if d.balance(owner, ledger.Transit) != test.transit || d.balance(owner, ledger.Advance) != test.advance || d.sum() != 0 {
				t.Errorf("in transit %s, advanced %s, sum %s", d.balance(owner, ledger.Transit), d.balance(owner, ledger.Advance), d.sum())
			}
			if got := d.project1().Tranches[0].Attempt; got != test.attempts {
				t.Errorf("attempt %d, want %d", got, test.attempts)
			}
		})
	}
}

// If the outcome of an order stays unknown, finance gets the task of recording it.
func TestAnUnknownOutcomeBecomesATaskForFinance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		command string
		payload flow.Payload
		stage   flow.Stage
	}{
		"the slip shows that it was paid":  {"confirm", &payment.ConfirmPayment{Voucher: "V", Slip: file}, payment.Posted},
		"the statement shows it came back": {"return-payment", &payment.ReturnPayment{Reason: "wrong account name"}, payment.Returned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.throughBank(firstTranche, payment.OutcomeUnknown)
			due := d.awaits(firstTranche, payment.AwaitClearing).Due
			d.until(due.AddDays(1).At(9, 0))
			if turn := d.awaits(firstTranche, payment.AwaitClearing); !turn.Escalated || turn.Due != calendar.On(2018, 1, 8) {
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
	release := &payment.ReleasePayment{}
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
		"somebody from the evaluator stands aside": {
			(*desk).signed, func(d *desk) {
				a := d.people[zhuanglang.CountyFinance]
				a.Organization = evaluator
				d.people[zhuanglang.CountyFinance] = a
			}, zhuanglang.CountyFinance, firstTranche, "release", release, "conflict-of-interest",
		},
		"an interest in another organization does not matter": {
			(*desk).signed, interested(zhuanglang.CountyFinance, data.Projects[1].Organization.CreditCode), zhuanglang.CountyFinance, firstTranche, "release", release, "",
		},
		"before the window opens a payment can be given up": {
			(*desk).signed, func(d *desk) { d.on(calendar.On(2018, 1, 13)); d.released(firstTranche) },
			zhuanglang.CountyFinance, firstTranche, "void", &payment.VoidPayment{Reason: "r"}, "",
		},
		"nothing is paid before the window opens": {
			(*desk).signed, func(d *desk) { d.on(calendar.On(2018, 1, 13)); d.released(firstTranche) },
			zhuanglang.CountyFinance, firstTranche, "confirm", &payment.ConfirmPayment{Voucher: "V", Slip: file}, "wrong-stage",
		},
	})
}

// A payment released on a day off is sent automatically on the next working day.
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
				if got := d.stage(firstTranche); got != payment.Window {
					t.Errorf("on the eve of %s: %s", test.out, got)
				}
				d.on(test.out)
			}
			if got := d.stage(firstTranche); got != payment.Confirmation {
				t.Errorf("on %s: %s", test.out, got)
			}
		})
	}
}

// Posted by voucher on Monday 2018-01-08; the ten working days end on 2018-01-22.
func TestAPaymentIsFinalOnceItsTimeHasPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.until(calendar.On(2018, 1, 22).At(23, 59))
	if got := d.stage(firstTranche); got != payment.Posted || d.project1().Tranches[0].Final {
		t.Errorf("on the last day: %s", got)
	}
	d.on(calendar.On(2018, 1, 23))
	if got := d.stage(firstTranche); got != payment.Final || !d.project1().Tranches[0].Final {
		t.Errorf("afterwards: %s, the project was told: %t", got, d.project1().Tranches[0].Final)
	}
	if got := refusal(t, d.try(zhuanglang.CountyFinance, firstTranche, "return-payment", &payment.ReturnPayment{Reason: "r"})); got != "wrong-stage" {
		t.Errorf("a final payment comes back: %q", got)
	}
}

// A payment made through a bank becomes final only after the bank has been asked whether the money was sent back.
func TestTheBankIsAskedBeforeItsPaymentIsFinal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  payment.BankOutcome
		refused domain.Code
		stage   flow.Stage
	}{
		"it stayed: final":                             {payment.BankPaid, "", payment.Final},
		"it came back: returned":                       {payment.SentBack, "", payment.Returned},
		"a refusal does not change a posted payment":   {payment.BankRefused, "already-recorded", payment.Posted},
		"an unknown outcome does not change it either": {payment.Unheard, "already-recorded", payment.Posted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			d.onGolden("first_tranche")
			d.throughBank(firstTranche, payment.BankPaid)
			d.quiet = true
			d.on(calendar.On(2018, 1, 23))
			if duties := d.payment(firstTranche).Duties; len(duties) == 0 || duties[len(duties)-1] != (flow.Duty{Key: payment.Inquire, Subject: "final"}) {
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

// The first tranche is 126,000.00; the bank sends it back after it has been posted.
func TestMoneyThatComesBackIsTakenOutOfTheBooksAndPaidAgain(t *testing.T) {
	t.Parallel()
	second := paymentRef("1", "1", "2")
	for name, test := range map[string]struct {
		before                       func(*desk)
		accepted, bookedAgain        money.Fen
		advance, disallowed, transit money.Fen
		again                        bool
	}{
		"nothing was spent": {func(*desk) {}, 0, 0, 0, 0, 12600000, true},
		"what was spent of it stays accepted, and the next payment covers it": {func(d *desk) {
			d.on(calendar.On(2018, 1, 10))
			d.account(0, dated(invoice("I-1000", "service", 6000000), calendar.On(2018, 1, 9)))
		}, 6000000, 6000000, 0, 0, 12600000, true},
		"more was accepted than was paid": {func(d *desk) {
			d.on(calendar.On(2018, 1, 10))
			for _, line := range []project.Invoice{invoice("I-1000", "service", 6000000), invoice("I-1001", "training", 6000000), invoice("I-1002", "materials", 3000000)} {
				d.account(0, dated(line, calendar.On(2018, 1, 9)))
			}
		}, 15000000, 12600000, 0, 0, 12600000, true},
		"it was claimed back already: finance enters it there": {func(d *desk) {
			d.do(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", &project.RecordDiversion{Fen: 10000000, Finding: "f", Evidence: []string{file}})
		}, 0, 0, 2600000, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			test.before(d)
			d.do(zhuanglang.CountyFinance, firstTranche, "return-payment", &payment.ReturnPayment{Reason: "account closed"})
			owner := projectRef("1").ID
			if d.balance(owner, ledger.Advance) != test.advance || d.balance(owner, ledger.Transit) != test.transit || d.sum() != 0 {
				t.Errorf("advanced %s, in transit %s, sum %s", d.balance(owner, ledger.Advance), d.balance(owner, ledger.Transit), d.sum())
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

// dated returns the receipt with another date.
func dated(receipt project.Invoice, on calendar.Date) project.Invoice {
	receipt.On = on
	return receipt
}

func sum(byKind map[string]money.Fen) (all money.Fen) {
	for _, fen := range byKind {
		all += fen
	}
	return all
}

// noOverdraft checks that no account in the ledger is overdrawn, according to the chart of accounts.
func (d *desk) noOverdraft() {
	d.t.Helper()
	for account, fen := range d.balances {
		if kind, _ := ledger.KindOfAccount(account.Name); kind.Source != (fen < 0) && fen != 0 {
			d.t.Errorf("the balance of %s of %s is %s", account.Name, account.Owner, fen)
		}
	}
}

// The payer may learn that a payment was sent back without ever having received the report that it was posted.
func TestMoneyThatCameBackBeforeThePayerHeardOfItIsPaidAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at          func(*desk) *desk
		first, next flow.Ref
		holds       ledger.Account
		fen         money.Fen
	}{
		"a tranche":           {(*desk).signed, firstTranche, paymentRef("1", "1", "2"), ledger.Account{Owner: id + ".1", Name: ledger.Advance}, 12600000},
		"the evaluator's fee": {(*desk).closed, contract, flow.Ref{Kind: payment.Kind, ID: id + ".e.2"}, ledger.Account{Owner: id + ".e", Name: ledger.Spent}, 6000000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := test.at(newDesk(t))
			d.released(test.first)
			d.quiet = true
			d.do(zhuanglang.CountyFinance, test.first, "confirm", &payment.ConfirmPayment{Voucher: "V", Slip: file})
			d.do(zhuanglang.CountyFinance, test.first, "return-payment", &payment.ReturnPayment{Reason: "r"})
			p := d.payment(test.first)
			d.do(domain.Workflow.ID, p.Payer, "record-payment", catalogue.PaymentReport(p))
			for _, duty := range slices.Clone(p.Duties) {
				d.do(domain.Workflow.ID, test.first, "discharge", &flow.Discharge{Duty: duty})
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

// The evaluator's 60,000.00 are sent back after the payment was posted, and are paid again.
func TestTheEvaluatorsMoneyThatComesBackIsPaidAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed()
	d.pay(contract)
	d.do(zhuanglang.CountyFinance, contract, "return-payment", &payment.ReturnPayment{Reason: "r"})
	if got := d.balance(id+".e", ledger.Spent); got != 0 || d.balance(id+".e", ledger.Transit) != 6000000 {
		t.Errorf("spent %s, in transit %s", got, d.balance(id+".e", ledger.Transit))
	}
	if got := d.stage(thePilot); got != pilot.Evaluation {
		t.Errorf("the pilot is in %s", got)
	}
	d.pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.2"})
	if got := d.balance(id+".e", ledger.Spent); got != 6000000 || d.sum() != 0 {
		t.Errorf("spent %s, sum %s", got, d.sum())
	}
}

// A closed project waits until its payments are final; its pilot does not.
func TestAClosedProjectStillFollowsItsLastPayments(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed() // on 2019-01-31; the last tranches were posted on 2019-01-02 and final on 2019-01-16
	if got := len(flow.RecordOf(d.project1()).Turns); got != 0 {
		t.Errorf("final since 2019-01-16, %d waits are open", got)
	}
	d = newDesk(t).settlement()
	d.settle(0, 0)
	last := paymentRef("1", "3", "1")
	d.pay(last)
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "closed"})
	d.awaits(projectRef("1"), project.AwaitFinality)
	if _, told := d.pilot().Ends[projectRef("1").ID]; !told {
		t.Error("the pilot was not told of the end")
	}
	d.do(zhuanglang.CountyFinance, last, "return-payment", &payment.ReturnPayment{Reason: "r"})
	d.pay(paymentRef("1", "3", "2"))
	if got := d.balance(projectRef("1").ID, ledger.Advance); got != 0 || sum(d.project1().Booked) != 21000000 {
		t.Errorf("advanced %s, accounted for %s", got, sum(d.project1().Booked))
	}
	d.on(calendar.On(2019, 3, 1))
	if turns := flow.RecordOf(d.project1()).Turns; len(turns) != 0 {
		t.Errorf("still open: %v", turns)
	}
}

// Money that the bank sends back after it was claimed back does not delay the end of the project.
func TestAProjectWhoseMoneyCameBackEnds(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-diversion", &project.RecordDiversion{Fen: 10000000, Finding: "f", Evidence: []string{file}})
	d.do(zhuanglang.CountyFinance, firstTranche, "return-payment", &payment.ReturnPayment{Reason: "r"})
	d.on(calendar.On(2018, 2, 28))
	for _, key := range []string{"M1", "M2", "M3", "M4"} {
		d.milestone(key)
	}
	d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "r"})
	d.pay(paymentRef("1", "2", "1"))
	d.onGolden("final_report")
	d.do(organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "good"})
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
	p := d.project1()
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: p.RefundDue, Voucher: "R", Slip: file})
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "o"})
	d.on(calendar.On(2019, 6, 1))
	if turns := flow.RecordOf(d.project1()).Turns; len(turns) != 0 {
		t.Errorf("a closed project waits for %v", turns)
	}
	d.noOverdraft()
}

// The organization was paid 189,000.00, of which 180,000.00 were accepted, so it must return 9,000.00. Meanwhile the bank sends back
// the second tranche.
func TestNoRefundIsBookedOfMoneyThatIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t).midTerm()
	d.onGolden("final_report")
	for _, key := range []string{"M3", "M4"} {
		d.milestone(key)
	}
	second := paymentRef("1", "2", "1")
	d.pay(second)
	d.do(organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "good"})
	d.settle(0, 3000000)
	if got := d.project1().RefundDue; got != 900000 {
		t.Fatalf("to be returned: %s", got)
	}
	d.do(zhuanglang.CountyFinance, second, "return-payment", &payment.ReturnPayment{Reason: "r"})
	for _, try := range []struct {
		command string
		payload flow.Payload
	}{
		{"record-refund", &project.RecordRefund{Fen: 900000, Voucher: "R", Slip: file}},
		{"demand-refund", &project.DemandRefund{Reason: "r"}},
	} {
		if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), try.command, try.payload)); got != "payment-under-way" {
			t.Errorf("%s: %q", try.command, got)
		}
		d.noOverdraft()
	}
	d.pay(paymentRef("1", "2", "2"))
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: 900000, Voucher: "R", Slip: file})
	d.noOverdraft()
}

// The bank was asked whether the money was sent back but does not respond, so finance must find out.
func TestABankThatDoesNotSayWhetherTheMoneyStayedLeavesATaskToFinance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		command string
		payload flow.Payload
		want    flow.Stage
	}{
		"by slip, it is final":      {"confirm", &payment.ConfirmPayment{Voucher: "V-1", Slip: file}, payment.Final},
		"it came back all the same": {"return-payment", &payment.ReturnPayment{Reason: "r"}, payment.Returned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).signed()
			first := paymentRef("1", "1", "1")
			d.throughBank(first, payment.BankPaid)
			d.on(d.awaits(first, payment.AwaitPaymentEnd).Due.AddDays(1))
			asked := d.awaits(first, payment.AwaitFinalAnswer)
			d.on(asked.Due.AddDays(1))
			if !d.awaits(first, payment.AwaitFinalAnswer).Escalated {
				t.Error("the bank's silence was not reported")
			}
			d.do(zhuanglang.CountyFinance, first, test.command, test.payload)
			if got := d.stage(first); got != test.want {
				t.Errorf("the payment is %s, want %s", got, test.want)
			}
		})
	}
}
