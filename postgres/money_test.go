package postgres_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
)

// file returns the SHA-256 of a file that everyone has uploaded.
func (r *record) file(name string) string {
	r.t.Helper()
	sum := sha256.Sum256([]byte(name))
	sha := hex.EncodeToString(sum[:])
	for id := range r.who {
		r.save(postgres.Evidence{SHA256: sha, MediaType: "image/png", Size: 4, Name: name, UploadedBy: id})
	}
	return sha
}

// later advances the clock by an hour.
func (r *record) later() {
	r.t.Helper()
	now, err := r.Now(r.t.Context())
	must(r.t, err)
	r.setClock(now.Add(time.Hour))
}

// pay takes a payment from release to its payee, and informs its project.
func (r *record) pay(project, paymentRef flow.Ref) {
	r.t.Helper()
	const voucher = "2018-0001"
	r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
	r.do(zhuanglang.CountyApprover, "release", paymentRef, &payment.ReleasePayment{})
	r.do(domain.Workflow.ID, "record-instruction", paymentRef, &payment.RecordInstruction{Gateway: payment.ByHandGateway, Answer: payment.BankAnswer{Outcome: payment.ByHand}})
	outcome := r.do(zhuanglang.CountyFinance, "confirm", paymentRef, &payment.ConfirmPayment{Voucher: voucher, Slip: r.file("slip of " + voucher)})
	r.do(domain.Workflow.ID, "record-payment", project, catalogue.PaymentReport(outcome.State.(*payment.Payment)))
}

// rollingOut returns a project that has received its first tranche.
func (r *record) rollingOut() (p, project flow.Ref) {
	r.t.Helper()
	p, project, payment := r.inPayment()
	r.later()
	r.pay(project, payment)
	return p, project
}

func (r *record) receipt(kind string, fen money.Fen, source project.MoneySource, number string) project.Invoice {
	r.t.Helper()
	now, err := r.Now(r.t.Context())
	must(r.t, err)
	return project.Invoice{Kind: kind, Fen: fen, Source: source, Number: number, On: calendar.Of(now), File: r.file("receipt " + number), Title: "物资"}
}

// accounted returns a project with every kind of money: part of its first tranche is spent, part disallowed, and part
// diverted and partly recovered; it also has matching funds and entrusted money. After each step it calls each and
// advances the clock by an hour.
func (r *record) accounted(each func()) (p, projectRef, recoveryRef flow.Ref) {
	r.t.Helper()
	p, projectRef = r.rollingOut()
	organization := zhuanglang.OrganizationPerson(r.demo.Projects[0].Code)
	step := func(actor, name string, ref flow.Ref, payload flow.Payload) postgres.Outcome {
		r.t.Helper()
		each()
		r.later()
		return r.do(actor, name, ref, payload)
	}
	step(zhuanglang.CountyFinance, "record-entrusted", projectRef, &project.RecordEntrusted{Donor: "示例基金会", Purpose: "助学", Fen: 500_000, Voucher: "2018-0100", Slip: r.file("gift")})
	step(organization, "report-spending", projectRef, &project.ReportSpending{Receipts: []project.Invoice{
		r.receipt("materials", 1_000_001, project.FromGrant, "A-0001"), r.receipt("materials", 250_000, project.FromGrant, "A-0002"),
		r.receipt("training", 2_000_000, project.FromGrant, "A-0003"), r.receipt("training", 30_000, project.FromMatching, "A-0004"),
		r.receipt("service", 70_000, project.FromInKind, "A-0005"), r.receipt("materials", 200_000, project.FromEntrusted, "A-0006"),
	}})
	step(zhuanglang.CountyFinance, "judge-spending", projectRef, &project.JudgeSpending{Report: 1, Disallowed: []project.Disallowance{{Invoice: "A-0002", Reason: "与项目无关"}}})
	step(organization, "report-spending", projectRef, &project.ReportSpending{Receipts: []project.Invoice{r.receipt("travel", 40_000, project.FromGrant, "A-0007")}})
	outcome := step(zhuanglang.CountyFinance, "record-diversion", projectRef, &project.RecordDiversion{Fen: 1_800_000, Finding: "挪用", Evidence: []string{r.file("finding")}})
	recoveryRef = flow.Ref{Kind: recovery.Kind, ID: projectRef.ID + ".r1"}
	opening, err := outcome.State.(*project.Project).RecoveryOpening(recoveryRef.ID)
	must(r.t, err)
	step(domain.Workflow.ID, "open", recoveryRef, opening)
	step(zhuanglang.CountyFinance, "record-repayment", recoveryRef, &recovery.RecordRepayment{Fen: 300_000, Voucher: "2018-0200", Slip: r.file("repayment")})
	each()
	return p, projectRef, recoveryRef
}

