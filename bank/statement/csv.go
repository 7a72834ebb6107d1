package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"terrace/domain/calendar"
	"terrace/domain/money"
)

// Columns lists the columns of Terrace's CSV format in the order in which they are written, with the Chinese names that
// are also accepted. A file may have its columns in any order. It may omit value_on, which is ignored.
var Columns = []struct{ Name, ZH string }{
	{"booked_on", "记账日期"},
	{"value_on", "起息日期"},
	{"reference", "业务编号"},
	{"amount", "金额"},
	{"direction", "借贷方向"},
	{"counterparty", "对方户名"},
	{"number", "流水号"},
	{"text", "摘要"},
}

// The rows above the column names. Each holds a name and a value.
var above = []struct{ Name, ZH string }{
	{"account", "账号"}, {"from", "开始日期"}, {"to", "结束日期"}, {"opening", "期初余额"}, {"closing", "期末余额"},
}

// directions maps a direction to the sign of its amounts, from the bank's point of view: a debit (借) takes money out of
// the account.
var directions = map[string]money.Fen{"debit": -1, "credit": 1, "借": -1, "贷": 1}

func parseCSV(text string, s *sheet) error {
	rows := csv.NewReader(strings.NewReader(text))
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	columns, err := s.readAbove(rows)
	if err != nil {
		return err
	}
	for {
		row, at, err := next(rows)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if strings.Join(row, "") == "" { // left by a spreadsheet where a row was emptied
			continue
		}
		line, err := readLine(row, at, columns)
		if err != nil {
			return err
		}
		if err := s.add(at, line); err != nil {
			return err
		}
	}
}

// next returns the next row, with its cells trimmed, and the line at which it begins.
func next(rows *csv.Reader) (row []string, at int, err error) {
	row, err = rows.Read()
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, bad.Line, wrong(bad.Line, BadSyntax, "the row is not well-formed CSV")
	}
	if err != nil {
		return nil, 0, err
	}
	at, _ = rows.FieldPos(0)
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row, at, nil
}

// readAbove reads the rows above the data, including the column names, and returns the position of each column.
func (s *sheet) readAbove(rows *csv.Reader) (columns map[string]int, err error) {
	values := map[string]string{}
	for {
		row, at, err := next(rows)
		if errors.Is(err, io.EOF) {
			return nil, wrong(0, UnknownFormat, "there is no row with the columns booked_on (记账日期), number (流水号) and so on; see docs/bank.md")
		}
		if err != nil {
			return nil, err
		}
		name := english(above, row[0])
		switch {
		case name != "" && len(row) > 1 && strings.Join(row[2:], "") == "":
			if _, twice := values[name]; twice {
				return nil, wrong(at, BadHeader, "the row %s appears more than once", row[0]).inChinese("“%s”一行重复出现", row[0])
			}
			values[name] = row[1]
		case strings.Join(row, "") == "":
		default:
			if columns, err = readColumns(row, at); err != nil {
				return nil, err
			}
			return columns, s.readValues(values, at)
		}
	}
}

func readColumns(row []string, at int) (map[string]int, error) {
	columns := map[string]int{}
	for i, cell := range row {
		name := english(Columns, cell)
		if name == "" && cell == "" {
			continue
		}
		if _, twice := columns[name]; name == "" || twice {
			en, zh := expected()
			return nil, wrong(at, BadHeader, "the heading in column %d, “%s”, is unknown or appears more than once; %s", i+1, cell, en).
				inChinese("第%d列的栏目“%s”不能识别或重复出现；%s", i+1, cell, zh)
		}
		columns[name] = i
	}
	for _, c := range Columns {
		if _, there := columns[c.Name]; !there && c.Name != "value_on" {
			return nil, wrong(at, BadHeader, "the column %s (%s) is missing", c.Name, c.ZH).inChinese("缺少栏目“%s”（%s）", c.ZH, c.Name)
		}
	}
	return columns, nil
}

