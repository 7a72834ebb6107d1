package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// books is a record in which money has taken several paths.
//
// The first project has an assessed report, another that is waiting for assessment, and a partly repaid recovery. The
// second received less than it asked for, dropped a budget line, is waiting for a further change, and reported an
// invoice of the first. The third's payment is waiting for its two officers, the fourth's for its voucher, and the
// fifth's is at a bank.
type books struct {
	*door
	pilot                                      flow.Ref
	first, second, third, recovery, difference flow.Ref
	payments                                   [6]flow.Ref // by project number, starting at 1
	file                                       string
}

const (
	firstOrganization  = "organization-ZL-2017-01"
	secondOrganization = "organization-ZL-2017-02"
	invoiceOfFirst     = "0440017001-0001"
)

func openBooks(t *testing.T) *books {
	t.Helper()
	b := &books{door: open(t)}
	b.cut = map[string]money.Fen{"ZL-2017-02": 50_000 * money.Yuan}
	b.pilot, b.first = b.rollingOut()
	b.file = b.uploaded(firstOrganization, "receipts of the village")
	b.uploaded(secondOrganization, "receipts of the village")
	projects := [6]flow.Ref{1: b.first}
	for n := 2; n <= 5; n++ {
		projects[n] = b.founded(b.pilot, n)
		b.payments[n] = b.signed(projects[n], n)
	}
	b.second, b.third = projects[2], projects[3]
	b.paid(b.second, b.payments[2], "2018-0002")
	b.instructed(b.payments[4], payment.ByHandGateway, byHand)
	b.instructed(b.payments[5], "http", payment.BankAnswer{Outcome: payment.Pending, Number: "bank-7"})
	b.spendFirst()
	b.spendSecond()
	b.difference = flow.Ref{Kind: difference.Kind, ID: b.pilot.ID + ".d0123456789abcdef"}
	b.do(domain.Workflow.ID, "open", b.difference, &difference.OpenDifference{
		What: difference.AmountDiffers, Home: "620825", Pilot: b.pilot.ID, Programme: flow.ProgrammeRef{ID: b.demo.Programme, Version: 1},
		Subject: b.payments[2].ID, ExpectedFen: 3_000_000, FoundFen: 3_000_001,
	})
	return b
}

// receipt returns a receipt charged to the grant, dated the day of the call.
func (b *books) receipt(invoice, kind string, fen money.Fen) project.Invoice {
	return project.Invoice{
		Kind: kind, Fen: fen, Source: project.FromGrant, Number: invoice, On: signedDay, File: b.file, Title: "苹果树剪枝培训教材",
	}
}

func (b *books) spendFirst() {
	b.do(firstOrganization, "report-spending", b.first, &project.ReportSpending{Receipts: []project.Invoice{
		b.receipt(invoiceOfFirst, "training", 2_000_000), b.receipt("0440017001-0002", "materials", 500_000),
	}})
	b.do(finance, "judge-spending", b.first, &project.JudgeSpending{
		Report: 1, Disallowed: []project.Disallowance{{Invoice: "0440017001-0002", Reason: "与项目无关"}},
	})
	b.do(firstOrganization, "report-spending", b.first, &project.ReportSpending{Receipts: []project.Invoice{b.receipt("0440017001-0003", "travel", 100_000)}})
	b.do(finance, "record-entrusted", b.first, &project.RecordEntrusted{
		Donor: "示例基金会", Purpose: "助学", Fen: 300_000, Voucher: "R-1", Slip: b.file,
	})
	outcome := b.do(officer, "record-diversion", b.first, &project.RecordDiversion{Fen: 1_800_000, Finding: "挪作他用", Evidence: []string{b.file}})
	b.recovery = flow.Ref{Kind: recovery.Kind, ID: b.first.ID + ".r1"}
	b.do(domain.Workflow.ID, "open", b.recovery, ok(outcome.State.(*project.Project).RecoveryOpening(b.recovery.ID))(b.t))
	b.do(finance, "record-repayment", b.recovery, &recovery.RecordRepayment{Fen: 800_000, Voucher: "R-2", Slip: b.file})
}

