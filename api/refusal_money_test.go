package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/difference"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

func TestBadInputIsRefusedAndNothingIsWrittenWhereMoneyMoves(t *testing.T) { //nolint:tparallel // one case after another: each counts what the previous one left
	t.Parallel()
	b := openBooks(t)
	cases := spendingRefusals(b)
	for _, more := range []map[string]refusal{changeRefusals(b), debtRefusals(b), paymentRefusals(b), moneyReadRefusals(b)} {
		for name := range more {
			if _, twice := cases[name]; twice {
				t.Fatalf("two cases are called %q", name)
			}
		}
		maps.Copy(cases, more)
	}
	refuse(t, b.door, cases)
}

// posting returns a function that adds a command with a fault, and the refusal expected, under a name for the fault.
func posting(all map[string]refusal) func(name, path, who string, body any, status int, code, field string, header ...string) {
	return func(name, path, who string, body any, status int, code, field string, header ...string) {
		all[name] = refusal{"POST", path, who, body, header, status, code, field}
	}
}

func spendingRefusals(b *books) map[string]refusal {
	all := map[string]refusal{}
	post := posting(all)
	first, second, third := "/v1/projects/"+b.first.ID, "/v1/projects/"+b.second.ID, "/v1/projects/"+b.third.ID
	fresh := func(kind string, fen money.Fen) project.Invoice { return b.receipt("0440017009-0001", kind, fen) }
	report := func(name string, code, field string, receipts ...project.Invoice) {
		post(name, first+"/report-spending", firstOrganization, project.ReportSpending{Receipts: receipts}, 422, code, field)
	}
	flawed := func(name, code, field string, pairs ...any) {
		body := edit(b.t, project.ReportSpending{Receipts: []project.Invoice{fresh("service", 1)}}, pairs...)
		post(name, first+"/report-spending", firstOrganization, body, 422, code, field)
	}

	report("spending of a kind that the programme forbids", "forbidden-spending", "receipts[0].kind", fresh("planting_breeding", 1))
	report("spending of a kind that nobody knows", "unknown-spending", "receipts[0].kind", fresh("yachts", 1))
	report("an invoice of the project's own again", "receipt-reported", "receipts[0].invoice", b.receipt(invoiceOfFirst, "training", 1))
	report("it again without its dash and in another report", "receipt-reported", "receipts[0].invoice", b.receipt(strings.ReplaceAll(invoiceOfFirst, "-", ""), "training", 1))
	report("one invoice twice in a report", "duplicate", "receipts[1].invoice", fresh("service", 1), fresh("travel", 1))
	report("more than a budget line", "over-line", "receipts[0].fen", fresh("signage_publicity", 400_001))
	report("more than a budget line in two receipts", "over-line", "receipts[1].fen", fresh("signage_publicity", 400_000), b.receipt("0440017009-0002", "signage_publicity", 1))
	report("more than what earlier reports left of a line", "over-line", "receipts[0].fen", fresh("training", 4_000_001))
	flawed("a receipt of tomorrow", "future-day", "receipts[0].on", "receipts[0].on", "2017-12-31")
	flawed("a receipt from before the agreement", "before-agreement", "receipts[0].on", "receipts[0].on", "2017-09-10")
	flawed("a receipt that was never uploaded", "no-such-file", "receipts[0].file", "receipts[0].file", strings.Repeat("0", 64))
	flawed("a receipt of nothing", "too-small", "receipts[0].fen", "receipts[0].fen", 0)
	flawed("a receipt in yuan", "wrong-type", "receipts[0].fen", "receipts[0].fen", "1200.00")
	flawed("a receipt of half a fen", "wrong-type", "receipts[0].fen", "receipts[0].fen", raw("0.5"))
	flawed("money of a source that does not exist", "not-allowed", "receipts[0].source", "receipts[0].source", "loan")
	flawed("an invoice number in Chinese", "bad-format", "receipts[0].invoice", "receipts[0].invoice", "发票一号")
	flawed("an invoice number of three digits", "bad-format", "receipts[0].invoice", "receipts[0].invoice", "123")
	flawed("a receipt without its day", "missing-field", "receipts[0].on", "receipts[0].on", gone)
	flawed("a receipt that says who holds its invoice", "unknown-field", "receipts[0].reused_by", "receipts[0].reused_by", b.first.ID)
	flawed("201 receipts", "too-many", "receipts", "receipts", times(201, fresh("service", 1)))
	flawed("spending that judges itself", "unknown-field", "judged", "judged", true)
	post("spending on a line that a change took away", second+"/report-spending", secondOrganization,
		project.ReportSpending{Receipts: []project.Invoice{fresh("signage_publicity", 1)}}, 422, "not-in-budget", "receipts[0].kind")
	post("another organization's spending", first+"/report-spending", secondOrganization, project.ReportSpending{Receipts: []project.Invoice{}}, 404, "not-found", "")
	post("finance reports in a form that is wrong", first+"/report-spending", finance, map[string]any{"receipts": "none"}, 403, "wrong-role", "")
	post("another organization reports in a form that is wrong", first+"/report-spending", secondOrganization, `{"receipts":`, 404, "not-found", "")
	post("finance reports what it will judge", first+"/report-spending", finance, project.ReportSpending{Receipts: []project.Invoice{}}, 403, "wrong-role", "")
	post("spending before the money came", third+"/report-spending", zhuanglang.OrganizationPerson("ZL-2017-03"), project.ReportSpending{Receipts: []project.Invoice{}}, 409, "wrong-stage", "")

	judge := func(report int, disallowed ...project.Disallowance) project.JudgeSpending {
		return project.JudgeSpending{Report: report, Disallowed: disallowed}
	}
	post("a reused receipt accepted", second+"/judge-spending", finance, judge(1), 409, "receipt-reused", "disallowed")
	post("more accepted than the grant", second+"/judge-spending", finance, judge(2), 422, "over-grant", "disallowed")
	post("a receipt disallowed that is not in the report", first+"/judge-spending", finance, judge(2, project.Disallowance{Invoice: "0440017001-0009", Reason: "不符"}), 422, "no-such-receipt", "disallowed[0].invoice")
	post("a receipt disallowed twice", first+"/judge-spending", finance, judge(2, project.Disallowance{Invoice: "0440017001-0003", Reason: "不符"}, project.Disallowance{Invoice: "0440017001-0003", Reason: "不符"}), 422, "no-such-receipt", "disallowed[1].invoice")
	post("a receipt disallowed without a reason", first+"/judge-spending", finance, judge(2, project.Disallowance{Invoice: "0440017001-0003"}), 422, "too-short", "disallowed[0].reason")
	post("a report judged twice", first+"/judge-spending", finance, judge(1), 409, "already-judged", "report")
	post("a report that is not there", first+"/judge-spending", finance, judge(9), 422, "no-such-report", "report")
	post("report nought", first+"/judge-spending", finance, judge(0), 422, "too-small", "report")
	post("the next county's finance judges", first+"/judge-spending", "neighbour", judge(2), 404, "not-found", "")
	post("the organization judges its own spending", first+"/judge-spending", firstOrganization, judge(2), 403, "wrong-role", "")
	post("a judgement on an outdated view", first+"/judge-spending", finance, judge(2), 412, "stale-version", "", "If-Match", `"2"`)

	entrusted := project.RecordEntrusted{Donor: "示例基金会", Purpose: "助学", Fen: 1, Voucher: "R-9", Slip: b.file}
	post("entrusted money by a voucher that was entered", first+"/record-entrusted", finance, edit(b.t, entrusted, "voucher", "R-1"), 409, "duplicate-voucher", "voucher")
	post("entrusted money without its slip", first+"/record-entrusted", finance, edit(b.t, entrusted, "slip", strings.Repeat("0", 64)), 422, "no-such-file", "slip")
	post("entrusted money of nobody", first+"/record-entrusted", finance, edit(b.t, entrusted, "donor", ""), 422, "too-short", "donor")
	post("entrusted money before the rollout", third+"/record-entrusted", finance, entrusted, 409, "wrong-stage", "")
	post("the organization enters entrusted money", first+"/record-entrusted", firstOrganization, entrusted, 403, "wrong-role", "")
	post("more entrusted money given back than is held", first+"/return-entrusted", finance, project.ReturnEntrusted{Fen: 300_001, Voucher: "R-9", Slip: b.file}, 422, "over-entrusted", "fen")
	return all
}

