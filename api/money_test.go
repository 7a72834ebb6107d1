package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"terrace/demo/zhuanglang"
	"terrace/domain/money"
)

// moneyReads returns the paths of the four money reports, each with the amounts that the total rows of its workbook
// must show.
func (b *books) moneyReads() map[string][][]money.Fen {
	b.t.Helper()
	var trial struct {
		Books []struct {
			DebitFen   money.Fen `json:"debit_fen"`
			CreditFen  money.Fen `json:"credit_fen"`
			BalanceFen money.Fen `json:"balance_fen"`
		}
	}
	of := map[string][][]money.Fen{}
	path := "/v1/ledger/trial-balance?pilot=" + b.pilot.ID
	b.get(officer, path, &trial)
	for _, book := range trial.Books {
		of[path] = append(of[path], []money.Fen{book.DebitFen, book.CreditFen, book.BalanceFen})
	}
	var statement struct {
		ClosingFen money.Fen `json:"closing_fen"`
		Lines      []struct{ Fen money.Fen }
	}
	path = "/v1/ledger/statement?account=advance&owner=" + b.first.ID
	b.get(officer, path, &statement)
	var debits, credits money.Fen
	for _, l := range statement.Lines {
		debits, credits = debits+max(l.Fen, 0), credits+max(-l.Fen, 0)
	}
	of[path] = [][]money.Fen{{debits, credits}, {statement.ClosingFen}}
	var budget struct{ Total, Uses map[string]money.Fen }
	path = "/v1/projects/" + b.first.ID + "/budget"
	b.get(officer, path, &budget)
	of[path] = [][]money.Fen{
		inOrder(budget.Total, "approved", "planned", "reported", "open", "accepted", "disallowed", "spent", "remaining", "matching", "in_kind", "entrusted"),
		inOrder(budget.Uses, uses...),
	}
	var fund map[string]any
	path = "/v1/programmes/" + b.demo.Programme + "/fund"
	b.get(officer, path, &fund)
	sums := map[string]money.Fen{}
	for name, value := range fund {
		if fen, ok := value.(float64); ok {
			sums[name] = money.Fen(fen)
		}
	}
	of[path] = [][]money.Fen{inOrder(sums, uses...), inOrder(sums, uses...)}
	return of
}

var uses = []string{"allotted", "available", "committed", "transit", "advance", "spent", "disallowed", "receivable", "returned"}

func inOrder(sums map[string]money.Fen, names ...string) (all []money.Fen) {
	for _, name := range names {
		fen, there := sums[name+"_fen"]
		if !there {
			panic("the answer lacks " + name)
		}
		all = append(all, fen)
	}
	return all
}

// workbook downloads the report at a path as an Excel workbook.
func (b *books) workbook(path string) []byte {
	b.t.Helper()
	a := b.send(request{method: http.MethodGet, path: path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "format=xlsx", who: officer})
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" ||
		!strings.HasSuffix(a.header.Get("Content-Disposition"), ".xlsx") {
		b.t.Fatalf("%s: %d %v", path, a.status, a.header)
	}
	return a.body
}

// shown returns the amounts in the total rows of a sheet.
func shown(rows [][]string) (all [][]money.Fen) {
	for _, row := range rows {
		if len(row) == 0 || !strings.HasPrefix(row[0], "合计") && !strings.HasPrefix(row[0], "期末") {
			continue
		}
		var line []money.Fen
		for _, cell := range row[1:] {
			var yuan, fen money.Fen
			if n, _ := fmt.Sscanf(strings.ReplaceAll(strings.TrimPrefix(cell, "-"), ",", ""), "%d.%2d", &yuan, &fen); n == 2 {
				if yuan = yuan*money.Yuan + fen; strings.HasPrefix(cell, "-") {
					yuan = -yuan
				}
				line = append(line, yuan)
			}
		}
		all = append(all, line)
	}
	return all
}

func sameSums(a, b [][]money.Fen) bool {
	return slices.EqualFunc(a, b, func(x, y []money.Fen) bool { return slices.Equal(x, y) })
}

