package api

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"terrace/domain/money"
)

func TestCellsOfATextFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cell any
		want string
	}{
		"an amount has two decimals and no groups":   {money.Fen(123_456_789), "1234567.89"},
		"a credit is negative":                       {money.Fen(-5), "-0.05"},
		"a number is itself":                         {7, "7"},
		"a text is itself":                           {"庄浪县示例苹果产业协会", "庄浪县示例苹果产业协会"},
		"a text that begins like a formula is not":   {"=1+1", "'=1+1"},
		"nor one that begins with a plus":            {"+8613900000000", "'+8613900000000"},
		"nor one that begins with a minus":           {"-2+3", "'-2+3"},
		"nor one that calls a function":              {"@SUM(A1)", "'@SUM(A1)"},
		"nor one that hides it behind a tab":         {"\t=1", "'\t=1"},
		"a sign in the middle of a text is harmless": {"a=b", "a=b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := plainText(c.cell); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestATableIsTheSameInBothFiles(t *testing.T) {
	t.Parallel()
	sheet := table{
		name: "付款清单", columns: []column{{"名称", 10}, {"金额", 10}, {"日期", 10}},
		rows:   [][]any{{"=cmd()", money.Fen(99_999_999_999_999), "2018-01-08"}, {"0123456789012345678", money.Fen(1), ""}},
		totals: []any{"合计", money.Fen(100_000_000_000_000), ""},
	}
	var text, book bytes.Buffer
	if err := sheet.csv(&text); err != nil {
		t.Fatal(err)
	}
	if err := sheet.xlsx(&book); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff名称,金额,日期\r\n'=cmd(),999999999999.99,2018-01-08\r\n0123456789012345678,0.01,\r\n合计,1000000000000.00,\r\n"
	if text.String() != want {
		t.Errorf("csv %q", text.String())
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	for cell, want := range map[string]string{
		"A2": "=cmd()", "B2": "999,999,999,999.99", "C2": "2018-01-08", "A3": "0123456789012345678", "B3": "0.01", "B4": "1,000,000,000,000.00",
	} {
		if got, err := f.GetCellValue("付款清单", cell); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", cell, got, err, want)
		}
		if formula, err := f.GetCellFormula("付款清单", cell); err != nil || formula != "" {
			t.Errorf("%s is the formula %q, %v", cell, formula, err)
		}
	}
	if strings.Contains(f.GetSheetName(0), "Sheet") {
		t.Error("the sheet has no name")
	}
}