func changeRefusals(b *books) map[string]refusal {
	all := map[string]refusal{}
	post := posting(all)
	first, second, third := "/v1/projects/"+b.first.ID, "/v1/projects/"+b.second.ID, "/v1/projects/"+b.third.ID
	budget := b.demo.Application().Proposals[0].Budget
	line := func(kind string) int {
		return slices.IndexFunc(budget, func(l plan.BudgetLine) bool { return l.Kind == kind })
	}
	shift := func(from, to string, fen money.Fen) []plan.BudgetLine {
		shifted := slices.Clone(budget)
		shifted[line(from)].Fen -= fen
		shifted[line(to)].Fen += fen
		return shifted
	}
	change := func(name, code, field string, c project.RequestChange) {
		c.Reason = "实施中需要调整"
		post(name, first+"/request-change", firstOrganization, c, 422, code, field)
	}
	milestone := func(key, due string) []plan.Milestone {
		m := b.demo.Application().Proposals[0].Milestones[0]
		m.Key = key
		must(b.t, m.Due.UnmarshalText([]byte(due)))
		return []plan.Milestone{m}
	}
	forbidden := slices.Clone(budget)
	forbidden[0].Kind = "reception"
	unknown := slices.Clone(budget)
	unknown[0].Kind = "yachts"
	grown := slices.Clone(budget)
	grown[0].Fen++

	change("a change of nothing", "nothing-changes", "", project.RequestChange{})
	change("the budget as it stands", "nothing-changes", "", project.RequestChange{Budget: budget})
	change("a budget with a forbidden kind", "forbidden-spending", "budget[0].kind", project.RequestChange{Budget: forbidden})
	change("a budget with a kind that nobody knows", "unknown-spending", "budget[0].kind", project.RequestChange{Budget: unknown})
	change("a budget with too much administration", "over-admin", "budget", project.RequestChange{Budget: shift("service", "admin", 100_000)})
	change("a budget that grows by a fen", "budget-grows", "budget", project.RequestChange{Budget: grown})
	change("a line below what was reported on it", "below-spent", "budget", project.RequestChange{Budget: shift("training", "service", 4_000_001)})
	change("a budget below what was paid", "below-paid", "budget", project.RequestChange{Budget: []plan.BudgetLine{{Kind: "training", Fen: 12_000_000}, {Kind: "travel", Fen: 599_999}}})
	change("a purpose that the fund does not have", "unknown-purpose", "purpose", project.RequestChange{Purpose: "sports"})
	change("a village of another county", "unknown-village", "village.code", project.RequestChange{Village: &plan.Village{Code: "620826100200", Vintage: 2017, Name: domain.Text{ZH: "某村", EN: "A village"}}})
	change("a milestone that the agreement does not have", "no-such-milestone", "milestones[0].key", project.RequestChange{Beneficiaries: "低收入农户", Milestones: milestone("M9", "2018-06-30")})
	change("a milestone due yesterday", "past-day", "milestones[0].due", project.RequestChange{Milestones: milestone("M1", "2017-09-12")})
	change("a milestone after the rollout", "after-rollout", "milestones[0].due", project.RequestChange{Milestones: milestone("M4", "2019-06-30")})
	post("a change without a reason", first+"/request-change", firstOrganization, project.RequestChange{Purpose: "elderly"}, 422, "too-short", "reason")
	post("a change that grants itself", first+"/request-change", firstOrganization, edit(b.t, project.RequestChange{Reason: "x"}, "grant_fen", 1), 422, "unknown-field", "grant_fen")
	post("a second change while one waits", second+"/request-change", secondOrganization, project.RequestChange{Purpose: "elderly", Reason: "x"}, 409, "change-pending", "")
	post("a change before the rollout", third+"/request-change", zhuanglang.OrganizationPerson("ZL-2017-03"), project.RequestChange{Purpose: "elderly", Reason: "x"}, 409, "wrong-stage", "")
	post("another organization's change", first+"/request-change", secondOrganization, project.RequestChange{Purpose: "elderly", Reason: "x"}, 404, "not-found", "")
	post("a change approved that nobody asked for", first+"/approve-change", zhuanglang.CountyApprover, project.ApproveChange{}, 409, "no-change-pending", "")
	post("a change approved by a case officer", second+"/approve-change", officer, project.ApproveChange{}, 403, "wrong-role", "")
	post("a change approved by the next county", second+"/approve-change", "neighbour", project.ApproveChange{}, 404, "not-found", "")
	post("a change approved on an outdated view", second+"/approve-change", zhuanglang.CountyApprover, project.ApproveChange{}, 412, "stale-version", "", "If-Match", `"1"`)
	post("a change refused without a reason", second+"/refuse-change", zhuanglang.CountyApprover, map[string]string{"reason": ""}, 422, "too-short", "reason")
	return all
}

