package books

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/postgres"
)

var statementColumns = []column[postgres.StatementLine]{
	{heading: headed("记录时间", "recorded"), width: 20, text: func(l postgres.StatementLine) string {
		return l.At.In(calendar.Shanghai).Format("2006-01-02 15:04:05")
	}},
	{heading: headed("业务日期", "day"), width: 12, text: func(l postgres.StatementLine) string { return l.On.String() }},
	{heading: headed("事项", "event"), width: 36, text: func(l postgres.StatementLine) string { return said(l.Title) }},
	{heading: headed("单据", "record"), width: 52, text: func(l postgres.StatementLine) string { return l.Aggregate.String() }},
	{heading: headed("对方科目", "counter account"), width: 60, text: func(l postgres.StatementLine) string { return account(l.Counter) }},
	{heading: headed("借方", "debit"), width: 18, fen: func(l postgres.StatementLine) money.Fen { return max(l.Fen, 0) }},
	{heading: headed("贷方", "credit"), width: 18, fen: func(l postgres.StatementLine) money.Fen { return max(-l.Fen, 0) }},
	{heading: headed("余额", "balance"), width: 18, fen: func(l postgres.StatementLine) money.Fen { return l.BalanceFen }, balance: true},
}

// account returns the name of an account as shown in a workbook: its owner, its code and title, and its kind of
// spending, if any.
func account(a postgres.NamedAccount) string {
	words := []string{a.Owner, said(a.OwnerName), a.Account, said(a.Title), a.Category, said(a.CategoryName)}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" }), " ")
}

// Statement writes an account statement (对账单) as a workbook. The statement must contain all lines of its period,
// because the closing balance is computed from them.
func Statement(out io.Writer, at time.Time, st postgres.Statement) error {
	w := newWorkbook()
	of := []string{account(st.NamedAccount), period(st)}
	s := w.sheet(headed("对账单", "Statement"), widths(statementColumns), heading{headed("科目对账单", "Statement of an account"), of, at})
	s.line()
	s.balance("期初余额 opening balance", s.amount(st.OpeningFen))
	opening := s.row
	s.line()
	first, last := table(s, statementColumns, st.Lines)
	formula := fmt.Sprintf("H%d", opening)
	if len(st.Lines) > 0 {
		formula = fmt.Sprintf("H%d+SUM(F%d:F%d)-SUM(G%d:G%d)", opening, first, last, first, last)
	}
	s.balance("期末余额 closing balance", s.computed(formula, st.ClosingFen))
	s.end()
	return w.write(out)
}

// balance writes a line with a label in the first column and a balance in the last.
func (s *sheet) balance(label string, balance excelize.Cell) {
	cells := make([]any, len(statementColumns))
	cells[0], cells[len(cells)-1] = excelize.Cell{StyleID: s.book.styles.label, Value: label}, balance
	s.line(cells...)
}

func period(st postgres.Statement) string {
	from, until := "起始 the beginning", "现在 now"
	if !st.From.IsZero() {
		from = st.From.In(calendar.Shanghai).Format(time.DateTime)
	}
	if !st.Until.IsZero() {
		until = st.Until.In(calendar.Shanghai).Format(time.DateTime)
	}
	return "期间 period: " + from + " – " + until
}
