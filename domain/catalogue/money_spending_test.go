package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/project"
)

// of returns the receipt as paid from the given source of money.
func of(source project.MoneySource, receipt project.Invoice) project.Invoice {
	receipt.Source = source
	return receipt
}

// inMay takes the first project to 2018-05-02, during its rollout and the day after the date of its receipts.
func (d *desk) inMay() *desk {
	d.rollout().on(calendar.On(2018, 5, 2))
	return d
}

func (d *desk) report(i int, receipts ...project.Invoice) {
	d.t.Helper()
	d.do(zhuanglang.OrganizationPerson(d.data.Projects[i].Code), projectRef(n(i)), "report-spending", &project.ReportSpending{Receipts: receipts})
}

// The first project's budget has 60,000.00 for services, 30,000.00 for materials and 60,000.00 for training, but no line for cattle.
func TestRulesOfSpending(t *testing.T) {
	t.Parallel()
	unstored := invoice("I-1000", "service", 100)
	unstored.File = "00"
	after := func(before func(*desk), want domain.Code, receipts ...project.Invoice) ruleCase {
		return ruleCase{(*desk).inMay, before, organization1, projectRef("1"), "report-spending", &project.ReportSpending{Receipts: receipts}, want}
	}
	reporting := func(want domain.Code, receipts ...project.Invoice) ruleCase { return after(nil, want, receipts...) }
	accounted := func(fen money.Fen) func(*desk) {
		return func(d *desk) { d.account(0, invoice("I-1000", "service", fen)) }
	}
	checkRules(t, map[string]ruleCase{
		"a whole line may be spent":                        reporting("", invoice("I-1000", "service", 6000000)),
		"a fen above the line may not":                     reporting("over-line", invoice("I-1000", "service", 6000001)),
		"several receipts of a line count together":        reporting("over-line", invoice("I-1000", "service", 3000000), invoice("I-1001", "service", 3000001)),
		"several reports of a line count together":         after(accounted(6000000), "over-line", invoice("I-1001", "service", 1)),
		"what matching funds pay does not use up the line": reporting("", invoice("I-1000", "service", 6000000), of(project.FromMatching, invoice("I-1001", "service", 100))),
		"what was disallowed does not use up the line": after(func(d *desk) {
			d.report(0, invoice("I-1000", "service", 6000000))
			d.do(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1, Disallowed: []project.Disallowance{{Invoice: "I-1000", Reason: "r"}}})
		}, "", invoice("I-1001", "service", 6000000)),
		"a kind of the programme that the budget has no line for": after(func(d *desk) {
			p := d.project1()
			p.Proposal.Budget = p.Proposal.Budget[1:] // without services
		}, "not-in-budget", invoice("I-1000", "service", 1)),
		"a kind that the programme does not know":                reporting("unknown-spending", invoice("I-1000", "cattle", 1)),
		"cattle may not be bought, not even with matching funds": reporting("forbidden-spending", of(project.FromMatching, invoice("I-1000", "planting_breeding", 1))),
		"an invoice is accounted for once in a report":           reporting("duplicate", invoice("I-1000", "service", 1), invoice("i-1000", "training", 1)),
		"an invoice is accounted for once in a project":          after(accounted(1), "receipt-reported", invoice("I-1000", "service", 1)),
		"a hyphen does not make another invoice":                 reporting("duplicate", invoice("I-1000", "service", 1), invoice("I1000", "service", 1)),
		"a receipt dated today is accepted":                      reporting("", dated(invoice("I-1000", "service", 1), calendar.On(2018, 5, 2))),
		"a receipt dated tomorrow is refused":                    reporting("future-day", dated(invoice("I-1000", "service", 1), calendar.On(2018, 5, 3))),
		"a receipt from the day of the agreement is accepted":    reporting("", dated(invoice("I-1000", "service", 1), calendar.On(2017, 12, 15))),
		"a receipt from before the agreement is refused":         reporting("before-agreement", dated(invoice("I-1000", "service", 1), calendar.On(2017, 12, 14))),
		"a receipt must have been uploaded":                      reporting("no-such-file", unstored),
		"a report can say that nothing was spent":                reporting(""),
		"nothing is spent before the first money arrives": {
			(*desk).signed, nil, organization1, projectRef("1"), "report-spending", &project.ReportSpending{}, "wrong-stage",
		},
	})
}

