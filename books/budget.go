package books

import (
	"io"

	"terrace/domain"
	"terrace/domain/money"
	"terrace/postgres"
)

var budgetColumns = append([]column[postgres.BudgetLine]{
	{heading: headed("预算科目", "category"), width: 20, text: func(l postgres.BudgetLine) string { return l.Kind }},
	{heading: headed("科目名称", "name"), width: 28, text: func(l postgres.BudgetLine) string { return said(l.Title) }},
}, budgetSums()...)

func budgetSums() (columns []column[postgres.BudgetLine]) {
	for _, c := range []struct {
		heading domain.Text
		fen     func(postgres.BudgetSums) money.Fen
	}{
		{headed("批复预算", "approved"), func(s postgres.BudgetSums) money.Fen { return s.ApprovedFen }},
		{headed("现行预算", "planned"), func(s postgres.BudgetSums) money.Fen { return s.PlannedFen }},
		{headed("已报支出", "reported"), func(s postgres.BudgetSums) money.Fen { return s.ReportedFen }},
		{headed("待核定", "to be judged"), func(s postgres.BudgetSums) money.Fen { return s.OpenFen }},
		{headed("核定支出", "accepted"), func(s postgres.BudgetSums) money.Fen { return s.AcceptedFen }},
		{headed("不予认可", "disallowed"), func(s postgres.BudgetSums) money.Fen { return s.DisallowedFen }},
		{headed("其中已拨付", "of it paid"), func(s postgres.BudgetSums) money.Fen { return s.SpentFen }},
		{headed("可报余额", "remaining"), func(s postgres.BudgetSums) money.Fen { return s.RemainingFen }},
		{headed("货币配套", "matching"), func(s postgres.BudgetSums) money.Fen { return s.MatchingFen }},
		{headed("实物配套", "in kind"), func(s postgres.BudgetSums) money.Fen { return s.InKindFen }},
		{headed("受托支出", "entrusted"), func(s postgres.BudgetSums) money.Fen { return s.EntrustedFen }},
	} {
		columns = append(columns, column[postgres.BudgetLine]{
			heading: c.heading, width: 16, fen: func(l postgres.BudgetLine) money.Fen { return c.fen(l.BudgetSums) },
		})
	}
	return columns
}

// Budget writes a workbook that compares a project's budget with its spending (预算执行情况表) and shows where the grant money
// is.
func Budget(out io.Writer, b postgres.Budget) error {
	w := newWorkbook()
	of := []string{said(b.Title), said(b.Organization.Name) + " " + b.Organization.CreditCode, b.Project}
	s := w.sheet(headed("预算执行", "Budget"), widths(budgetColumns), heading{headed("预算执行情况表", "Budget against actual"), of, b.At})
	s.line()
	table(s, budgetColumns, b.Lines)
	s.end()

	s = w.sheet(headed("资金状况", "Grant"), widths(useColumns), heading{headed("资助资金状况", "Where the grant stands"), of, b.At})
	s.line()
	table(s, useColumns, []use{{b.Project, said(b.Title), said(b.Organization.Name), b.Uses}})
	s.end()
	return w.write(out)
}
