// Package books writes the record's accounts as Excel workbooks. Amounts are numbers in yuan with two decimals, exact
// to the fen. Totals are formulas stored together with their values, so that a program that does not evaluate formulas
// shows the same totals.
package books

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// MediaType is the media type of all workbooks.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// column is a column of a table: its heading, its width in characters, and a function that returns a row's text or
// amount. Amounts are totalled below the table, unless they are balances.
type column[R any] struct {
	heading domain.Text
	width   float64
	text    func(R) string
	fen     func(R) money.Fen
	balance bool
}

// workbook is a workbook being written. It keeps the first error for write to return.
type workbook struct {
	file   *excelize.File
	styles styles
	err    error
}

// styles holds excelize's ids of the cell styles.
type styles struct {
	title, note, heading, text, amount, label, total, guarded int
}

// heading is the text above the tables of a sheet: the title, what the tables cover, and the time to which they refer.
type heading struct {
	title domain.Text
	of    []string
	at    time.Time
}

func newWorkbook() *workbook {
	w := &workbook{file: excelize.NewFile()}
	amounts, line := "#,##0.00", []excelize.Border{{Type: "top", Style: 1, Color: "000000"}}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&w.styles.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}}},
		{&w.styles.note, excelize.Style{Font: &excelize.Font{Color: "555555"}}},
		{&w.styles.heading, excelize.Style{
			Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E8E8"}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
		}},
		{&w.styles.text, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&w.styles.guarded, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, NumFmt: textFormat}},
		{&w.styles.amount, excelize.Style{CustomNumFmt: &amounts, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&w.styles.label, excelize.Style{Font: &excelize.Font{Bold: true}, Border: line}},
		{&w.styles.total, excelize.Style{Font: &excelize.Font{Bold: true}, Border: line, CustomNumFmt: &amounts}},
	} {
		*s.id, w.err = w.file.NewStyle(&s.style)
		if w.err != nil {
			return w
		}
	}
	quoted := true
	w.file.Styles.CellXfs.Xf[w.styles.guarded].QuotePrefix = &quoted // remains text when a user edits the cell
	return w
}

const textFormat = 49 // number of the built-in format “@” (text)

// write writes the workbook and frees its memory.
func (w *workbook) write(out io.Writer) error {
	if w.err == nil {
		w.err = w.file.Write(out)
	}
	return errors.Join(w.err, w.file.Close())
}

// sheet is a sheet of a workbook, written from top to bottom.
type sheet struct {
	book *workbook
	name string
	out  *excelize.StreamWriter
	row  int
}

// page starts a new sheet. The first one replaces the empty sheet of a new workbook.
func (w *workbook) page(name string, widths []float64) *sheet {
	s := &sheet{book: w, name: name}
	if w.file.SheetCount == 1 && w.file.GetSheetName(0) == "Sheet1" {
		s.try(w.file.SetSheetName("Sheet1", s.name))
	} else {
		_, err := w.file.NewSheet(s.name)
		s.try(err)
	}
	landscape, one := "landscape", 1
	s.try(w.file.SetPageLayout(s.name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &one}))
	if w.err != nil {
		return s
	}
	s.out, w.err = w.file.NewStreamWriter(s.name)
	for i, width := range widths {
		s.try(s.out.SetColWidth(i+1, i+1, width))
	}
	return s
}

// sheet starts a new sheet and writes its heading.
func (w *workbook) sheet(name domain.Text, widths []float64, h heading) *sheet {
	s := w.page(name.ZH+" "+name.EN, widths)
	if w.err != nil {
		return s
	}
	s.line(excelize.Cell{StyleID: w.styles.title, Value: h.title.ZH})
	s.line(excelize.Cell{StyleID: w.styles.title, Value: h.title.EN})
	for _, of := range h.of {
		s.line(s.text(of))
	}
	s.line(s.note("时点 as of: " + h.at.In(calendar.Shanghai).Format("2006-01-02 15:04:05") + " (Asia/Shanghai)"))
	s.line(s.note("单位：元 · amounts in yuan (CNY)"))
	return s
}