func TestAForbiddenKindIsRefusedWithItsSource(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	err := d.try(organization1, projectRef("1"), "report-spending", &project.ReportSpending{Receipts: []project.Invoice{invoice("I-1000", "planting_breeding", 1)}})
	refused, _ := domain.Refused(err)
	if refused == nil || refused.Args["source"] != "中央财政支持社会组织参与社会服务项目实施方案" || refused.Field != "receipts[0].kind" {
		t.Errorf("%+v", refused)
	}
}

func TestARefusedReceiptNamesTheReportThatHoldsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	d.account(0, invoice("I-1000", "service", 1))
	d.account(0, invoice("I-1001", "service", 1))
	err := d.try(organization1, projectRef("1"), "report-spending", &project.ReportSpending{Receipts: []project.Invoice{invoice("I1001", "training", 1)}})
	refused, _ := domain.Refused(err)
	if refused == nil || refused.What().ZH != "票据“I1001”已列入第2号支出报告" || refused.Field != "receipts[0].invoice" {
		t.Errorf("%+v", refused)
	}
}

func TestRulesOfJudgingSpending(t *testing.T) {
	t.Parallel()
	judge := func(report int, disallowed ...string) *project.JudgeSpending {
		j := &project.JudgeSpending{Report: report}
		for _, number := range disallowed {
			j.Disallowed = append(j.Disallowed, project.Disallowance{Invoice: number, Reason: "r"})
		}
		return j
	}
	reported := func(receipts ...project.Invoice) func(*desk) {
		return func(d *desk) { d.report(0, receipts...) }
	}
	reused := func(d *desk) {
		d.report(1, invoice("I-1000", "service", 100))
		d.report(0, invoice("i1000", "service", 100), invoice("I-1001", "service", 100))
	}
	finance, first := zhuanglang.CountyFinance, projectRef("1")
	checkRules(t, map[string]ruleCase{
		"a report is judged as a whole":      {(*desk).inMay, reported(invoice("I-1000", "service", 100)), finance, first, "judge-spending", judge(1), ""},
		"a report that was judged is closed": {(*desk).inMay, func(d *desk) { d.account(0, invoice("I-1000", "service", 100)) }, finance, first, "judge-spending", judge(1), "already-judged"},
		"an empty report needs no judgement": {(*desk).inMay, reported(), finance, first, "judge-spending", judge(1), "already-judged"},
		"a report that does not exist":       {(*desk).inMay, reported(invoice("I-1000", "service", 100)), finance, first, "judge-spending", judge(2), "no-such-report"},
		"only the report's own receipts can be disallowed": {
			(*desk).inMay, reported(invoice("I-1000", "service", 100)), finance, first, "judge-spending", judge(1, "I-1001"), "no-such-receipt",
		},
		"a receipt is disallowed once": {
			(*desk).inMay, reported(invoice("I-1000", "service", 100)), finance, first, "judge-spending", judge(1, "I-1000", "i-1000"), "no-such-receipt",
		},
		"a receipt of another project is not accepted":          {(*desk).inMay, reused, finance, first, "judge-spending", judge(1), "receipt-reused"},
		"a receipt of another project is disallowed":            {(*desk).inMay, reused, finance, first, "judge-spending", judge(1, "I-1000"), ""},
		"the first project to report a receipt has it accepted": {(*desk).inMay, reused, finance, projectRef("2"), "judge-spending", judge(1), ""},
		"no more entrusted money is spent than is held": {
			(*desk).inMay, func(d *desk) {
				d.entrust("D", 500000)
				d.report(0, of(project.FromEntrusted, invoice("I-1000", "materials", 500001)))
			}, finance, first, "judge-spending", judge(1), "over-entrusted",
		},
		"all the entrusted money may be spent": {
			(*desk).inMay, func(d *desk) {
				d.entrust("D", 500000)
				d.report(0, of(project.FromEntrusted, invoice("I-1000", "materials", 500000)))
			}, finance, first, "judge-spending", judge(1), "",
		},
		"the organization does not judge its own spending": {
			(*desk).inMay, reported(invoice("I-1000", "service", 100)), organization1, first, "judge-spending", judge(1), "wrong-role",
		},
	})
}

