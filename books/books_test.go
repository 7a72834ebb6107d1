package books_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"terrace/books"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/postgres"
)

var noon = time.Date(2018, 6, 15, 12, 0, 0, 0, calendar.Shanghai)

func text(s string) domain.Text { return domain.Text{ZH: s, EN: s} }

// hostile is a text that a spreadsheet would evaluate as a formula.
const hostile = `=HYPERLINK("http://127.0.0.1/?"&A1,"x")`

var trial = postgres.TrialBalance{
	At: noon,
	Accounts: []postgres.AccountBalance{
		{Book: "entrusted", Owner: "p.1", Account: "entrusted", Title: text("受托资金"), CreditFen: 10, BalanceFen: -10},
		{Book: "entrusted", Owner: "p.1", Account: "entrusted-held", Title: text("受托结存"), DebitFen: 10, BalanceFen: 10},
		{Book: "grant", Owner: "p", Account: "appropriation", Title: text("拨入"), CreditFen: 120_000_000, BalanceFen: -120_000_000},
		{Book: "grant", Owner: "p", Account: "available", Title: text("可用"), DebitFen: 120_000_000, CreditFen: 119_999_999, BalanceFen: 1},
		{Book: "grant", Owner: "p.1", Account: "spent", Category: "+materials", CategoryName: text("物资"), Title: text(hostile), DebitFen: 119_999_999, BalanceFen: 119_999_999},
	},
	Books: []postgres.BookTotal{{Book: "entrusted", BookName: text("受托"), DebitFen: 10, CreditFen: 10}, {Book: "grant", BookName: text("公益金"), DebitFen: 239_999_999, CreditFen: 239_999_999}},
}

var statement = postgres.Statement{
	NamedAccount: counter("advance", "预付", ""), Book: "grant", From: noon.AddDate(0, -1, 0), OpeningFen: 5,
	Lines: []postgres.StatementLine{
		{At: noon, On: calendar.Of(noon), Aggregate: flow.Ref{Kind: payment.Kind, ID: "p.1.1.1"}, Title: text("@付款"), Counter: counter("transit", "在途", ""), Fen: 12_600_010, BalanceFen: 12_600_015},
		{At: noon, On: calendar.Of(noon), Aggregate: flow.Ref{Kind: project.Kind, ID: "p.1"}, Title: text("-核定"), Counter: counter("spent", "核定支出", "travel"), Fen: -7, BalanceFen: 12_600_008},
	},
	ClosingFen: 12_600_008,
}

func counter(account, title, category string) postgres.NamedAccount {
	a := postgres.NamedAccount{AccountKey: postgres.AccountKey{Owner: "p.1", Account: account, Category: category}, Title: domain.T(title, account)}
	if category != "" {
		a.CategoryName = domain.T("差旅", "travel costs")
	}
	return a
}

var budget = postgres.Budget{
	Project: "p.1", Title: text(hostile), Organization: plan.Organization{Name: text("协会"), CreditCode: "51620825MJDEM0030N"}, At: noon, GrantFen: 100, PaidFen: 60,
	Lines: []postgres.BudgetLine{
		{Kind: "materials", Title: text("物资"), BudgetSums: postgres.BudgetSums{ApprovedFen: 70, PlannedFen: 65, ReportedFen: 30, OpenFen: 3, AcceptedFen: 20, DisallowedFen: 7, SpentFen: 20, RemainingFen: 42, MatchingFen: 1, InKindFen: 2, EntrustedFen: 4}},
		{Kind: "travel", Title: text("差旅"), BudgetSums: postgres.BudgetSums{ApprovedFen: 30, PlannedFen: 35, RemainingFen: 35}},
	},
	Total: postgres.BudgetSums{ApprovedFen: 100, PlannedFen: 100, ReportedFen: 30, OpenFen: 3, AcceptedFen: 20, DisallowedFen: 7, SpentFen: 20, RemainingFen: 77, MatchingFen: 1, InKindFen: 2, EntrustedFen: 4},
	Uses:  postgres.Uses{AllottedFen: 100, CommittedFen: 40, AdvanceFen: 40, SpentFen: 20},
}