func (b *books) spendSecond() {
	b.do(secondOrganization, "report-spending", b.second, &project.ReportSpending{Receipts: []project.Invoice{b.receipt(invoiceOfFirst, "service", 400_000)}})
	b.do(secondOrganization, "report-spending", b.second, &project.ReportSpending{Receipts: []project.Invoice{b.receipt("0440017002-0001", "service", 5_000_001)}})
	budget := slices.Clone(b.demo.Application().Proposals[1].Budget)
	budget = slices.DeleteFunc(budget, func(l plan.BudgetLine) bool { return l.Kind == "signage_publicity" })
	budget[0].Fen += 400_000
	b.do(secondOrganization, "request-change", b.second, &project.RequestChange{Budget: budget, Reason: "标识由县局统一制作"})
	b.do(zhuanglang.CountyApprover, "approve-change", b.second, &project.ApproveChange{})
	b.do(secondOrganization, "request-change", b.second, &project.RequestChange{Beneficiaries: "低收入农户", Reason: "名单有调整"})
}

// projectMoney is the part of a project's JSON that concerns money.
type projectMoney struct {
	Revision int
	Budget   []struct {
		Kind        string
		Name        domain.Text
		PlannedFen  int64 `json:"planned_fen"`
		ReportedFen int64 `json:"reported_fen"`
		AcceptedFen int64 `json:"accepted_fen"`
		LeftFen     int64 `json:"left_fen"`
	}
	Spending []struct {
		Number   int
		Judged   bool
		Receipts []struct {
			Invoice            string
			Fen                int64
			Reused, Disallowed bool
			ReusedBy           string `json:"reused_by"`
		}
	}
	Change *struct {
		Reason string
		Diff   []project.Alteration
		Due    calendar.Date
	}
	AcceptedFen   int64 `json:"accepted_fen"`
	DisallowedFen int64 `json:"disallowed_fen"`
	EntrustedFen  int64 `json:"entrusted_fen"`
	OwedFen       int64 `json:"owed_fen"`
	Debts         []struct {
		Fen            int64
		Why            recovery.DebtCause
		Recovery, Href string
	}
	BannedUntil calendar.Date `json:"banned_until"`
}

func TestAProjectTellsWhereItsMoneyStands(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var p projectMoney
	b.get(zhuanglang.AuditorPerson, "/v1/projects/"+b.first.ID, &p)
	lines := map[string][4]int64{}
	for _, l := range p.Budget {
		lines[l.Kind] = [4]int64{l.PlannedFen, l.ReportedFen, l.AcceptedFen, l.LeftFen}
		if l.Name.ZH == "" || l.Name.ZH == l.Kind {
			t.Errorf("%s has no name: %+v", l.Kind, l.Name)
		}
	}
	for kind, want := range map[string][4]int64{
		"training":  {6_000_000, 2_000_000, 2_000_000, 4_000_000},
		"materials": {3_000_000, 500_000, 0, 3_000_000}, // after a disallowance the money may be spent again
		"travel":    {1_600_000, 100_000, 0, 1_500_000},
		"service":   {6_000_000, 0, 0, 6_000_000},
	} {
		if lines[kind] != want {
			t.Errorf("%s: planned, reported, accepted, left %v, want %v", kind, lines[kind], want)
		}
	}
	if len(p.Spending) != 2 || !p.Spending[0].Judged || p.Spending[1].Judged || !p.Spending[0].Receipts[1].Disallowed || p.Spending[0].Receipts[0].Disallowed {
		t.Errorf("reports %+v", p.Spending)
	}
	if p.AcceptedFen != 2_000_000 || p.DisallowedFen != 500_000 || p.EntrustedFen != 300_000 || p.OwedFen != 1_800_000 {
		t.Errorf("accepted %d, disallowed %d, entrusted %d, owed %d", p.AcceptedFen, p.DisallowedFen, p.EntrustedFen, p.OwedFen)
	}
	if len(p.Debts) != 1 || p.Debts[0].Recovery != b.recovery.ID || p.Debts[0].Why != recovery.DebtDiverted || p.BannedUntil.IsZero() {
		t.Errorf("debts %+v, banned until %s", p.Debts, p.BannedUntil)
	}
	b.get(zhuanglang.AuditorPerson, p.Debts[0].Href, &struct{}{})
}