// standing returns the current balances of a pilot by account, according to Money.
func (r *record) standing(pilotID string) map[postgres.AccountKey]money.Fen {
	r.t.Helper()
	books, err := r.Money(r.t.Context(), pilotID)
	must(r.t, err)
	all := map[postgres.AccountKey]money.Fen{}
	for _, l := range books.Balances {
		all[postgres.AccountKey{Owner: l.Owner, Account: l.Account, Category: l.Category}] = l.Fen
	}
	return all
}

func balances(b postgres.TrialBalance) map[postgres.AccountKey]money.Fen {
	all := map[postgres.AccountKey]money.Fen{}
	for _, a := range b.Accounts {
		all[postgres.AccountKey{Owner: a.Owner, Account: a.Account, Category: a.Category}] = a.BalanceFen
	}
	return all
}

func TestAPastTrialBalanceShowsTheBooksOfThatTime(t *testing.T) {
	t.Parallel()
	r := open(t)
	type moment struct {
		at    time.Time
		books map[postgres.AccountKey]money.Fen
	}
	var moments []moment
	var pilotID string
	p, project, _ := r.accounted(func() {
		if pilotID == "" {
			pilotID = one[string](r, "select id from journal where kind = 'pilot' and seq = 1")
		}
		now, err := r.Now(t.Context())
		must(t, err)
		moments = append(moments, moment{now, r.standing(pilotID)})
	})
	opened := func(owner string) bool {
		return !strings.Contains(owner, ".") || owner == p.ID+".e" || strings.HasPrefix(owner, project.ID)
	}
	if len(moments) != 8 {
		t.Fatalf("%d moments", len(moments))
	}
	for i, m := range moments {
		b, err := r.TrialBalance(t.Context(), postgres.Scope{Pilot: p.ID, Reader: everything}, m.at)
		must(t, err)
		if got := balances(b); !maps.Equal(got, m.books) {
			t.Errorf("moment %d: %v, want %v", i, got, m.books)
		}
		sums := map[string]money.Fen{}
		for _, a := range b.Accounts {
			if a.BalanceFen != a.DebitFen-a.CreditFen || a.Title.ZH == "" || opened(a.Owner) && (a.OwnerName.ZH == "" || a.OwnerName.EN == "") {
				t.Errorf("%+v", a)
			}
			sums[a.Book] += a.BalanceFen
		}
		for _, total := range b.Books {
			if total.BalanceFen != 0 || total.DebitFen != total.CreditFen || sums[total.Book] != 0 {
				t.Errorf("moment %d: %+v, accounts sum to %v", i, total, sums[total.Book])
			}
		}
	}
	before, err := r.TrialBalance(t.Context(), postgres.Scope{Pilot: p.ID}, callDay)
	must(t, err)
	now, err := r.TrialBalance(t.Context(), postgres.Scope{Project: project.ID}, time.Time{})
	must(t, err)
	if len(before.Accounts) != 0 || len(now.Books) != 3 || !slices.ContainsFunc(now.Accounts, func(a postgres.AccountBalance) bool { return a.Owner == project.ID+".r1" && a.BalanceFen == 1_500_000 }) {
		t.Errorf("before %+v; of the project now %+v", before, now)
	}
}

func TestATrialBalanceHasExactlyOneScope(t *testing.T) {
	t.Parallel()
	r := open(t)
	for _, scope := range []postgres.Scope{{}, {Pilot: "a", Project: "a.1"}, {Programme: "x", Pilot: "a"}} {
		_, err := r.TrialBalance(t.Context(), scope, time.Time{})
		refused(t, err, "one-scope")
	}
}

