package api

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"terrace/domain/calendar"
	"terrace/domain/money"
)

// table is rows for people who work in a spreadsheet. Cells are texts, amounts and
// days; amounts are written in yuan (元), and a text never becomes a formula.
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
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func (t table) titles() []any {
	titles := make([]any, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	return titles
}

func (t table) all() [][]any {
	all := slices.Concat([][]any{t.titles()}, t.rows)
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
	case calendar.Date:
		if v.IsZero() {
			return ""
		}
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// yuan is an amount with two decimals and nothing that a program would stumble over.
func yuan(fen money.Fen) string { return strings.ReplaceAll(fen.String(), ",", "") }

// xlsx writes the table as an Excel workbook (Office Open XML) of one sheet.
func (t table) xlsx(w io.Writer) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // it holds no file
	if err := f.SetSheetName(f.GetSheetName(0), t.name); err != nil {
		return err
	}
	amount, err := f.NewStyle(&excelize.Style{NumFmt: 4}) // #,##0.00
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	sheet, err := f.NewStreamWriter(t.name)
	if err != nil {
		return err
	}
	for i, c := range t.columns {
		if err := sheet.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	for i, row := range t.all() {
		cells := make([]any, len(row))
		for j, cell := range row {
			cells[j] = sheetCell(cell, amount)
			if i == 0 {
				cells[j] = excelize.Cell{StyleID: bold, Value: cell}
			}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// sheetCell keeps texts as texts, digits among them: a sheet would round an account's number.
func sheetCell(cell any, amount int) any {
	switch v := cell.(type) {
	case money.Fen:
		number, err := strconv.ParseFloat(yuan(v), 64) // exact: an amount has at most 15 digits
		if err != nil {
			panic(err) // it is a number
		}
		return excelize.Cell{StyleID: amount, Value: number}
	case calendar.Date:
		return plainText(v)
	default:
		return v
	}
}