var fund = postgres.Fund{
	Programme: "zhuanglang-2017", Name: text("庄浪"), At: noon, Whole: true, TotalFen: 900, UnallottedFen: 700,
	Uses: postgres.Uses{AllottedFen: 200, AvailableFen: 55, CommittedFen: 40, TransitFen: 10, AdvanceFen: 30, SpentFen: 50, DisallowedFen: 4, ReceivableFen: 6, ReturnedFen: 5},
	Pilots: []postgres.FundPilot{{
		ID: "p", Title: text("试点"), Uses: postgres.Uses{AllottedFen: 150, AvailableFen: 5, CommittedFen: 40, TransitFen: 10, AdvanceFen: 30, SpentFen: 50, DisallowedFen: 4, ReceivableFen: 6, ReturnedFen: 5},
		Projects: []postgres.FundProject{
			{ID: "p.1", Title: text("苹果"), Organization: postgres.Party{CreditCode: "51620825MJDEM0030N", Name: text("协会")}, Uses: postgres.Uses{AllottedFen: 90, TransitFen: 10, AdvanceFen: 30, SpentFen: 40, DisallowedFen: 4, ReceivableFen: 6}},
			{ID: "p.e", Title: text("评估"), Uses: postgres.Uses{AllottedFen: 50, CommittedFen: 40, SpentFen: 10}},
		},
	}, {ID: "q", Title: text("又一"), Uses: postgres.Uses{AllottedFen: 50, AvailableFen: 50}}},
}

func usesRow(u postgres.Uses) []money.Fen {
	return []money.Fen{u.AllottedFen, u.AvailableFen, u.CommittedFen, u.TransitFen, u.AdvanceFen, u.SpentFen, u.DisallowedFen, u.ReceivableFen, u.ReturnedFen}
}

func budgetRow(s postgres.BudgetSums) []money.Fen {
	return []money.Fen{s.ApprovedFen, s.PlannedFen, s.ReportedFen, s.OpenFen, s.AcceptedFen, s.DisallowedFen, s.SpentFen, s.RemainingFen, s.MatchingFen, s.InKindFen, s.EntrustedFen}
}

// workbooks maps each workbook to the totals that its sheets must show, in row order.
var workbooks = map[string]struct {
	write  func(io.Writer) error
	totals [][][]money.Fen
}{
	"trial balance": {
		func(w io.Writer) error { return books.TrialBalance(w, []string{hostile}, trial) },
		[][][]money.Fen{{{10, 10, 0}, {239_999_999, 239_999_999, 0}}},
	},
	"statement": {
		func(w io.Writer) error { return books.Statement(w, noon, statement) },
		[][][]money.Fen{{{12_600_010, 7}, {12_600_008}}},
	},
	"budget": {
		func(w io.Writer) error { return books.Budget(w, budget) },
		[][][]money.Fen{{budgetRow(budget.Total)}, {usesRow(budget.Uses)}},
	},
	"fund": {
		func(w io.Writer) error { return books.Fund(w, fund) },
		[][][]money.Fen{{usesRow(fund.Uses)}, {usesRow(fund.Uses)}},
	},
}

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, write(&out))
	return out.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// amounts returns the cells of a row that are amounts in yuan.
func amounts(row []string) (fen []money.Fen) {
	for _, cell := range row {
		if regexp.MustCompile(`^-?[0-9,]+\.[0-9]{2}$`).MatchString(cell) {
			digits := strings.NewReplacer(",", "", ".", "").Replace(cell)
			var n money.Fen
			for _, d := range strings.TrimPrefix(digits, "-") {
				n = n*10 + money.Fen(d-'0')
			}
			if strings.HasPrefix(digits, "-") {
				n = -n
			}
			fen = append(fen, n)
		}
	}
	return fen
}