func TestAProgrammesTrialBalanceIsLimitedToWhatItsReaderSees(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	owners := func(reader flow.Reader) []string {
		t.Helper()
		b, err := r.TrialBalance(t.Context(), postgres.Scope{Programme: r.demo.Programme, Reader: reader}, time.Time{})
		must(t, err)
		found := map[string]bool{}
		for _, a := range b.Accounts {
			if !strings.Contains(a.Owner, ".") && a.OwnerName.ZH == "" {
				t.Errorf("nothing says what %s is", a.Owner)
			}
			owner, _, _ := strings.Cut(a.Owner, ".")
			found[owner] = true
		}
		return slices.Sorted(maps.Keys(found))
	}
	for rule, test := range map[string]struct {
		reader flow.Reader
		want   []string
	}{
		"an auditor sees all":               {everything, []string{p.ID, r.demo.Programme}},
		"the office above sees all":         {flow.Reader{Place: "620000"}, []string{p.ID, r.demo.Programme}},
		"an office elsewhere sees nothing":  {flow.Reader{Place: "110000"}, []string{}},
		"an organization sees nothing here": {flow.Reader{Organization: r.demo.Projects[0].Organization.CreditCode}, []string{}},
	} {
		if got := owners(test.reader); !slices.Equal(got, slices.Sorted(slices.Values(test.want))) {
			t.Errorf("%s: %v", rule, got)
		}
	}
}

