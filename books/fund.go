package books

import (
	"io"

	"terrace/domain"
	"terrace/domain/money"
	"terrace/postgres"
)

// use is a row of a fund's overview, which shows where the money of one pilot or project is.
type use struct {
	id, name, organization string
	postgres.Uses
}

var useColumns = append([]column[use]{
	{heading: headed("编号", "id"), width: 44, text: func(u use) string { return u.id }},
	{heading: headed("名称", "name"), width: 44, text: func(u use) string { return u.name }},
	{heading: headed("组织", "organization"), width: 36, text: func(u use) string { return u.organization }},
}, useSums()...)

func useSums() (columns []column[use]) {
	for _, c := range []struct {
		heading domain.Text
		fen     func(use) money.Fen
	}{
		{headed("已下达", "allotted"), func(u use) money.Fen { return u.AllottedFen }},
		{headed("可用", "available"), func(u use) money.Fen { return u.AvailableFen }},
		{headed("承诺", "committed"), func(u use) money.Fen { return u.CommittedFen }},
		{headed("在途", "in transit"), func(u use) money.Fen { return u.TransitFen }},
		{headed("预付", "advanced"), func(u use) money.Fen { return u.AdvanceFen }},
		{headed("核定支出", "spent"), func(u use) money.Fen { return u.SpentFen }},
		{headed("不予认可", "disallowed"), func(u use) money.Fen { return u.DisallowedFen }},
		{headed("应追回", "receivable"), func(u use) money.Fen { return u.ReceivableFen }},
		{headed("已缴回", "returned"), func(u use) money.Fen { return u.ReturnedFen }},
	} {
		columns = append(columns, column[use]{heading: c.heading, width: 18, fen: c.fen})
	}
	return columns
}

// Fund writes a workbook that shows where a programme's money is (资金总览). The first sheet lists the pilots, and the
// second their projects. On the second sheet, each pilot also has a line for the money that it still holds itself, so
// both sheets have the same totals.
func Fund(out io.Writer, f postgres.Fund) error {
	var pilots, projects []use
	for _, p := range f.Pilots {
		pilots = append(pilots, use{id: p.ID, name: said(p.Title), Uses: p.Uses})
		projects = append(projects, use{id: p.ID, name: said(p.Title), Uses: p.Own()})
		for _, q := range p.Projects {
			projects = append(projects, use{q.ID, said(q.Title), said(q.Organization.Name) + " " + q.Organization.CreditCode, q.Uses})
		}
	}
	w := newWorkbook()
	of := []string{said(f.Name) + " " + f.Programme}
	s := w.sheet(headed("试点", "Pilots"), widths(useColumns), heading{headed("资金总览", "Fund overview"), of, f.At})
	s.line()
	s.line(s.text("资金总额 total of the fund"), s.amount(f.TotalFen))
	if f.Whole {
		s.line(s.text("未下达 not allotted"), s.amount(f.UnallottedFen))
	} else {
		s.line(s.text("仅含有权查阅的试点 only the pilots that you may read"))
	}
	s.line()
	table(s, useColumns, pilots)
	s.end()

	s = w.sheet(headed("项目", "Projects"), widths(useColumns), heading{headed("资金总览：按项目", "Fund overview, by project"), of, f.At})
	s.line()
	table(s, useColumns, projects)
	s.end()
	return w.write(out)
}