func TestAProjectTellsItsRevisionAndWhatAChangeWouldBring(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var p projectMoney
	b.get(secondOrganization, "/v1/projects/"+b.second.ID, &p)
	if p.Revision != 1 || p.Change == nil || p.Change.Reason != "名单有调整" || p.Change.Due.IsZero() {
		t.Fatalf("revision %d, change %+v", p.Revision, p.Change)
	}
	if len(p.Change.Diff) != 1 || p.Change.Diff[0].Field != "beneficiaries" || p.Change.Diff[0].To != "低收入农户" {
		t.Errorf("diff %+v", p.Change.Diff)
	}
	for _, l := range p.Budget {
		if l.Kind == "signage_publicity" || l.Kind == "service" && l.PlannedFen != 8_400_000 {
			t.Errorf("budget %+v", l)
		}
	}
}

func TestWhoSeesThatAReceiptWasUsedTwice(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for who, want := range map[string]struct {
		receipts, holder bool
	}{
		finance:                                {true, true},
		zhuanglang.ProvinceOfficer:             {true, true},
		zhuanglang.AuditorPerson:               {true, true},
		secondOrganization:                     {true, true},
		zhuanglang.EvaluatorPerson:             {true, false},
		zhuanglang.VillagePerson("ZL-2017-02"): {false, false},
	} {
		var p projectMoney
		a := b.get(who, "/v1/projects/"+b.second.ID, &p)
		if len(p.Spending) != 2 || (len(p.Spending[0].Receipts) == 1) != want.receipts {
			t.Errorf("%s sees the reports %+v", who, p.Spending)
			continue
		}
		if want.receipts && !p.Spending[0].Receipts[0].Reused {
			t.Errorf("%s does not learn that the receipt was used before", who)
		}
		if holder := want.receipts && p.Spending[0].Receipts[0].ReusedBy == b.first.ID; holder != want.holder {
			t.Errorf("%s learns of the other project: %v", who, holder)
		}
		if !want.holder && strings.Contains(string(a.body), b.first.ID+`"`) {
			t.Errorf("%s finds the other project's id elsewhere", who)
		}
	}
	for _, path := range []string{"/v1/projects/" + b.first.ID, "/v1/recoveries/" + b.recovery.ID} {
		if a := b.send(request{method: http.MethodGet, path: path, who: secondOrganization}); a.status != http.StatusNotFound {
			t.Errorf("knowing the id opens %s: %d", path, a.status)
		}
	}
}

func TestAPaymentTellsHowItGoes(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	type read struct {
		Stage              flow.Stage
		Gateway, Reference string
		Unknown, Final     bool
	}
	at := func(n int) (p read) {
		b.get(finance, "/v1/payments/"+b.payments[n].ID, &p)
		return p
	}
	for n, want := range map[int]read{
		2: {Stage: payment.Posted, Gateway: "voucher"},
		3: {Stage: payment.Release},
		4: {Stage: payment.Confirmation, Gateway: "voucher"},
		5: {Stage: payment.Clearing, Gateway: "http", Reference: "bank-7"},
	} {
		if got := at(n); got != want {
			t.Errorf("payment %d: %+v, want %+v", n, got, want)
		}
	}
	b.do(domain.Workflow.ID, "record-instruction", b.payments[5], &payment.RecordInstruction{Gateway: "http", Answer: payment.BankAnswer{Outcome: payment.OutcomeUnknown}})
	if got := at(5); !got.Unknown || got.Stage != payment.Clearing {
		t.Errorf("after a lost answer: %+v", got)
	}
	b.passTime(b.payments[2])
	if got := at(2); !got.Final || got.Stage != payment.Final {
		t.Errorf("after the return period: %+v", got)
	}
}