func TestAWorkbookShowsTheTotalsOfTheAPI(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for path, want := range b.moneyReads() {
		f := ok(excelize.OpenReader(bytes.NewReader(b.workbook(path))))(t)
		var got [][]money.Fen
		for _, sheet := range f.GetSheetList() {
			got = append(got, shown(ok(f.GetRows(sheet))(t))...)
		}
		if !sameSums(got, want) {
			t.Errorf("%s: the workbook shows %v, the API says %v", path, got, want)
		}
		must(t, f.Close())
	}
}

func TestLibreOfficeShowsTheTotalsOfTheAPI(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed; with libreoffice-calc installed this test opens the API's workbooks in LibreOffice")
	}
	b := openBooks(t)
	folder := t.TempDir()
	arguments := []string{"--headless", "-env:UserInstallation=file://" + folder + "/profile", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1", "--outdir", folder}
	reads, files := b.moneyReads(), map[string]string{}
	for path := range reads {
		files[path] = fmt.Sprintf("book%d", len(files))
		file := filepath.Join(folder, files[path]+".xlsx")
		must(t, os.WriteFile(file, b.workbook(path), 0o600))
		arguments = append(arguments, file)
	}
	if out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for path, want := range reads {
		var got [][]money.Fen
		for _, sheet := range ok(filepath.Glob(filepath.Join(folder, files[path]+"-*.csv")))(t) {
			rows := csv.NewReader(bytes.NewReader(ok(os.ReadFile(sheet))(t)))
			rows.FieldsPerRecord = -1
			got = append(got, shown(ok(rows.ReadAll())(t))...)
		}
		if slices.SortFunc(got, slices.Compare); !sameSums(got, slices.SortedFunc(slices.Values(want), slices.Compare)) {
			t.Errorf("%s: LibreOffice shows %v, the API says %v", path, got, want)
		}
	}
}

func TestWhoReadsMoney(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const yes, no = http.StatusOK, http.StatusNotFound
	const forbidden = http.StatusForbidden
	village, evaluator := zhuanglang.VillagePerson("ZL-2017-01"), zhuanglang.EvaluatorPerson
	who := []string{officer, zhuanglang.ProvinceOfficer, zhuanglang.AuditorPerson, firstOrganization, secondOrganization, evaluator, village, "neighbour", zhuanglang.PublicPerson}
	for path, want := range map[string][]int{
		"/v1/ledger/trial-balance?programme=" + b.demo.Programme:             {yes, yes, yes, no, no, no, no, yes, no},
		"/v1/ledger/trial-balance?pilot=" + b.pilot.ID:                       {yes, yes, yes, no, no, no, no, no, no},
		"/v1/ledger/trial-balance?project=" + b.first.ID:                     {yes, yes, yes, yes, no, no, no, no, no},
		"/v1/ledger/statement?account=fund&owner=" + b.demo.Programme:        {yes, yes, yes, no, no, no, no, no, no},
		"/v1/ledger/statement?account=available&owner=" + b.pilot.ID:         {yes, yes, yes, no, no, no, no, no, no},
		"/v1/ledger/statement?account=commitment&owner=" + b.pilot.ID + ".e": {yes, yes, yes, no, no, yes, no, no, no},
		"/v1/ledger/statement?account=advance&owner=" + b.first.ID:           {yes, yes, yes, yes, no, no, no, no, no},
		"/v1/ledger/statement?account=receivable&owner=" + b.recovery.ID:     {yes, yes, yes, yes, no, no, no, no, no},
		"/v1/projects/" + b.first.ID + "/budget":                             {yes, yes, yes, yes, no, yes, yes, no, no},
		"/v1/programmes/" + b.demo.Programme + "/fund":                       {yes, yes, yes, forbidden, forbidden, forbidden, forbidden, yes, forbidden},
	} {
		for i, person := range who {
			if a := b.send(request{method: http.MethodGet, path: path, who: person}); a.status != want[i] {
				t.Errorf("%s at %s: %d, want %d", person, path, a.status, want[i])
			}
		}
	}
	var seen struct {
		Whole    bool
		Pilots   []json.RawMessage
		Accounts []json.RawMessage
	}
	b.get("neighbour", "/v1/programmes/"+b.demo.Programme+"/fund", &seen)
	b.get("neighbour", "/v1/ledger/trial-balance?programme="+b.demo.Programme, &seen)
	if seen.Whole || len(seen.Pilots) != 0 || len(seen.Accounts) != 0 {
		t.Errorf("the next county sees %+v", seen)
	}
}

