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

// table is rows for people who work in a spreadsheet. Cells are texts and
// amounts; amounts are written in yuan (元), and a text never becomes a formula.
type table struct {
	name    string // of the sheet
	columns []column
	rows    [][]any
	totals  []any // the last row; nil: none
}

type column struct {
	title string
	width float64 // characters
}

const (
	csvType  = "text/csv"
	xlsxType = books.MediaType
)

// all are the titles and every row.
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

// csv writes the table as RFC 4180 says, in UTF-8 with the mark by which spreadsheets know it.
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

// plainText is a cell in a text file. A text that a spreadsheet would take for a formula begins with an apostrophe.
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

// yuan is an amount with two decimals and nothing that a program would stumble over.
func yuan(fen money.Fen) string { return strings.ReplaceAll(fen.String(), ",", "") }

// xlsx writes the table as an Excel workbook (Office Open XML) of one sheet.
func (t table) xlsx(w io.Writer) error {
	widths := make([]float64, len(t.columns))
	for i, c := range t.columns {
		widths[i] = c.width
	}
	return books.Table(w, t.name, widths, t.all())
}