// entrust records entrusted money for the first project.
func (d *desk) entrust(voucher string, fen money.Fen) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, projectRef("1"), "record-entrusted", &project.RecordEntrusted{Donor: "基金会", Purpose: "p", Fen: fen, Voucher: voucher, Slip: file})
}

// An invoice used in two projects is flagged in the second, regardless of case and hyphens in its number.
func TestAnInvoiceIsUniqueOverAllProjects(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	d.report(1, invoice("FP-2018-77", "service", 100))
	d.report(0, invoice("fp201877", "service", 100), invoice("FP-2018-78", "service", 100))
	slips := d.project1().Statements[0].Receipts
	if slips[0].ReusedBy != projectRef("2").ID || slips[1].ReusedBy != "" {
		t.Errorf("flagged: %q, %q", slips[0].ReusedBy, slips[1].ReusedBy)
	}
	if d.project(1).Statements[0].Receipts[0].ReusedBy != "" {
		t.Error("the first one is flagged")
	}
	if got := d.project1().Claims(); !slices.Equal(got, []string{"receipt:FP201878"}) {
		t.Errorf("claims %v", got)
	}
}

// The first tranche is 126,000.00. Accepted spending above that amount is booked with the next payment.
func TestAcceptedSpendingIsBookedAsFarAsMoneyWasPaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	owner := projectRef("1").ID
	spent := func(kind string) money.Fen {
		return d.balances[ledger.Account{Owner: owner, Name: ledger.Spent, Category: kind}]
	}
	d.account(0, invoice("I-1000", "service", 6000000), invoice("I-1001", "training", 6000000), invoice("I-1002", "materials", 3000000))
	if spent("service") != 6000000 || spent("materials") != 3000000 || spent("training") != 3600000 || d.balance(owner, ledger.Advance) != 0 {
		t.Errorf("126,000.00 in the budget's order: services %s, materials %s, training %s, left %s",
			spent("service"), spent("materials"), spent("training"), d.balance(owner, ledger.Advance))
	}
	d.on(calendar.On(2018, 6, 15))
	d.milestone("M1")
	d.milestone("M2")
	d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "r"})
	d.pay(paymentRef("1", "2", "1")) // 63,000.00
	if spent("training") != 6000000 || d.balance(owner, ledger.Advance) != 3900000 {
		t.Errorf("after the second tranche: training %s, left %s", spent("training"), d.balance(owner, ledger.Advance))
	}
	d.noOverdraft()
}

func TestMatchingAndEntrustedMoneyAreBookedApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t).inMay()
	owner := projectRef("1").ID
	d.entrust("D-1", 1000000)
	d.account(
		0, of(project.FromMatching, invoice("I-1000", "service", 200000)), of(project.FromInKind, invoice("I-1001", "service", 300000)),
		of(project.FromEntrusted, invoice("I-1002", "materials", 400000)),
	)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "return-entrusted", &project.ReturnEntrusted{Fen: 600000, Voucher: "D-2", Slip: file})
	for account, want := range map[ledger.Account]money.Fen{
		{Owner: owner, Name: ledger.Matching}:                              -500000,
		{Owner: owner, Name: ledger.MatchingPaid, Category: "service"}:     200000,
		{Owner: owner, Name: ledger.MatchingInKind, Category: "service"}:   300000,
		{Owner: owner, Name: ledger.Entrusted}:                             -1000000,
		{Owner: owner, Name: ledger.EntrustedSpent, Category: "materials"}: 400000,
		{Owner: owner, Name: ledger.EntrustedReturned}:                     600000,
		{Owner: owner, Name: ledger.EntrustedHeld}:                         0,
		{Owner: owner, Name: ledger.Advance}:                               12600000,
	} {
		if got := d.balances[account]; got != want {
			t.Errorf("%s: %s, want %s", account.Name, got, want)
		}
	}
	for _, book := range []ledger.MoneyBook{ledger.GrantBook, ledger.MatchingBook, ledger.EntrustedBook} {
		var sum money.Fen
		for account, fen := range d.balances {
			if kind, _ := ledger.KindOfAccount(account.Name); kind.Book == book {
				sum += fen
			}
		}
		if sum != 0 {
			t.Errorf("the %s book sums to %s", book, sum)
		}
	}
}