// end finishes the sheet. It must be called before the next sheet starts.
func (s *sheet) end() {
	if s.book.err == nil {
		s.book.err = s.out.Flush()
	}
}

func (s *sheet) try(err error) { s.book.err = errors.Join(s.book.err, err) }

func (s *sheet) line(cells ...any) {
	s.row++
	if s.book.err == nil {
		s.book.err = s.out.SetRow(fmt.Sprintf("A%d", s.row), cells)
	}
}

func (s *sheet) note(text string) excelize.Cell {
	return excelize.Cell{StyleID: s.book.styles.note, Value: text}
}

// text returns a cell that shows the text as it is, even if it begins like a formula.
func (s *sheet) text(text string) excelize.Cell {
	if strings.HasPrefix(text, "=") || strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") || strings.HasPrefix(text, "@") {
		return excelize.Cell{StyleID: s.book.styles.guarded, Value: text}
	}
	return excelize.Cell{StyleID: s.book.styles.text, Value: text}
}

// mostFen is the largest number up to which a spreadsheet represents every integer exactly.
const mostFen = 1 << 53

// yuan converts an amount to yuan, as the number that a spreadsheet stores.
func (s *sheet) yuan(fen money.Fen) float64 {
	if fen > mostFen || fen < -mostFen {
		s.try(fmt.Errorf("%s yuan is more than a spreadsheet can store exactly", fen))
	}
	return float64(fen) / float64(money.Yuan)
}

func (s *sheet) amount(fen money.Fen) excelize.Cell {
	return excelize.Cell{StyleID: s.book.styles.amount, Value: s.yuan(fen)}
}

// computed returns a cell with a formula and the amount that it evaluates to.
func (s *sheet) computed(formula string, fen money.Fen) excelize.Cell {
	return excelize.Cell{StyleID: s.book.styles.total, Formula: formula, Value: s.yuan(fen)}
}

// table writes the headings, the rows and, below them, the totals of the amounts. It returns the numbers of the first
// and last rows.
func table[R any](s *sheet, columns []column[R], rows []R) (first, last int) {
	headings := make([]any, len(columns))
	for i, c := range columns {
		headings[i] = excelize.Cell{StyleID: s.book.styles.heading, Value: c.heading.ZH + "\n" + c.heading.EN}
	}
	s.line(headings...)
	first, last = s.row+1, s.row+len(rows)
	sums := make([]money.Fen, len(columns))
	for _, r := range rows {
		cells := make([]any, len(columns))
		for i, c := range columns {
			if c.text != nil {
				cells[i] = s.text(c.text(r))
				continue
			}
			fen := c.fen(r)
			sums[i] += fen
			cells[i] = s.amount(fen)
		}
		s.line(cells...)
	}
	totals := make([]any, len(columns))
	for i, c := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		s.try(err)
		switch {
		case i == 0:
			totals[i] = excelize.Cell{StyleID: s.book.styles.label, Value: "合计 total"}
		case c.fen == nil || c.balance:
			totals[i] = excelize.Cell{StyleID: s.book.styles.label}
		case len(rows) == 0:
			totals[i] = excelize.Cell{StyleID: s.book.styles.total, Value: s.yuan(0)}
		default:
			totals[i] = s.computed(fmt.Sprintf("SUM(%s%d:%s%d)", name, first, name, last), sums[i])
		}
	}
	s.line(totals...)
	return first, last
}

func widths[R any](columns []column[R]) []float64 {
	all := make([]float64, len(columns))
	for i, c := range columns {
		all[i] = c.width
	}
	return all
}

func said(t domain.Text) string { return strings.TrimSpace(t.ZH + " " + t.EN) }

func headed(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }
