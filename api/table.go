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

// table holds the rows of a sheet for people who use a spreadsheet. Its cells are texts, and amounts in yuan (元). A
// text never becomes a formula.
type table struct {
	name    string // the name of the sheet
	columns []column
	rows    [][]any
	totals  []any // the last row, or nil for none
}

type column struct {
	title string
	width float64 // in characters
}

const (
	csvType  = "text/csv"
	xlsxType = books.MediaType
)

// all returns the titles and then every row.
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

// csv writes the table as RFC 4180 specifies, in UTF-8 with the byte order mark that spreadsheets expect.
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

// plainText returns a cell for a text file. If a spreadsheet would take the text for a formula, plainText puts an
// apostrophe before it.
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

// yuan returns an amount with two decimals and without separators, so that programs can read it.
func yuan(fen money.Fen) string { return strings.ReplaceAll(fen.String(), ",", "") }

// xlsx writes the table as an Excel workbook (Office Open XML) with one sheet.
func (t table) xlsx(w io.Writer) error {
	widths := make([]float64, len(t.columns))
	for i, c := range t.columns {
		widths[i] = c.width
	}
	return books.Table(w, t.name, widths, t.all())
}