func TestAStatementAddsUpFromOpeningToClosing(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, _ := r.accounted(func() {})
	account := postgres.AccountKey{Owner: project.ID, Account: ledger.Advance}
	whole, err := r.StatementOf(t.Context(), postgres.StatementFilter{AccountKey: account})
	must(t, err)
	want := []money.Fen{12_600_000, -1_000_001, -2_000_000, -1_800_000}
	if len(whole.Lines) != len(want) || whole.OpeningFen != 0 || whole.Next != "" || whole.Title.ZH != "预付组织" {
		t.Fatalf("%+v", whole)
	}
	balance := money.Fen(0)
	for i, l := range whole.Lines {
		if balance += l.Fen; l.Fen != want[i] || l.BalanceFen != balance || l.Title.ZH == "" || l.Title.ZH == l.Event || l.On != calendar.Of(l.At) {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if whole.ClosingFen != balance || balance != r.standing(strings.TrimSuffix(project.ID, ".1"))[account] {
		t.Errorf("closes at %v; the balance is %v", whole.ClosingFen, balance)
	}
	if first, judged := whole.Lines[0].Counter, whole.Lines[2].Counter; first.Account != ledger.Transit || judged.AccountKey != (postgres.AccountKey{Owner: project.ID, Account: ledger.Spent, Category: "training"}) && judged.Category != "materials" {
		t.Errorf("came from %+v, went to %+v", first, judged)
	} else if first.Title != domain.T("在途", "in transit") || judged.Title.ZH != "核定支出" || whole.BookName != domain.T("福彩公益金", "grant") {
		t.Errorf("came from %s, went to %s, in the book %s", first.Title, judged.Title, whole.BookName)
	}

	period := postgres.StatementFilter{AccountKey: account, From: whole.Lines[1].At, Until: whole.Lines[3].At, Limit: 1}
	var read []postgres.StatementLine
	for {
		page, err := r.StatementOf(t.Context(), period)
		must(t, err)
		if page.OpeningFen != 12_600_000 || page.ClosingFen != 9_599_999 || len(page.Lines) > 1 {
			t.Fatalf("page %+v", page)
		}
		read = append(read, page.Lines...)
		if period.Cursor = page.Next; period.Cursor == "" {
			break
		}
	}
	if !slices.Equal(read, whole.Lines[1:3]) {
		t.Errorf("read %+v, want %+v", read, whole.Lines[1:3])
	}
}

func TestAnInvalidStatementFilterIsRefused(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	account := postgres.AccountKey{Owner: p.ID, Account: ledger.Available}
	for name, test := range map[string]struct {
		filter postgres.StatementFilter
		code   domain.Code
	}{
		"an account without an owner":  {postgres.StatementFilter{AccountKey: postgres.AccountKey{Owner: "ghost", Account: ledger.Available}}, "unknown-account"},
		"an unknown category":          {postgres.StatementFilter{AccountKey: postgres.AccountKey{Owner: p.ID, Account: ledger.Available, Category: "x"}}, "unknown-account"},
		"a period that ends too early": {postgres.StatementFilter{AccountKey: account, From: callDay, Until: callDay.Add(-1)}, "bad-period"},
		"a made-up cursor":             {postgres.StatementFilter{AccountKey: account, Cursor: "e30"}, "bad-cursor"},
		"a cursor that is not base64":  {postgres.StatementFilter{AccountKey: account, Cursor: "!"}, "bad-cursor"},
		"a list's cursor":              {postgres.StatementFilter{AccountKey: account, Cursor: "eyJhdCI6IjIwMTctMDktMTFUMDk6MDA6MDArMDg6MDAiLCJpZCI6IngifQ"}, "bad-cursor"},
	} {
		_, err := r.StatementOf(t.Context(), test.filter)
		if refused, ok := domain.Refused(err); !ok || refused.Code != test.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARefusedAccountSaysWhichAccountsTheOwnerHas(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project, _ := r.accounted(func() {})
	for owner, want := range map[string][2]string{
		project.ID: {"commitment", "spent/training 核定支出"},
		p.ID:       {"available", "available 可用额度"},
		"ghost":    {"none", "无"},
	} {
		_, err := r.StatementOf(t.Context(), postgres.StatementFilter{AccountKey: postgres.AccountKey{Owner: owner, Account: ledger.FundSource}})
		refused, _ := domain.Refused(err)
		if refused == nil || refused.Code != "unknown-account" || !strings.Contains(refused.Next().ZH, want[1]) || !strings.Contains(refused.Next().EN, want[0]) {
			t.Errorf("%s: %v", owner, err)
		} else if owner != project.ID && strings.Contains(refused.Next().EN, "advance") {
			t.Errorf("%s: the accounts of others: %s", owner, refused.Next().EN)
		}
	}
}

func TestAFundsUsesAddUp(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project, _ := r.accounted(func() {})
	f, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: r.demo.Programme})
	must(t, err)
	sum := func(u postgres.Uses) money.Fen {
		return u.AvailableFen + u.CommittedFen + u.TransitFen + u.AdvanceFen + u.SpentFen + u.DisallowedFen + u.ReceivableFen + u.ReturnedFen
	}
	if f.TotalFen != r.demo.Fund.TotalFen || !f.Whole || f.AllottedFen != r.demo.Fund.TotalFen || f.UnallottedFen != 0 || len(f.Pilots) != 1 || f.Name.ZH == "" {
		t.Fatalf("%+v", f)
	}
	if first := f.Pilots[0]; first.PlaceName.ZH != "庄浪县" || first.PlaceName.EN == "" || first.StageName != domain.T("实施", "rollout") {
		t.Errorf("%s at %s in the stage %s", first.ID, first.PlaceName, first.StageName)
	}
	if sum(f.Uses) != f.AllottedFen || f.Uses != f.Pilots[0].Uses {
		t.Errorf("uses sum to %v of %v", sum(f.Uses), f.AllottedFen)
	}
	books := r.standing(p.ID)
	if -books[postgres.AccountKey{Owner: p.ID, Account: ledger.Appropriation}] != f.Pilots[0].AllottedFen {
		t.Errorf("appropriated %v", books)
	}
	parts := f.Pilots[0].AvailableFen + f.Pilots[0].ReturnedFen
	for i, q := range f.Pilots[0].Projects {
		if sum(q.Uses) != q.AllottedFen {
			t.Errorf("%s: uses sum to %v, want %v", q.ID, sum(q.Uses), q.AllottedFen)
		}
		parts += q.AllottedFen
		if named := q.Organization.Name.ZH != ""; named != (q.ID == project.ID || q.ID == p.ID+".e") {
			t.Errorf("project %d is %+v", i, q)
		}
	}
	if parts != f.AllottedFen || len(f.Pilots[0].Projects) != 7 {
		t.Errorf("%d projects and the contract make %v of %v", len(f.Pilots[0].Projects), parts, f.AllottedFen)
	}
	want := postgres.Uses{
		AllottedFen: 20_700_000, CommittedFen: 8_400_000, AdvanceFen: 7_799_999, SpentFen: 3_000_001, ReceivableFen: 1_500_000,
	}
	if i := slices.IndexFunc(f.Pilots[0].Projects, func(q postgres.FundProject) bool { return q.ID == project.ID }); f.Pilots[0].Projects[i].Uses != want {
		t.Errorf("the project's uses are %+v, want %+v", f.Pilots[0].Projects[i].Uses, want)
	}
	if f.ReturnedFen != 300_000 {
		t.Errorf("returned %v", f.ReturnedFen)
	}
	_, err = r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: "atlantis"})
	refused(t, err, "unknown-programme")
	elsewhere, err := r.FundOverview(t.Context(), postgres.FundFilter{Reader: flow.Reader{Place: "110000"}, Programme: r.demo.Programme})
	must(t, err)
	if elsewhere.Whole || len(elsewhere.Pilots) != 0 || elsewhere.AllottedFen != 0 || elsewhere.UnallottedFen != 0 {
		t.Errorf("an office elsewhere sees %+v", elsewhere)
	}
}

