package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"terrace/api"
	"terrace/demo/zhuanglang"
)

const theStatement = `account,62001111
from,2017-09-01
to,2017-09-10
opening,1000.00
closing,1000.50
booked_on,reference,amount,direction,counterparty,number,text
2017-09-04,,2.50,credit,张三,B1,退款
2017-09-05,x,2.00,debit,,B2,
`

func TestABankStatementIsEnteredOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	entry := api.BankStatementEntry{SHA256: d.uploaded(zhuanglang.CountyFinance, theStatement), Format: "csv", Account: "专户"}
	first := d.post(zhuanglang.CountyFinance, "/v1/bank-statements", entry, "Idempotency-Key", "")
	entry.Account = " 专户\u3000"
	again := d.post(zhuanglang.CountyFinance, "/v1/bank-statements", entry)
	if first.status != http.StatusCreated || again.status != http.StatusOK || string(first.body) != string(again.body) {
		t.Errorf("first %d %s, again %d %s", first.status, first.body, again.status, again.body)
	}
	var page api.Page[api.BankStatement]
	d.get(zhuanglang.CityApprover, "/v1/bank-statements?place=620800", &page)
	if len(page.Items) != 1 {
		t.Fatalf("the city sees %+v", page)
	}
	got := page.Items[0]
	if got.Place != "620825" || got.Account != "专户" || got.OpeningFen != 100_000 || got.ClosingFen != 100_050 || got.Lines != 2 ||
		got.From.String() != "2017-09-01" || got.To.String() != "2017-09-10" || got.UploadedBy != zhuanglang.CountyFinance {
		t.Errorf("it is %+v", got)
	}
	if d.get("neighbour", "/v1/bank-statements", &page); len(page.Items) != 0 {
		t.Errorf("another county sees %+v", page)
	}
	if strings.Contains(string(first.body), "张三") || strings.Contains(d.log.String(), "张三") {
		t.Error("a name from the file got out")
	}
}

// An officer may enter a file as a statement if they may refer to it in a command, even if they may not download it.
func TestAStatementThatAColleagueUploadedIsEntered(t *testing.T) {
	t.Parallel()
	d := open(t)
	entry := api.BankStatementEntry{SHA256: d.uploaded(zhuanglang.CountyOfficer, theStatement), Format: "csv", Account: "专户"}
	var kept api.BankStatement
	a := d.post(zhuanglang.CountyFinance, "/v1/bank-statements", entry)
	must(t, json.Unmarshal(a.body, &kept))
	if a.status != http.StatusCreated || kept.UploadedBy != zhuanglang.CountyFinance || kept.Href != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	var page api.Page[api.BankStatement]
	if d.get(zhuanglang.CountyFinance, "/v1/bank-statements", &page); len(page.Items) != 1 || page.Items[0].Href != "" {
		t.Errorf("it lists %+v", page.Items)
	}
}

func TestACamtStatementIsEntered(t *testing.T) {
	t.Parallel()
	d := open(t)
	const camt = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<FrToDt><FrDtTm>2017-09-01T00:00:00+08:00</FrDtTm><ToDtTm>2017-09-10T23:59:59+08:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>62001111</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2017-09-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2017-09-10</Dt></Dt></Bal>
</Stmt></BkToCstmrStmt></Document>`
	sha := shaOf(camt)
	d.post(zhuanglang.CountyFinance, "/v1/evidence", camt, "Content-Type", "application/xml", "Content-Digest", digest(camt))
	a := d.post(zhuanglang.CountyFinance, "/v1/bank-statements", api.BankStatementEntry{SHA256: sha, Format: "camt053", Account: "专户"})
	if a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAFileThatIsNoStatementIsRefusedWithItsLine(t *testing.T) { //nolint:tparallel // what was kept is counted after the cases
	t.Parallel()
	d := open(t)
	spoiled := func(old, fresh string) string { return strings.Replace(theStatement, old, fresh, 1) }
	d.post(zhuanglang.CountyFinance, "/v1/bank-statements", api.BankStatementEntry{
		SHA256: d.uploaded(zhuanglang.CountyFinance, theStatement), Format: "csv", Account: "entered",
	})
	for name, c := range map[string]struct { //nolint:paralleltest // see above
		content, format, account, who string
		status                        int
		code, field, says             string
	}{
		"an amount that is none":                {spoiled("2.50,credit", "2.505,credit"), "csv", "a", "", 422, "bad-statement", "sha256.line[7]", "in line 7, the amount"},
		"a number twice":                        {spoiled("B2", "B1"), "csv", "b", "", 422, "bad-statement", "sha256.line[8]", "in line 8, the bank's number already appears"},
		"an unknown heading":                    {spoiled("counterparty", "payer"), "csv", "e", "", 422, "bad-statement", "sha256.line[6]", "“payer”, is unknown or appears more than once; the rows above are account (账号)"},
		"lines that do not add up":              {spoiled("1000.50", "1000.51"), "csv", "c", "", 422, "bad-statement", "sha256", "add up to"},
		"a CSV said to be camt.053":             {spoiled("x", "y"), "camt053", "d", "", 422, "bad-statement", "sha256", "not in the format camt053"},
		"a day that has yet to come":            {spoiled("to,2017-09-10", "to,2099-09-10"), "csv", "e", "", 422, "bad-statement", "sha256", "it ends on 2099-09-10, after today (2017-09-11)"},
		"a name of spaces":                      {spoiled("x", "s"), "csv", " ", "", 422, "blank", "account", "only spaces"},
		"a number that has another name":        {spoiled("退款", "退"), "csv", "i", "", 409, "number-elsewhere", "account", "account “entered” ("},
		"that number in another form":           {spoiled("62001111", "6200-1111"), "csv", "j", "", 409, "number-elsewhere", "account", "entered"},
		"no such format":                        {spoiled("x", "y"), "pdf", "d", "", 422, "not-allowed", "format", "csv"},
		"another account number":                {spoiled("62001111", "62002222"), "csv", "entered", "", 409, "other-account", "account", "entered"},
		"a line that says something else":       {strings.NewReplacer("2.00,debit", "3.00,debit", "1000.50", "999.50").Replace(theStatement), "csv", "entered", "", 409, "line-differs", "sha256", "B2"},
		"the same file under another name":      {theStatement, "csv", "f", "", 409, "statement-elsewhere", "account", "entered"},
		"somebody who is not finance":           {spoiled("x", "z"), "csv", "g", zhuanglang.CountyOfficer, 403, "wrong-role", "", "finance"},
		"a file that another office's uploaded": {spoiled("x", "w"), "csv", "h", "neighbour", 422, "no-such-file", "sha256", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sha := d.uploaded(zhuanglang.CountyFinance, c.content)
			who := c.who
			if who == "" {
				who = zhuanglang.CountyFinance
			}
			a := d.send(request{method: "POST", path: "/v1/bank-statements", who: who, body: api.BankStatementEntry{SHA256: sha, Format: c.format, Account: c.account}})
			p := a.problem
			if a.status != c.status || p.Code != c.code || p.Field != c.field || !strings.Contains(p.EN.What, c.says) || p.ZH.What == "" || strings.Contains(p.ZH.What+p.EN.What, "{") {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	sha := d.uploaded(zhuanglang.CountyFinance, spoiled("counterparty", "payer"))
	wrong := d.send(request{method: "POST", path: "/v1/bank-statements", who: zhuanglang.CountyFinance, body: api.BankStatementEntry{SHA256: sha, Format: "csv", Account: "e"}}).problem
	if !strings.Contains(wrong.ZH.What, "第6行第5列的栏目“payer”不能识别或重复出现；其上各行应为：账号（account）") {
		t.Error(wrong.ZH.What)
	}
	var page api.Page[api.BankStatement]
	if d.get(zhuanglang.CountyFinance, "/v1/bank-statements", &page); len(page.Items) != 1 {
		t.Errorf("kept %+v", page.Items)
	}
	lines := 0
	must(t, d.sql.QueryRow(t.Context(), "select count(*) from bank_line").Scan(&lines))
	if lines != 2 {
		t.Errorf("%d lines were kept", lines)
	}
}