func TestRefusedReadsOfMoney(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	advance := "/v1/ledger/statement?account=advance&owner=" + b.first.ID
	for path, want := range map[string]struct {
		status      int
		code, field string
	}{
		"/v1/ledger/trial-balance": {400, "one-scope", "query.pilot"},
		"/v1/ledger/trial-balance?pilot=" + b.pilot.ID + "&project=" + b.first.ID: {400, "one-scope", "query.pilot"},
		"/v1/ledger/trial-balance?pilot=p":                                        {400, "bad-format", "query.pilot"},
		"/v1/ledger/trial-balance?pilot=" + b.pilot.ID + "&at=yesterday":          {400, "bad-format", "query.at"},
		"/v1/ledger/trial-balance?pilot=" + b.pilot.ID + "&format=pdf":            {400, "not-allowed", "query.format"},
		"/v1/ledger/trial-balance?pilot=" + b.pilot.ID + "&date=2018-01-01":       {400, "unknown-parameter", "query.date"},
		"/v1/ledger/trial-balance?programme=atlantis":                             {404, "not-found", ""},
		"/v1/ledger/statement?owner=" + b.first.ID:                                {400, "missing-parameter", "query.account"},
		advance + "&from=2018-02-30":                                              {400, "bad-format", "query.from"},
		advance + "&from=2018-02-02&to=2018-02-01":                                {400, "bad-period", "query.from"},
		advance + "&category=materials":                                           {404, "unknown-account", ""},
		advance + "&cursor=e30":                                                   {400, "bad-cursor", "query.cursor"},
		advance + "&limit=0":                                                      {400, "too-small", "query.limit"},
		"/v1/ledger/statement?account=pocket&owner=" + b.first.ID:                 {400, "not-allowed", "query.account"},
		"/v1/ledger/statement?account=returned&owner=" + b.first.ID:               {404, "unknown-account", ""},
		"/v1/ledger/statement?account=advance&owner=ghost":                        {404, "not-found", ""},
		"/v1/projects/" + b.first.ID + "9/budget":                                 {404, "not-found", ""},
		"/v1/programmes/atlantis/fund":                                            {404, "not-found", ""},
		"/v1/programmes/" + b.demo.Programme + "/fund?at=2018":                    {400, "bad-format", "query.at"},
	} {
		a := b.send(request{method: http.MethodGet, path: path, who: officer})
		if a.status != want.status || a.problem.Code != want.code || a.problem.Field != want.field {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if name := strings.TrimPrefix(want.field, "query."); strings.HasSuffix(want.code, "-parameter") && !strings.Contains(a.problem.ZH.What, name) {
			t.Errorf("%s: “%s” does not name it", path, a.problem.ZH.What)
		}
	}
}

func TestAStatementIsReadPageByPageAndAWorkbookAtOnce(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	path := "/v1/ledger/statement?account=advance&owner=" + b.first.ID
	var fen []money.Fen
	for cursor := ""; ; {
		var page struct {
			Lines []struct{ Fen money.Fen }
			Next  string
		}
		b.get(firstOrganization, path+"&limit=1&cursor="+cursor, &page)
		for _, l := range page.Lines {
			fen = append(fen, l.Fen)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(fen) < 3 {
		t.Fatalf("the account moved by %v", fen)
	}
	f := ok(excelize.OpenReader(bytes.NewReader(b.workbook(path + "&limit=1"))))(t)
	defer func() { must(t, f.Close()) }()
	var sum money.Fen
	for _, n := range fen {
		sum += n
	}
	rows := shown(ok(f.GetRows(f.GetSheetName(0)))(t))
	if closing := rows[1][0]; closing != sum {
		t.Errorf("the workbook closes with %v, the pages sum to %v", closing, sum)
	}
	var empty struct {
		Lines      []json.RawMessage
		ClosingFen money.Fen `json:"closing_fen"`
	}
	b.get(firstOrganization, path+"&to=2016-12-31", &empty)
	if len(empty.Lines) != 0 || empty.ClosingFen != 0 {
		t.Errorf("before there was money: %+v", empty)
	}
	b.get(firstOrganization, path+"&from=2017-01-01&to=2099-12-31", &empty)
	if len(empty.Lines) != len(fen) || empty.ClosingFen != sum {
		t.Errorf("in the whole time: %+v", empty)
	}
}