func TestABudgetShowsWhatBecameOfEachLine(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, _ := r.accounted(func() {})
	b, err := r.BudgetOf(t.Context(), project.ID)
	must(t, err)
	plan := r.demo.Projects[0]
	want := map[string]postgres.BudgetSums{
		"materials": {ReportedFen: 1_250_001, AcceptedFen: 1_000_001, DisallowedFen: 250_000, SpentFen: 1_000_001, EntrustedFen: 200_000},
		"training":  {ReportedFen: 2_000_000, AcceptedFen: 2_000_000, SpentFen: 2_000_000, MatchingFen: 30_000},
		"service":   {InKindFen: 70_000},
		"travel":    {ReportedFen: 40_000, OpenFen: 40_000},
	}
	total := postgres.BudgetSums{}
	for _, l := range b.Lines {
		w := want[l.Kind]
		w.PlannedFen, w.ApprovedFen = plan.BudgetFen[l.Kind], plan.BudgetFen[l.Kind]
		w.RemainingFen = w.PlannedFen - w.ReportedFen + w.DisallowedFen
		if l.BudgetSums != w || l.Title.ZH == "" {
			t.Errorf("%s is %+v, want %+v", l.Kind, l, w)
		}
		total.PlannedFen += l.PlannedFen
		total.ReportedFen += l.ReportedFen
		total.RemainingFen += l.RemainingFen
	}
	if len(b.Lines) != len(plan.BudgetFen) || b.Total.PlannedFen != plan.GrantFen || b.Total.PlannedFen != total.PlannedFen ||
		b.Total.ReportedFen != total.ReportedFen || b.Total.RemainingFen != total.RemainingFen || b.Total.SpentFen != b.Uses.SpentFen {
		t.Errorf("total %+v of %d lines, uses %+v", b.Total, len(b.Lines), b.Uses)
	}
	if b.GrantFen != plan.GrantFen || b.PaidFen != plan.TranchesFen[0] || b.Uses.AdvanceFen != 7_799_999 {
		t.Errorf("%+v", b)
	}
	_, err = r.BudgetOf(t.Context(), project.ID+"9")
	refused(t, err, "not-found")
}

func TestAReceiptThatSomebodyElseHoldsIsFlagged(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef := r.rollingOut()
	organization := zhuanglang.OrganizationPerson(r.demo.Projects[0].Code)
	r.sql("insert into claim values ('receipt:A0001', 'project', 'another')")
	report := r.command(organization, "report-spending", projectRef, &project.ReportSpending{Receipts: []project.Invoice{
		r.receipt("materials", 100, project.FromGrant, "A-0001"), r.receipt("materials", 100, project.FromGrant, "a-0002"),
	}})
	state := r.execute(report).State.(*project.Project)
	if slips := state.Statements[0].Receipts; slips[0].ReusedBy != "another" || slips[1].ReusedBy != "" {
		t.Errorf("receipts are %+v", slips)
	}
	if held := one[string](r, "select id from claim where key = 'receipt:A0002'"); held != projectRef.ID {
		t.Errorf("the other receipt is held by %s", held)
	}
	_, err := r.Execute(t.Context(), r.command(zhuanglang.CountyFinance, "judge-spending", projectRef, &project.JudgeSpending{Report: 1}))
	refused(t, err, "receipt-reused")
	if found := r.differences(); len(found) != 1 { // the other project is made up
		t.Errorf("found %q", found)
	}
}