func debtRefusals(b *books) map[string]refusal {
	all := map[string]refusal{}
	post := posting(all)
	first, recoveryID, differenceID := "/v1/projects/"+b.first.ID, "/v1/recoveries/"+b.recovery.ID, "/v1/differences/"+b.difference.ID
	diversion := project.RecordDiversion{Fen: 1, Finding: "挪作他用", Evidence: []string{b.file}}
	post("more diverted than was paid and is open", first+"/record-diversion", finance, edit(b.t, diversion, "fen", 8_800_001), 422, "over-advance", "fen")
	post("more diverted than was accepted of a kind", first+"/record-diversion", finance, edit(b.t, diversion, "fen", 2_000_001, "kind", "training"), 422, "over-advance", "fen")
	post("a diversion without evidence", first+"/record-diversion", finance, edit(b.t, diversion, "evidence", raw("[]")), 422, "too-few", "evidence")
	post("a diversion whose evidence was never uploaded", first+"/record-diversion", finance, edit(b.t, diversion, "evidence[0]", strings.Repeat("0", 64)), 422, "no-such-file", "evidence[0]")
	post("the organization records a diversion", first+"/record-diversion", firstOrganization, diversion, 403, "wrong-role", "")
	post("the next county records a diversion", first+"/record-diversion", "neighbour", diversion, 404, "not-found", "")
	post("a project terminated without a reason", first+"/terminate", zhuanglang.CountyApprover, map[string]string{"reason": ""}, 422, "too-short", "reason")
	post("a project terminated by finance", first+"/terminate", finance, map[string]string{"reason": "x"}, 403, "wrong-role", "")
	post("a refund that nobody owes", first+"/record-refund", finance, project.RecordRefund{Fen: 1, Voucher: "R-9", Slip: b.file}, 409, "wrong-stage", "")

	repayment := recovery.RecordRepayment{Fen: 1, Voucher: "R-9", Slip: b.file}
	post("more paid back than is owed", recoveryID+"/record-repayment", finance, edit(b.t, repayment, "fen", 1_000_001), 422, "over-debt", "fen")
	post("nothing paid back", recoveryID+"/record-repayment", finance, edit(b.t, repayment, "fen", 0), 422, "too-small", "fen")
	post("a repayment by a voucher that was entered", recoveryID+"/record-repayment", finance, edit(b.t, repayment, "voucher", "R-2"), 409, "duplicate-voucher", "voucher")
	post("a repayment by a voucher of the project", recoveryID+"/record-repayment", finance, edit(b.t, repayment, "voucher", "R-1"), 409, "duplicate-voucher", "voucher")
	post("a repayment without its slip", recoveryID+"/record-repayment", finance, edit(b.t, repayment, "slip", strings.Repeat("0", 64)), 422, "no-such-file", "slip")
	post("the debtor records its repayment", recoveryID+"/record-repayment", firstOrganization, repayment, 403, "wrong-role", "")
	post("the next county records a repayment", recoveryID+"/record-repayment", "neighbour", repayment, 404, "not-found", "")
	post("a repayment on an outdated view", recoveryID+"/record-repayment", finance, repayment, 412, "stale-version", "", "If-Match", `"1"`)
	post("a recovery that is not there", "/v1/recoveries/"+b.first.ID+".r9/record-repayment", finance, repayment, 404, "not-found", "")
	post("a recovery opened by hand", "/v1/recoveries/"+b.first.ID+".r2/open", finance, "{}", 404, "no-such-route", "")

	instalments := func(pairs ...any) any {
		two := []any{map[string]any{"due": "2017-12-31", "fen": 600_000}, map[string]any{"due": "2018-03-31", "fen": 400_000}}
		return edit(b.t, map[string]any{"instalments": two, "reason": "周转困难"}, pairs...)
	}
	agree := recoveryID + "/agree-instalments"
	post("instalments that do not make up the debt", agree, zhuanglang.CountyApprover, instalments("instalments[0].fen", 599_999), 422, "instalment-sum", "instalments")
	post("an instalment of a day that has passed", agree, zhuanglang.CountyApprover, instalments("instalments[0].due", "2017-09-12"), 422, "instalment-day", "instalments[0].due")
	post("instalments out of order", agree, zhuanglang.CountyApprover, instalments("instalments[1].due", "2017-12-31"), 422, "instalment-day", "instalments[1].due")
	post("instalments for ever", agree, zhuanglang.CountyApprover, instalments("instalments[1].due", "2027-12-31"), 422, "instalment-day", "instalments[1].due")
	post("an instalment of nothing", agree, zhuanglang.CountyApprover, instalments("instalments[1].fen", 0), 422, "too-small", "instalments[1].fen")
	post("no instalment", agree, zhuanglang.CountyApprover, instalments("instalments", raw("[]")), 422, "too-few", "instalments")
	post("instalments agreed by finance", agree, finance, instalments(), 403, "wrong-role", "")

	explanation := difference.ExplainDifference{Explanation: "银行手续费"}
	post("a difference explained by nothing", differenceID+"/explain", finance, edit(b.t, explanation, "explanation", ""), 422, "too-short", "explanation")
	post("a difference explained by a file that is not there", differenceID+"/explain", finance, edit(b.t, explanation, "evidence", []string{strings.Repeat("0", 64)}), 422, "no-such-file", "evidence[0]")
	post("a difference explained by an approver", differenceID+"/explain", zhuanglang.CountyApprover, explanation, 403, "wrong-role", "")
	post("a difference explained by the next county", differenceID+"/explain", "neighbour", explanation, 404, "not-found", "")
	post("a difference that is corrected by a number", differenceID+"/explain", finance, edit(b.t, explanation, "found_fen", 1), 422, "unknown-field", "found_fen")
	post("a difference that is not there", "/v1/differences/bank.d00000000/explain", finance, explanation, 404, "not-found", "")
	for name, id := range map[string]string{
		"a difference of no bank": "banks.d0123456789abcdef", "a difference without its hash": "bank.d", "a hash that is none": "bank.dxyzxyzxyz",
		"a recovery's recovery": b.recovery.ID + ".r1", "a recovery without a number": b.first.ID + ".r",
	} {
		post(name, "/v1/differences/"+id+"/explain", finance, explanation, 400, "bad-format", "path.id")
	}
	return all
}

