package books

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"terrace/domain/money"
)

// Table writes a workbook with one sheet. The first row contains the headings, and the others contain texts and
// amounts. Widths are in characters. A text never becomes a formula or a number.
func Table(out io.Writer, name string, widths []float64, rows [][]any) error {
	w := newWorkbook()
	s := w.page(name, widths)
	for n, row := range rows {
		cells := make([]any, len(row))
		for i, value := range row {
			switch v := value.(type) {
			case money.Fen:
				cells[i] = s.amount(v)
			case string:
				cells[i] = s.text(v)
			default:
				s.try(fmt.Errorf("%T is neither a text nor an amount", v))
			}
			if n == 0 {
				cells[i] = excelize.Cell{StyleID: w.styles.heading, Value: value}
			}
		}
		s.line(cells...)
	}
	s.end()
	return w.write(out)
}