// totals returns the amounts in the rows of totals.
func totals(rows [][]string) (all [][]money.Fen) {
	for _, row := range rows {
		if len(row) > 0 && (strings.HasPrefix(row[0], "合计") || strings.HasPrefix(row[0], "期末")) {
			all = append(all, amounts(row))
		}
	}
	return all
}

func same(a, b [][]money.Fen) bool {
	return slices.EqualFunc(a, b, func(x, y []money.Fen) bool { return slices.Equal(x, y) })
}

func TestTotalsAreFormulasThatCarryTheirValue(t *testing.T) {
	t.Parallel()
	for name, test := range workbooks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := excelize.OpenReader(bytes.NewReader(written(t, test.write)))
			must(t, err)
			defer func() { must(t, f.Close()) }()
			for i, sheet := range f.GetSheetList() {
				rows, err := f.GetRows(sheet)
				must(t, err)
				if got := totals(rows); !same(got, test.totals[i]) {
					t.Errorf("%s carries %v, want %v", sheet, got, test.totals[i])
				}
				recalculated := totals(recalculated(t, f, sheet, rows))
				if !same(recalculated, test.totals[i]) {
					t.Errorf("%s calculates %v, want %v", sheet, recalculated, test.totals[i])
				}
			}
		})
	}
}

// recalculated returns the rows with the value of every formula calculated from scratch.
func recalculated(t *testing.T, f *excelize.File, sheet string, rows [][]string) [][]string {
	t.Helper()
	found := 0
	for r, row := range rows {
		for c := range row {
			cell, err := excelize.CoordinatesToCellName(c+1, r+1)
			must(t, err)
			formula, err := f.GetCellFormula(sheet, cell)
			must(t, err)
			if formula == "" {
				continue
			}
			found++
			rows[r][c], err = f.CalcCellValue(sheet, cell)
			must(t, err)
			kind, err := f.GetCellType(sheet, cell)
			must(t, err)
			if kind != excelize.CellTypeNumber && kind != excelize.CellTypeUnset {
				t.Errorf("%s %s carries its value as type %d, not as a number", sheet, cell, kind)
			}
		}
	}
	if found == 0 {
		t.Errorf("%s has no formula", sheet)
	}
	return rows
}

func TestAWorkbookSaysWhatItIsOfAndWhen(t *testing.T) {
	t.Parallel()
	for name, test := range workbooks {
		f, err := excelize.OpenReader(bytes.NewReader(written(t, test.write)))
		must(t, err)
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			must(t, err)
			all := ""
			for _, row := range rows {
				all += strings.Join(row, "\t") + "\n"
			}
			for _, want := range []string{"2018-06-15 12:00:00 (Asia/Shanghai)", "单位：元", "amounts in yuan"} {
				if !strings.Contains(all, want) {
					t.Errorf("%s, %s lacks %q", name, sheet, want)
				}
			}
			if !regexp.MustCompile(`^\p{Han}`).MatchString(rows[0][0]) || !regexp.MustCompile(`^[A-Z]`).MatchString(rows[1][0]) {
				t.Errorf("%s, %s is titled %q and %q", name, sheet, rows[0], rows[1])
			}
		}
		must(t, f.Close())
	}
}

func TestAWorkbookNamesAccountsAndKindsOfSpending(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"trial balance": {"公益金 公益金", "物资 物资"},
		"statement":     {"p.1 advance 预付 advance\n", "p.1 transit 在途 transit\t", "p.1 spent 核定支出 spent travel 差旅 travel costs\t"},
	} {
		f, err := excelize.OpenReader(bytes.NewReader(written(t, workbooks[name].write)))
		must(t, err)
		rows, err := f.GetRows(f.GetSheetName(0))
		must(t, err)
		all := ""
		for _, row := range rows {
			all += strings.Join(row, "\t") + "\n"
		}
		for _, text := range want {
			if !strings.Contains(all, text) {
				t.Errorf("%s lacks %q:\n%s", name, text, all)
			}
		}
		must(t, f.Close())
	}
}