func paymentRefusals(b *books) map[string]refusal {
	all := map[string]refusal{}
	post := posting(all)
	waiting, byHand, atBank, posted := "/v1/payments/"+b.payments[3].ID, "/v1/payments/"+b.payments[4].ID, "/v1/payments/"+b.payments[5].ID, "/v1/payments/"+b.payments[2].ID
	confirmation := payment.ConfirmPayment{Voucher: "2018-0009", Slip: b.file}
	post("a release to one's kin", waiting+"/release", "kin", nil, 403, "conflict-of-interest", "")
	post("a release by the organization that is paid", waiting+"/release", zhuanglang.OrganizationPerson("ZL-2017-03"), nil, 403, "wrong-role", "")
	post("a release by the evaluator", waiting+"/release", zhuanglang.EvaluatorPerson, nil, 404, "not-found", "")
	post("a release by the next county", waiting+"/release", "neighbour", nil, 404, "not-found", "")
	post("a payment that came back before it went", waiting+"/return-payment", finance, map[string]string{"reason": "户名不符"}, 409, "wrong-stage", "")
	post("a third release", byHand+"/release", "kin", nil, 409, "wrong-stage", "")
	post("a payment voided that was instructed", byHand+"/void", finance, map[string]string{"reason": "x"}, 409, "wrong-stage", "")
	post("a voucher that was entered", byHand+"/confirm", finance, edit(b.t, confirmation, "voucher", "2018-0001"), 409, "duplicate-voucher", "voucher")
	post("a confirmation without its slip", byHand+"/confirm", finance, edit(b.t, confirmation, "slip", strings.Repeat("0", 64)), 422, "no-such-file", "slip")
	post("a payment voided that the bank has", atBank+"/void", finance, map[string]string{"reason": "x"}, 409, "wrong-stage", "")
	post("a confirmation of the bank's payment by an approver", atBank+"/confirm", zhuanglang.CountyApprover, confirmation, 403, "wrong-role", "")
	post("a payment confirmed twice", posted+"/confirm", finance, confirmation, 409, "wrong-stage", "")
	post("the bank's answer by hand", atBank+"/record-instruction", finance, "{}", 404, "no-such-route", "")
	return all
}