func TestOfTwoConcurrentReportsOfAReceiptOneIsFlagged(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef := r.rollingOut()
	organization := zhuanglang.OrganizationPerson(r.demo.Projects[0].Code)
	report := r.command(organization, "report-spending", projectRef, &project.ReportSpending{Receipts: []project.Invoice{r.receipt("materials", 100, project.FromGrant, "B-0001")}})
	other := r.connect()
	tx, err := other.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), "insert into claim values ('receipt:B0001', 'project', 'another')")
	must(t, err)
	done := make(chan postgres.Outcome)
	go func() {
		outcome, err := r.Execute(t.Context(), report)
		if err != nil {
			t.Error(err)
		}
		done <- outcome
	}()
	eventually(t, "the report waits for the other's claim", func() bool {
		return one[int](r, "select count(*) from pg_locks where not granted") > 0
	})
	must(t, tx.Commit(t.Context()))
	if slips := (<-done).State.(*project.Project).Statements[0].Receipts; slips[0].ReusedBy != "another" {
		t.Errorf("%+v", slips)
	}
}

func TestAFundGivesNoMoreThanItsTotal(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.approved()
	r.sql("update claim set key = key || ' of the first'", "update aggregate set ended = ended") // so that its organizations may apply again
	p := r.onNotice()
	r.passTime(p)
	approval := r.command(zhuanglang.ProvinceApprover, "approve", p, &pilot.Approve{Number: "甘民发〔2017〕2号"})
	_, err := r.Execute(t.Context(), approval)
	refused(t, err, "fund-exhausted")
	if books := r.standing(p.ID); len(books) != 0 {
		t.Errorf("booked %v", books)
	}
	r.sql("update ledger_account set floor = 2 * floor where name = 'fund'")
	r.execute(approval)
}

func TestAnOrganizationThatBrokeItsAgreementIsBanned(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef, _ := r.accounted(func() {})
	state, err := r.Load(t.Context(), projectRef)
	must(t, err)
	codes := r.creditCodes()
	facts, err := r.OrganizationFacts(t.Context(), codes[:2])
	must(t, err)
	if until := state.(*project.Project).BannedUntil; until.IsZero() || facts[0].BannedUntil != until || !facts[1].BannedUntil.IsZero() {
		t.Errorf("banned until %s and %s, want %s", facts[0].BannedUntil, facts[1].BannedUntil, until)
	}
	later := calendar.On(2099, 1, 1)
	registered := postgres.Organization{Name: domain.Text{ZH: "甲", EN: "A"}, OrganizationFacts: facts[0]}
	registered.BannedUntil = later
	must(t, r.Register(t.Context(), postgres.Registry{Organizations: []postgres.Organization{registered}}))
	facts, err = r.OrganizationFacts(t.Context(), codes[:1])
	must(t, err)
	if facts[0].BannedUntil != later || facts[0].Name != registered.Name {
		t.Errorf("%s is banned until %s, want the directory's name and later day", facts[0].Name, facts[0].BannedUntil)
	}
}

func TestInterestsAreKept(t *testing.T) {
	t.Parallel()
	r := open(t)
	finance := r.who[zhuanglang.CountyFinance]
	finance.Interests = []string{r.demo.Projects[0].Organization.CreditCode}
	must(t, r.Register(t.Context(), postgres.Registry{People: []postgres.Person{{Actor: finance, Token: "another-token"}}}))
	actor, err := r.ActorByToken(t.Context(), "another-token")
	must(t, err)
	if !actor.InterestedIn(finance.Interests[0]) {
		t.Errorf("%+v", actor)
	}
}

