package books

import (
	"io"

	"terrace/domain/money"
	"terrace/postgres"
)

var balanceColumns = []column[postgres.AccountBalance]{
	{heading: headed("账户所有者", "owner"), width: 44, text: func(a postgres.AccountBalance) string { return a.Owner }},
	{heading: headed("所有者名称", "owner's name"), width: 40, text: func(a postgres.AccountBalance) string { return said(a.OwnerName) }},
	{heading: headed("科目", "account"), width: 20, text: func(a postgres.AccountBalance) string { return a.Account }},
	{heading: headed("科目名称", "name"), width: 30, text: func(a postgres.AccountBalance) string { return said(a.Title) }},
	{heading: headed("预算科目", "category"), width: 18, text: func(a postgres.AccountBalance) string { return a.Category }},
	{heading: headed("预算科目名称", "category's name"), width: 28, text: func(a postgres.AccountBalance) string { return said(a.CategoryName) }},
	{heading: headed("借方累计", "debits"), width: 18, fen: func(a postgres.AccountBalance) money.Fen { return a.DebitFen }},
	{heading: headed("贷方累计", "credits"), width: 18, fen: func(a postgres.AccountBalance) money.Fen { return a.CreditFen }},
	{heading: headed("余额", "balance"), width: 18, fen: func(a postgres.AccountBalance) money.Fen { return a.BalanceFen }},
}

// TrialBalance writes a trial balance (试算平衡表) as a workbook, with a table for each book. The lines of scope say which
// accounts it covers.
func TrialBalance(out io.Writer, scope []string, b postgres.TrialBalance) error {
	w := newWorkbook()
	s := w.sheet(headed("试算平衡", "Trial balance"), widths(balanceColumns), heading{headed("试算平衡表", "Trial balance"), scope, b.At})
	for _, total := range b.Books {
		var accounts []postgres.AccountBalance
		for _, a := range b.Accounts {
			if a.Book == total.Book {
				accounts = append(accounts, a)
			}
		}
		s.line()
		s.line(s.text(said(total.BookName)))
		table(s, balanceColumns, accounts)
	}
	s.end()
	return w.write(out)
}
