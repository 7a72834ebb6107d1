package api

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"terrace/books"
	"terrace/domain/money"
)

// table holds the rows of a spreadsheet for download. Cells are texts or amounts in yuan (元). A text is never
// interpreted as a formula.
type table struct {
	name    string // name of the sheet
	columns []column
	rows    [][]any
	totals  []any // last row, or nil if there is none
}

type column struct {
	title string
	width float64 // column width in characters
}

const (
	csvType  = "text/csv"
	xlsxType = books.MediaType
)

// all returns the column titles followed by every row.
func (t table) all() [][]any {
	titles := make([]any, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	all := slices.Concat([][]any{titles}, t.rows)
	if t.totals != nil {
		all = append(all, t.totals)
	}
	return all
}

// csv writes the table in the format of RFC 4180, in UTF-8 with the byte order mark that spreadsheet programs expect.
func (t table) csv(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range t.all() {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = plainText(cell)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainText returns a cell's content for a text file. It prefixes an apostrophe to text that a spreadsheet program
// would interpret as a formula.
func plainText(cell any) string {
	switch v := cell.(type) {
	case money.Fen:
		return yuan(v)
	case string:
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			return "'" + v
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// yuan returns an amount with two decimal places and no thousands separators, so that programs can parse it.
func yuan(fen money.Fen) string { return strings.ReplaceAll(fen.String(), ",", "") }

// xlsx writes the table as an Excel workbook (Office Open XML) with one sheet.
func (t table) xlsx(w io.Writer) error {
	widths := make([]float64, len(t.columns))
	for i, c := range t.columns {
		widths[i] = c.width
	}
	return books.Table(w, t.name, widths, t.all())
}
