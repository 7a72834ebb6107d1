package api_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/payment"
)

type batch struct {
	Day, Place string
	Items      []struct {
		Reference, Stage, Gateway string
		Payee                     struct {
			CreditCode string `json:"credit_code"`
		}
		AccountName   string `json:"account_name"`
		AccountNumber string `json:"account_number"`
		Fen           int64
	}
	TotalFen int64 `json:"total_fen"`
}

// today returns the date on which the payments in these books were instructed.
func (b *books) today() string {
	now, err := b.store.Now(b.t.Context())
	must(b.t, err)
	return calendar.Of(now).String()
}

func TestADaysBatchHoldsWhatWaitsForItsVoucherOrForTheBank(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var got batch
	b.get(finance, "/v1/payment-batches", &got)
	if got.Day != b.today() || got.Place != "620825" || len(got.Items) != 2 {
		t.Fatalf("batch %+v", got)
	}
	byHand, atBank := got.Items[0], got.Items[1]
	if byHand.Reference != b.payments[4].ID || byHand.Stage != "confirmation" || byHand.Gateway != "voucher" || byHand.AccountNumber != accountNumber(4) {
		t.Errorf("by hand: %+v", byHand)
	}
	if atBank.Reference != b.payments[5].ID || atBank.Stage != "clearing" || atBank.Gateway != "http" || atBank.AccountName != b.demo.Projects[4].Organization.ZH {
		t.Errorf("at the bank: %+v", atBank)
	}
	if want := int64(19_000_000*6/10 + 20_000_000*6/10); got.TotalFen != want || byHand.Fen+atBank.Fen != want {
		t.Errorf("total %d of %d and %d, want %d", got.TotalFen, byHand.Fen, atBank.Fen, want)
	}
	b.get(finance, "/v1/payment-batches?day=2017-09-12", &got)
	if len(got.Items) != 0 || got.TotalFen != 0 {
		t.Errorf("another day: %+v", got)
	}
	b.post(finance, "/v1/payments/"+b.payments[4].ID+"/confirm", map[string]string{"voucher": "2018-0004", "slip": b.file})
	b.get(finance, "/v1/payment-batches", &got)
	if len(got.Items) != 1 || got.Items[0].Reference != b.payments[5].ID {
		t.Errorf("once one is confirmed: %+v", got)
	}
}

func TestAccountNumbersAreForTheOfficesFinanceAloneAndInNoLog(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for who, want := range map[string]struct {
		items   int
		numbers bool
	}{
		finance:                     {2, true},
		"kin":                       {2, true},
		officer:                     {2, false},
		zhuanglang.CountyApprover:   {2, false},
		"neighbour":                 {0, false}, // a finance officer of another county
		zhuanglang.ProvinceApprover: {0, false}, // the province makes no payments of its own
	} {
		for _, format := range []string{"json", "csv"} {
			a := b.send(request{method: http.MethodGet, path: "/v1/payment-batches?format=" + format, who: who})
			numbers := bytes.Contains(a.body, []byte(accountNumber(4))) && bytes.Contains(a.body, []byte(accountNumber(5)))
			if a.status != http.StatusOK || numbers != want.numbers || !want.numbers && bytes.Contains(a.body, []byte(anyAccount)) {
				t.Errorf("%s, %s: %d %s", who, format, a.status, a.body)
			}
			if items := strings.Count(string(a.body), b.pilot.ID+".4.1.1") + strings.Count(string(a.body), b.pilot.ID+".5.1.1"); (items > 0) != (want.items > 0) {
				t.Errorf("%s, %s: %s", who, format, a.body)
			}
		}
		page := b.send(request{method: http.MethodGet, path: "/v1/payments/" + b.payments[4].ID, who: who})
		if shown := bytes.Contains(page.body, []byte(accountNumber(4))); shown != want.numbers {
			t.Errorf("%s, the payment's page: %d %s", who, page.status, page.body)
		}
	}
	if strings.Contains(b.log.String(), anyAccount) {
		t.Error("an account number in the log")
	}
}

// Whoever is to release a payment second reads the account and who released it first; the payee does not learn who that was.
func TestAPaymentSaysWhoReleasedIt(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, _, ref := d.paying()
	d.do(zhuanglang.CountyApprover, "release", ref, &payment.ReleasePayment{})
	for who, want := range map[string]bool{
		finance: true, officer: true, zhuanglang.AuditorPerson: true, zhuanglang.OrganizationPerson("ZL-2017-01"): false,
	} {
		var p struct {
			Releases   int
			ReleasedBy []api.Sender `json:"released_by"`
		}
		d.get(who, "/v1/payments/"+ref.ID, &p)
		named := len(p.ReleasedBy) == 1 && p.ReleasedBy[0].ID == zhuanglang.CountyApprover && p.ReleasedBy[0].Name == d.people[zhuanglang.CountyApprover].Name
		if p.Releases != 1 || named != want || !want && p.ReleasedBy != nil {
			t.Errorf("%s: %+v", who, p)
		}
	}
}

func TestABatchIsAFileWhoseTotalIsTheAPIs(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	want := [][]string{
		{b.payments[4].ID, b.demo.Projects[3].Organization.ZH, b.demo.Projects[3].Organization.CreditCode, b.demo.Projects[3].Organization.ZH, accountNumber(4), "114000.00", "凭证付款（人工办理） by hand, with a voucher"},
		{b.payments[5].ID, b.demo.Projects[4].Organization.ZH, b.demo.Projects[4].Organization.CreditCode, b.demo.Projects[4].Organization.ZH, accountNumber(5), "120000.00", "银行接口 through the bank"},
		{"合计 Total", "", "", "", "", "234000.00"},
	}
	file := func(format, mediaType string) []byte {
		a := b.send(request{method: http.MethodGet, path: "/v1/payment-batches?format=" + format, who: finance})
		disposition := `attachment; filename=payments-620825-` + b.today() + "." + format
		if a.status != http.StatusOK || a.header.Get("Content-Type") != mediaType || a.header.Get("Content-Disposition") != disposition || a.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %v", format, a.status, a.header)
		}
		return a.body
	}
	compare := func(format string, rows [][]string) {
		if len(rows) != 4 {
			t.Fatalf("%s: %d rows", format, len(rows))
		}
		for i, row := range want {
			for j, cell := range row {
				if got := rows[i+1][j]; got != cell {
					t.Errorf("%s, row %d, column %d: %q, want %q", format, i+1, j+1, got, cell)
				}
			}
		}
	}
	text, marked := strings.CutPrefix(string(file("csv", "text/csv; charset=utf-8")), "\ufeff")
	if !marked {
		t.Error("spreadsheets would not recognize it as UTF-8")
	}
	compare("csv", ok(csv.NewReader(strings.NewReader(text)).ReadAll())(t))

	book := ok(excelize.OpenReader(bytes.NewReader(file("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))(t)
	defer func() { must(t, book.Close()) }()
	rows := ok(book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true}))(t)
	for _, row := range rows[1:] {
		row[5] += ".00" // a number, without its format
	}
	compare("xlsx", rows)
	if kind := ok(book.GetCellType(book.GetSheetName(0), "E2"))(t); kind == excelize.CellTypeNumber {
		t.Error("an account number would be rounded")
	}
}