func TestRecoveriesAndDifferencesAreListed(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project, recoveryRef := r.accounted(func() {})
	debtor := r.demo.Projects[0].Organization.CreditCode
	found := flow.Ref{Kind: difference.Kind, ID: "bank.d1"}
	own := flow.Ref{Kind: difference.Kind, ID: p.ID + ".d2"}
	rules := flow.ProgrammeRef{ID: r.demo.Programme, Version: 1}
	r.do(domain.Workflow.ID, "open", found, &difference.OpenDifference{What: difference.BankWithoutLedger, Home: "620825", Programme: rules, Subject: "T1", FoundFen: 5})
	r.later()
	r.do(domain.Workflow.ID, "open", own, &difference.OpenDifference{What: difference.AmountDiffers, Home: "620825", Pilot: p.ID, Programme: rules, Subject: project.ID + ".1.1", ExpectedFen: 7, FoundFen: 5})
	recoveries := map[string]struct {
		filter postgres.Filter
		want   []string
	}{
		"an office sees its own":        {postgres.Filter{Reader: flow.Reader{Place: "620825"}}, []string{recoveryRef.ID}},
		"the debtor sees it":            {postgres.Filter{Reader: flow.Reader{Organization: debtor}}, []string{recoveryRef.ID}},
		"another organization does not": {postgres.Filter{Reader: flow.Reader{Organization: r.demo.Projects[1].Organization.CreditCode}}, nil},
		"a village does not":            {postgres.Filter{Reader: flow.Reader{Village: r.demo.Projects[0].Village.Code}}, nil},
		"of the project":                {postgres.Filter{Reader: everything, Project: project.ID, Organization: debtor, Stage: recovery.Repayment}, []string{recoveryRef.ID}},
		"of another project":            {postgres.Filter{Reader: everything, Project: p.ID + ".2"}, nil},
		"in another place":              {postgres.Filter{Reader: everything, Place: "110000"}, nil},
	}
	for rule, test := range recoveries {
		page, err := postgres.Recoveries.Page(t.Context(), r.Store, test.filter)
		must(t, err)
		if got := ids(page.Rows, func(r postgres.RecoveryRow) string { return r.ID }); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v", rule, got)
		}
		for _, row := range page.Rows {
			if row.Fen != 1_800_000 || row.PaidFen != 300_000 || row.Why != string(recovery.DebtDiverted) || row.Organization != debtor || row.Due == nil {
				t.Errorf("%+v", row)
			}
		}
	}
	differences := map[string]struct {
		filter postgres.Filter
		want   []string
	}{
		"an office sees its own, newest first": {postgres.Filter{Reader: flow.Reader{Place: "620825"}}, []string{own.ID, found.ID}},
		"an organization does not":             {postgres.Filter{Reader: flow.Reader{Organization: debtor}}, nil},
		"of a pilot":                           {postgres.Filter{Reader: everything, Pilot: p.ID}, []string{own.ID}},
		"explained":                            {postgres.Filter{Reader: everything, Stage: difference.Explained}, nil},
	}
	for rule, test := range differences {
		page, err := postgres.Differences.Page(t.Context(), r.Store, test.filter)
		must(t, err)
		if got := ids(page.Rows, func(r postgres.DifferenceRow) string { return r.ID }); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v", rule, got)
		}
	}
	r.sql("delete from recovery_row", "update difference_row set found_fen = 0")
	if lines := r.differences(); len(lines) < 3 {
		t.Errorf("Verify found %q", lines)
	}
	must(t, r.Rebuild(t.Context(), quietly))
	if lines := r.differences(); len(lines) != 0 {
		t.Errorf("after the rebuild: %q", lines)
	}
}

// The chart of accounts in the database matches that of the domain.
func TestTheChartMatchesTheDomain(t *testing.T) {
	t.Parallel()
	r := openReal(t)
	var want []string
	for _, k := range ledger.Chart {
		want = append(want, strings.Join([]string{k.Name, string(k.Book), strconv.FormatBool(k.Source), strconv.FormatBool(k.ByCategory)}, " "))
	}
	got := strings.Split(one[string](r, "select string_agg(concat_ws(' ', name, book, case when source then 'true' else 'false' end, case when by_category then 'true' else 'false' end), ',') from ledger_account_kind"), ",")
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the database has %q, the domain %q", got, want)
	}
}
