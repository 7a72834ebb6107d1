package statement

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/money"
)

// march is the content of the files march* in testdata, worked out by hand.
var march = Statement{
	Account: "6200000000000001", From: calendar.On(2018, time.March, 1), To: calendar.On(2018, time.March, 31),
	Opening: 100000000, Closing: 80999987,
	Lines: []Line{
		{calendar.On(2018, time.March, 2), "zl-apple.1.1", -10500000, "B000000001", "庄浪县示例苹果产业协会", "拨付"},
		{calendar.On(2018, time.March, 5), "zl-bee.1.1", -9500050, "B000000002", "示例养蜂, 合作社", "拨付"},
		{calendar.On(2018, time.March, 8), "zl-bee.1.1", 1000050, "B000000003", "示例养蜂, 合作社", "退汇"},
		{calendar.On(2018, time.March, 21), "", -13, "B000000004", "", "手续费"},
	},
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAStatementSaysTheSameInEveryForm(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"our CSV":                            read(t, "march.csv"),
		"our CSV with a mark at its head":    "\uFEFF" + read(t, "march.csv"),
		"our CSV with Windows' line ends":    strings.ReplaceAll(read(t, "march.csv"), "\n", "\r\n"),
		"Chinese, reordered and in GB18030":  read(t, "march-gb18030.csv"),
		"camt.053.001.02":                    read(t, "march-camt.053.001.02.xml"),
		"what CSV writes":                    string(march.CSV()),
		"with zeros below the fen":           strings.Replace(read(t, "march.csv"), "105000.00,", "105000.0000,", 1),
		"with whole yuan, as a sheet writes": strings.Replace(read(t, "march.csv"), "105000.00,", "105000,", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(strings.NewReader(text))
			if err != nil || !reflect.DeepEqual(got, march) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestABatchIsTakenApartWhereTheBankNamesItsAmounts(t *testing.T) {
	t.Parallel()
	on := calendar.On(2018, time.March, 2)
	want := Statement{
		Account: "6200000000000001", From: calendar.On(2018, time.March, 1), To: on, Opening: -5000, Closing: -38000,
		Lines: []Line{
			{on, "a.1.1", -10000, "C7/1", "示例甲", ""}, {on, "", -20000, "C8", "示例乙", ""}, {on, "", -3000, "2", "", ""},
		},
	}
	got, err := Parse(strings.NewReader(read(t, "batch-camt.053.001.08.xml")))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	const good, camt, batch = "march.csv", "march-camt.053.001.02.xml", "batch-camt.053.001.08.xml"
	for name, c := range map[string]struct {
		file, old, with string
		line            int
		code            string
	}{
		"a line is missing":                    {good, "2018-03-21,2018-03-21,,0.13,debit,,B000000004,手续费\n", "", 0, OutOfBalance},
		"a fen too much":                       {good, "0.13", "0.14", 0, OutOfBalance},
		"a part of a fen":                      {good, "0.13", "0.131", 11, BadAmount},
		"an amount of nothing":                 {good, "0.13", "0.00", 11, BadAmount},
		"a negative amount":                    {good, "0.13", "-0.13", 11, BadAmount},
		"a grouped amount":                     {good, "105000.00", `"105,000.00"`, 8, BadAmount},
		"an amount in words of a machine":      {good, "105000.00", "1.05E5", 8, BadAmount},
		"an amount beyond measure":             {good, "105000.00", "1000000000000.01", 8, BadAmount},
		"no amount":                            {good, "0.13", "", 11, BadAmount},
		"a dot without decimals":               {good, "105000.00", "105000.", 8, BadAmount},
		"a number twice":                       {good, "B000000004", "B000000001", 11, Duplicate},
		"no number":                            {good, "B000000004", "", 11, BadNumber},
		"a number too long":                    {good, "B000000004", strings.Repeat("B", 65), 11, BadNumber},
		"a reference too long":                 {good, "zl-apple.1.1", strings.Repeat("z", 129), 8, BadReference},
		"a text too long":                      {good, "手续费", strings.Repeat("费", 501), 11, TooLarge},
		"a day before the first":               {good, "2018-03-02,2018", "2018-02-28,2018", 8, BadDate},
		"a day after the last":                 {good, "2018-03-21,2018", "2018-04-01,2018", 11, BadDate},
		"a day that never was":                 {good, "2018-03-21,2018", "2018-02-30,2018", 11, BadDate},
		"a day written otherwise":              {good, "2018-03-21,2018", "21/03/2018,2018", 11, BadDate},
		"the last day before the first":        {good, "to,2018-03-31", "to,2018-02-28", 7, BadDate},
		"no direction":                         {good, "0.13,debit", "0.13,", 11, BadDirection},
		"an unknown direction":                 {good, "0.13,debit", "0.13,out", 11, BadDirection},
		"an account a sheet made a number":     {good, "6200000000000001", "6.2E+15", 7, BadAccount},
		"no account":                           {good, "6200000000000001", "", 7, BadHeader},
		"no closing balance":                   {good, "closing,809999.87,,,,,,\n", "", 6, BadHeader},
		"the opening balance twice":            {good, "closing,8", "opening,8", 5, BadHeader},
		"a balance in words":                   {good, "1000000.00", "a million", 7, BadAmount},
		"a column missing":                     {good, ",counterparty", "", 7, BadHeader},
		"a column twice":                       {good, ",value_on", ",text", 7, BadHeader},
		"an unknown column":                    {good, ",value_on", ",valued", 7, BadHeader},
		"a quote that never ends":              {good, ",B000000004,手续费", `,B000000004,"手续费`, 11, BadSyntax},
		"two kinds of text in one":             {good, "手续费", "\xff\xff", 0, BadEncoding},
		"a picture":                            {good, "account", "\x89PNG\x00", 0, BadEncoding},
		"XML of another kind":                  {camt, "camt.053", "camt.052", 0, UnknownFormat},
		"XML of another root":                  {camt, "Document", "Documents", 61, BadSyntax},
		"XML that breaks off":                  {camt, "</Document>", "", 62, BadSyntax},
		"XML with something behind it":         {camt, "</Document>", "</Document><", 61, BadSyntax},
		"two documents in one file":            {camt, "</Document>", "</Document><Document/>", 61, BadSyntax},
		"XML in another encoding":              {camt, `encoding="UTF-8"`, `encoding="UTF-16"`, 0, BadEncoding},
		"an entry in dollars":                  {camt, `"CNY">0.13`, `"USD">0.13`, 49, BadCurrency},
		"a balance in dollars":                 {camt, `"CNY">809999.87`, `"USD">809999.87`, 0, BadCurrency},
		"an entry of a part of a fen":          {camt, ">0.13<", ">0.135<", 49, BadAmount},
		"an entry of an unknown status":        {camt, "<Sts>PDNG", "<Sts>WHAT", 55, BadSyntax},
		"an entry without a day":               {camt, "<BookgDt><Dt>2018-03-21</Dt></BookgDt>", "", 49, BadDate},
		"an entry without a number":            {camt, "<NtryRef>B000000004</NtryRef>", "", 49, BadNumber},
		"an entry without a direction":         {camt, "0.13</Amt><CdtDbtInd>DBIT", "0.13</Amt><CdtDbtInd>", 49, BadDirection},
		"no opening balance in camt.053":       {camt, "OPBD", "ITBD", 0, BadHeader},
		"two closing balances in camt.053":     {camt, "OPBD", "CLBD", 0, BadHeader},
		"a batch whose parts make another sum": {batch, ">200.00<", ">200.01<", 16, OutOfBalance},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := read(t, c.file)
			text := strings.Replace(whole, c.old, c.with, 1)
			if text == whole {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			_, err := Parse(strings.NewReader(text))
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Code != c.code || wrong.Line != c.line {
				t.Errorf("said %v; want line %d, %s", err, c.line, c.code)
			}
		})
	}
}

func TestAFileThatIsNotAStatementIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"nothing": "", "a letter": "Dear Sir or Madam\n", "a mark alone": "\uFEFF"} {
		_, err := Parse(strings.NewReader(text))
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Code != UnknownFormat && wrong.Code != BadHeader {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAStatementHasLimits(t *testing.T) {
	t.Parallel()
	many := Statement{Account: "6200", From: march.From, To: march.To}
	for i := range MaxLines + 1 {
		many.Lines = append(many.Lines, Line{BookedOn: march.From, Fen: 1, Number: "B" + yuan(money.Fen(i))})
		many.Closing++
	}
	for name, text := range map[string]io.Reader{
		"a file beyond its size": io.LimitReader(endless{}, MaxBytes+1),
		"a line beyond the last": bytes.NewReader(many.CSV()),
	} {
		_, err := Parse(text)
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Code != TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	many.Lines, many.Closing = many.Lines[:MaxLines], many.Closing-1
	if _, err := Parse(bytes.NewReader(many.CSV())); err != nil {
		t.Errorf("the last line: %v", err)
	}
	if _, err := Parse(io.MultiReader(strings.NewReader("account,"), failing{})); !errors.Is(err, errTorn) {
		t.Errorf("a reader that fails: %v", err)
	}
}

var errTorn = errors.New("torn")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errTorn }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestAnErrorQuotesNothingPersonal(t *testing.T) {
	t.Parallel()
	const name = "王小明"
	for _, row := range []string{
		name + ",2018-03-02,r,1.00,debit,x,B1,t", "2018-03-02,2018-03-02,r," + name + ",debit,x,B1,t",
		"2018-03-02,2018-03-02,r,1.00," + name + ",x,B1,t", "2018-03-02,2018-03-02,r,1.00,debit," + strings.Repeat(name, 300) + ",B1,t",
	} {
		head, _, _ := strings.Cut(read(t, "march.csv"), "2018-03-02,2018")
		_, err := Parse(strings.NewReader(head + row + "\n"))
		if err == nil || strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", row, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"march.csv", "march-gb18030.csv", "march-camt.053.001.02.xml", "batch-camt.053.001.08.xml"} {
		f.Add([]byte(read(f, name)))
	}
	for _, odd := range []string{
		"", "\uFEFF", "<", "<?xml version=\"1.0\" encoding=\"GBK\"?><Document/>", "account\n", ",,,\n", "\"", "\x81\x30\x81\x30",
		"account,6200\nfrom,2018-03-01\nto,2018-03-01\nopening,-0.01\nclosing,-0.01\nbooked_on,reference,amount,direction,counterparty,number,text\n",
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(bytes.NewReader(data))
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Code == "" || wrong.What == "" {
				t.Fatalf("not an error of ours: %v", err)
			}
			return
		}
		sum := s.Opening
		for _, l := range s.Lines {
			sum += l.Fen
		}
		if sum != s.Closing {
			t.Fatalf("accepted %s for %s", sum, s.Closing)
		}
		again, err := Parse(bytes.NewReader(s.CSV()))
		if err != nil {
			t.Fatalf("cannot read what it wrote: %v\n%s", err, s.CSV())
		}
		if len(again.Lines) != len(s.Lines) || again.Opening != s.Opening || again.From != s.From || again.To != s.To {
			t.Fatalf("wrote %+v and read %+v", s, again)
		}
	})
}