// expected lists the headings that a file must have.
func expected() (en, zh string) {
	list := func(all []struct{ Name, ZH string }) (en, zh string) {
		var namesEN, namesZH []string
		for _, one := range all {
			namesEN, namesZH = append(namesEN, one.Name+" ("+one.ZH+")"), append(namesZH, one.ZH+"（"+one.Name+"）")
		}
		return strings.Join(namesEN, ", "), strings.Join(namesZH, "、")
	}
	aboveEN, aboveZH := list(above)
	columnsEN, columnsZH := list(Columns)
	return "the rows above are " + aboveEN + ", and the columns " + columnsEN, "其上各行应为：" + aboveZH + "；栏目应为：" + columnsZH
}

func (s *sheet) readValues(values map[string]string, at int) (err error) {
	for _, name := range above {
		if values[name.Name] == "" {
			return wrong(at, BadHeader, "the row %s (%s) is missing above the columns", name.Name, name.ZH).inChinese("栏目行之上缺少“%s”（%s）一行", name.ZH, name.Name)
		}
	}
	s.Account = values["account"]
	var first, last error
	s.From, first = calendar.Parse(values["from"])
	s.To, last = calendar.Parse(values["to"])
	if first != nil || last != nil {
		return wrong(at, BadDate, "from or to is not a date in the form 2006-01-02")
	}
	for name, balance := range map[string]*money.Fen{"opening": &s.Opening, "closing": &s.Closing} {
		amount, negative := strings.CutPrefix(values[name], "-")
		fen, ok := parseFen(amount)
		if !ok {
			return wrong(at, BadAmount, "the balance %s is not in yuan with two decimal places", name)
		}
		if *balance = fen; negative {
			*balance = -fen
		}
	}
	return s.begins(at)
}

func readLine(row []string, at int, columns map[string]int) (Line, error) {
	cell := func(name string) string {
		if i := columns[name]; i < len(row) {
			return row[i]
		}
		return ""
	}
	on, err := calendar.Parse(cell("booked_on"))
	if err != nil {
		return Line{}, wrong(at, BadDate, "booked_on is not a date in the form 2006-01-02")
	}
	fen, ok := parseFen(cell("amount"))
	if !ok {
		return Line{}, wrong(at, BadAmount, "the amount is not in yuan with two decimal places and without a sign or separators")
	}
	sign := directions[cell("direction")]
	if sign == 0 {
		return Line{}, wrong(at, BadDirection, "the direction is neither debit (借) nor credit (贷)")
	}
	return Line{
		BookedOn: on, Reference: cell("reference"), Fen: sign * fen, Number: cell("number"),
		Counterparty: cell("counterparty"), Text: cell("text"),
	}, nil
}

func english(names []struct{ Name, ZH string }, cell string) string {
	i := slices.IndexFunc(names, func(n struct{ Name, ZH string }) bool { return cell == n.Name || cell == n.ZH })
	if i < 0 {
		return ""
	}
	return names[i].Name
}

// CSV returns the statement in Terrace's CSV format.
func (s Statement) CSV() []byte {
	file := bytes.Buffer{}
	rows := csv.NewWriter(&file)
	write := func(cells ...string) { _ = rows.Write(cells) } // writing to a buffer cannot fail
	write("account", s.Account)
	write("from", s.From.String())
	write("to", s.To.String())
	write("opening", yuan(s.Opening))
	write("closing", yuan(s.Closing))
	names := make([]string, len(Columns))
	for i, c := range Columns {
		names[i] = c.Name
	}
	write(names...)
	for _, l := range s.Lines {
		direction, fen := "credit", l.Fen
		if fen < 0 {
			direction, fen = "debit", -fen
		}
		on := l.BookedOn.String()
		write(on, on, l.Reference, yuan(fen), direction, l.Counterparty, l.Number, l.Text)
	}
	rows.Flush()
	return file.Bytes()
}

// yuan formats an amount with two decimals and no separators.
func yuan(f money.Fen) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	cents := strconv.FormatInt(int64(f%money.Yuan)+100, 10)
	return sign + strconv.FormatInt(int64(f/money.Yuan), 10) + "." + cents[1:]
}