// A text that begins like a formula is stored as text, and remains text when a user edits its cell.
func TestATextIsNoFormula(t *testing.T) {
	t.Parallel()
	for name, test := range workbooks {
		workbook := written(t, test.write)
		z, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
		must(t, err)
		for _, part := range z.File {
			if !strings.HasPrefix(part.Name, "xl/worksheets/") {
				continue
			}
			r, err := part.Open()
			must(t, err)
			xml, err := io.ReadAll(r)
			must(t, err)
			for _, formula := range regexp.MustCompile(`<f>([^<]*)</f>`).FindAllSubmatch(xml, -1) {
				if !regexp.MustCompile(`^(H[0-9]+(\+SUM\(F[0-9:F]+\)-SUM\(G[0-9:G]+\))?|SUM\([A-Z]+[0-9]+:[A-Z]+[0-9]+\))$`).Match(formula[1]) {
					t.Errorf("%s: %s has the formula %s", name, part.Name, formula[1])
				}
			}
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, workbooks["trial balance"].write)))
	must(t, err)
	defer func() { must(t, f.Close()) }()
	sheet, cell := f.GetSheetName(0), "A3"
	if got, err := f.GetCellValue(sheet, cell); err != nil || got != hostile {
		t.Errorf("%s holds %q, %v", cell, got, err)
	}
	style, err := f.GetCellStyle(sheet, cell)
	must(t, err)
	if quoted := f.Styles.CellXfs.Xf[style].QuotePrefix; quoted == nil || !*quoted {
		t.Errorf("%s would become a formula when it is edited", cell)
	}
}

func TestAnAmountThatCannotBeExactIsRefused(t *testing.T) {
	t.Parallel()
	most := postgres.Statement{OpeningFen: 1 << 53, ClosingFen: 1 << 53}
	must(t, books.Statement(io.Discard, noon, most))
	most.OpeningFen++
	if err := books.Statement(io.Discard, noon, most); err == nil || !strings.Contains(err.Error(), "exactly") {
		t.Errorf("got %v", err)
	}
}

func TestNothingMakesAnEmptyTable(t *testing.T) {
	t.Parallel()
	must(t, books.Fund(io.Discard, postgres.Fund{At: noon}))
	must(t, books.TrialBalance(io.Discard, nil, postgres.TrialBalance{At: noon}))
	must(t, books.Budget(io.Discard, postgres.Budget{At: noon}))
}

// LibreOffice opens the workbooks and shows the same totals.
func TestLibreOfficeShowsTheSameTotals(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed; with libreoffice-calc installed this test opens the workbooks in LibreOffice")
	}
	folder := t.TempDir()
	arguments := []string{"--headless", "-env:UserInstallation=file://" + folder + "/profile", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1", "--outdir", folder}
	for name, test := range workbooks {
		file := filepath.Join(folder, strings.ReplaceAll(name, " ", "")+".xlsx")
		must(t, os.WriteFile(file, written(t, test.write), 0o600))
		arguments = append(arguments, file)
	}
	out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, test := range workbooks {
		sheets, err := filepath.Glob(filepath.Join(folder, strings.ReplaceAll(name, " ", "")+"-*.csv"))
		must(t, err)
		var got [][][]money.Fen
		for _, sheet := range sheets {
			got = append(got, totals(table(t, sheet)))
		}
		want := slices.Clone(test.totals)
		order := func(a, b [][]money.Fen) int { return slices.Compare(a[0], b[0]) } // the files are in alphabetical order
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("%s: LibreOffice shows %v, want %v", name, got, want)
		}
	}
}

func table(t *testing.T, file string) [][]string {
	t.Helper()
	content, err := os.ReadFile(file)
	must(t, err)
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	must(t, err)
	return rows
}