func TestRulesOfEntrustedMoney(t *testing.T) {
	t.Parallel()
	finance, first := zhuanglang.CountyFinance, projectRef("1")
	held := func(d *desk) { d.entrust("D-1", 1000000) }
	terminated := func(d *desk) {
		held(d)
		d.do(zhuanglang.CountyApprover, first, "terminate", &project.Terminate{Reason: "r"})
	}
	back := func(fen money.Fen, voucher string) *project.ReturnEntrusted {
		return &project.ReturnEntrusted{Fen: fen, Voucher: voucher, Slip: file}
	}
	taking := &project.RecordEntrusted{Donor: "基金会", Purpose: "p", Fen: 1, Voucher: "D-1", Slip: file}
	unstored := &project.RecordEntrusted{Donor: "基金会", Purpose: "p", Fen: 1, Voucher: "D-3", Slip: "00"}
	checkRules(t, map[string]ruleCase{
		"no more goes back to the donor than is held":        {(*desk).inMay, held, finance, first, "return-entrusted", back(1000001, "D-2"), "over-entrusted"},
		"all of it goes back to the donor":                   {(*desk).inMay, held, finance, first, "return-entrusted", back(1000000, "D-2"), ""},
		"its voucher is entered once":                        {(*desk).inMay, held, finance, first, "record-entrusted", taking, "duplicate-voucher"},
		"the return has a voucher of its own":                {(*desk).inMay, held, finance, first, "return-entrusted", back(1, "D-1"), "duplicate-voucher"},
		"its slip must have been uploaded":                   {(*desk).inMay, nil, finance, first, "record-entrusted", unstored, "no-such-file"},
		"a terminated project gives entrusted money back":    {(*desk).inMay, terminated, finance, first, "return-entrusted", back(1000000, "D-2"), ""},
		"a terminated project takes no more entrusted money": {(*desk).inMay, terminated, finance, first, "record-entrusted", &project.RecordEntrusted{Donor: "d", Purpose: "p", Fen: 1, Voucher: "D-9", Slip: file}, "wrong-stage"},
		"nothing is settled while some of it is left": {
			(*desk).settlement, held, organization1, first, "submit-settlement", &project.SubmitSettlement{Account: file, MarkPhotos: []string{file}}, "entrusted-left",
		},
	})
}

// The rollout began on 2018-01-08; spending must be reported every three months.
func TestSpendingIsReportedEveryThreeMonthsAndCheckedInTenWorkingDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	first := projectRef("1")
	if got, want := d.awaits(first, project.AwaitSpendingReport).Due, calendar.On(2018, 4, 8); got != want {
		t.Errorf("first report due %s, want %s", got, want)
	}
	d.on(calendar.On(2018, 5, 2)) // late
	if turn := d.awaits(first, project.AwaitSpendingReport); !turn.Escalated {
		t.Error("the overdue report was not escalated")
	}
	d.report(0, invoice("I-1000", "service", 100))
	if got, want := d.awaits(first, project.AwaitSpendingReport).Due, calendar.On(2018, 8, 2); got != want {
		t.Errorf("next report due %s, want %s", got, want)
	}
	if got, want := d.awaits(first, project.AwaitSpendingCheck).Due, calendar.On(2018, 5, 16); got != want {
		t.Errorf("to be judged by %s, want %s", got, want)
	}
}
