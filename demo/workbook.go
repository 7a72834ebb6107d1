package demo

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"terrace/domain"
	"terrace/domain/money"
)

// statement checks that both sheets of the workbook, for pilots and for projects, add up to the totals that the API
// reports.
func (f fundView) statement(workbook []byte) (Finding, error) {
	want := []money.Fen{
		f.AllottedFen, f.AvailableFen, f.CommittedFen, f.TransitFen, f.AdvanceFen, f.SpentFen, f.DisallowedFen, f.ReceivableFen, f.ReturnedFen,
	}
	totals, err := totals(workbook)
	ok := len(totals) == 2
	for _, got := range totals {
		ok = ok && slices.Equal(got, want)
	}
	return Finding{
		domain.T("资金总览（Excel）的合计与接口一致", "the totals of the fund statement in Excel are those of the API"), ok, both("%v元，应为%v元", "%v yuan, want %v yuan", totals, want),
	}, err
}

// totals returns the amounts in the last row of each sheet of a workbook.
func totals(workbook []byte) (all [][]money.Fen, err error) {
	file, err := excelize.OpenReader(bytes.NewReader(workbook))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for _, sheet := range file.GetSheetList() {
		rows, err := file.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("the page %s is empty", sheet)
		}
		var sums []money.Fen
		for _, cell := range rows[len(rows)-1][1:] {
			if yuan, err := strconv.ParseFloat(cell, 64); err == nil {
				sums = append(sums, money.Fen(math.Round(yuan*float64(money.Yuan))))
			}
		}
		all = append(all, sums)
	}
	return all, nil
}