func moneyReadRefusals(b *books) map[string]refusal {
	all := map[string]refusal{}
	get := func(name, path, who string, status int, code, field string, header ...string) {
		all[name] = refusal{"GET", path, who, nil, header, status, code, field}
	}
	get("a batch of no day", "/v1/payment-batches?day=today", finance, 400, "bad-format", "query.day")
	get("a batch of the 30th of February", "/v1/payment-batches?day=2018-02-30", finance, 400, "bad-format", "query.day")
	get("a batch of a moment", "/v1/payment-batches?day=2018-01-08T00:00:00", finance, 400, "too-long", "query.day")
	get("a batch in a format that there is not", "/v1/payment-batches?format=pdf", finance, 400, "not-allowed", "query.format")
	get("a batch of another office", "/v1/payment-batches?place=620826", finance, 400, "unknown-parameter", "query.place")
	get("a batch in HTML", "/v1/payment-batches", finance, 406, "not-acceptable", "header.Accept", "Accept", "text/html")
	get("a batch for an organization", "/v1/payment-batches", firstOrganization, 403, "wrong-role", "")
	get("a batch for an auditor", "/v1/payment-batches", zhuanglang.AuditorPerson, 403, "wrong-role", "")
	get("a batch for the public", "/v1/payment-batches", zhuanglang.PublicPerson, 403, "wrong-role", "")
	get("a batch without a token", "/v1/payment-batches", "", 401, "unauthenticated", "header.Authorization")
	for _, list := range []string{"/v1/recoveries", "/v1/differences"} {
		get(list+" of 201", list+"?limit=201", finance, 400, "too-large", "query.limit")
		get(list+" from a cursor that is none", list+"?cursor=abc", finance, 400, "bad-cursor", "query.cursor")
		get(list+" in a stage in capitals", list+"?stage=REPAYMENT", finance, 400, "not-allowed", "query.stage")
		get(list+" of a pilot with a NUL", list+"?pilot=%00", finance, 400, "bad-text", "query.pilot")
		get(list+" of a place that is a name", list+"?place=Zhuanglang", finance, 400, "bad-format", "query.place")
		get(list+" by a filter that there is not", list+"?color=red", finance, 400, "unknown-parameter", "query.color")
		get(list+" without a token", list, "", 401, "unauthenticated", "header.Authorization")
	}
	get("recoveries of a project that is a pilot", "/v1/recoveries?project="+b.pilot.ID, finance, 400, "bad-format", "query.project")
	get("recoveries of an organization that is no code", "/v1/recoveries?organization=123", finance, 400, "bad-format", "query.organization")
	get("another organization's recovery", "/v1/recoveries/"+b.recovery.ID, secondOrganization, 404, "not-found", "")
	get("a difference, to an organization", "/v1/differences/"+b.difference.ID, firstOrganization, 404, "not-found", "")
	get("a recovery that calls itself a difference", "/v1/differences/"+b.recovery.ID, finance, 404, "not-found", "")
	get("a project, to the public", "/v1/projects/"+b.first.ID, zhuanglang.PublicPerson, 404, "not-found", "")
	return all
}

// The refusal of a forbidden kind of spending names the document that forbids it.
func TestARefusalOfForbiddenSpendingNamesItsSource(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	a := b.send(request{method: http.MethodPost, path: "/v1/projects/" + b.first.ID + "/report-spending", who: firstOrganization, body: project.ReportSpending{
		Receipts: []project.Invoice{b.receipt("0440017009-0001", "planting_breeding", 1)},
	}})
	for _, words := range []string{a.problem.ZH.What, a.problem.EN.What} {
		if !strings.Contains(words, "中央财政支持社会组织参与社会服务项目实施方案") {
			t.Errorf("%q does not name the source", words)
		}
	}
}
