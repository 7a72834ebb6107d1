package demo

import (
	"context"
	"fmt"
	"strconv"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// reports is the number of spending reports that each project submits. A project submits one in each quarter of the
// rollout, each for an equal part of every budget line.
const reports = 4

// accountScript returns what the demonstration's people do about a project's money during each wait.
func (d *Driver) accountScript(p projectView, today calendar.Date) script {
	organization := zhuanglang.OrganizationPerson(p.Proposal.Code)
	send := d.to(project.Kind, p.ID)
	return script{
		project.AwaitSpendingReport: func(ctx context.Context, _ flow.TurnView) error {
			return d.reportSpending(ctx, p, today, send)
		},
		project.AwaitSpendingCheck: func(ctx context.Context, t flow.TurnView) error {
			return d.judgeSpending(ctx, p, t, send)
		},
		project.AwaitChange: func(ctx context.Context, _ flow.TurnView) error {
			d.show.Say("审批人员批准预算调剂", "the approver lets the budget change")
			return send(ctx, zhuanglang.CountyApprover, "approve-change", "", project.ApproveChange{Opinion: "同意（演示）"})
		},
		project.AwaitSettlement: func(ctx context.Context, _ flow.TurnView) error {
			return d.settlement(ctx, p, organization, send)
		},
		project.AwaitAcceptance: func(ctx context.Context, _ flow.TurnView) error {
			return send(ctx, zhuanglang.CountyFinance, "accept-settlement", "", project.AcceptSettlement{})
		},
		project.AwaitRefund: func(ctx context.Context, _ flow.TurnView) error {
			return d.refund(ctx, p, send)
		},
	}
}

// reportSpending reports the spending in the quarter that is ending, receipt by receipt, with a single scan of all
// receipts.
func (d *Driver) reportSpending(ctx context.Context, p projectView, today calendar.Date, send sender) error {
	organization, report := zhuanglang.OrganizationPerson(p.Proposal.Code), len(p.Spending)+1
	scan, err := d.evidence(ctx, organization, p.ID, fmt.Sprintf("receipts-%d", report))
	if err != nil {
		return err
	}
	receipts := d.receipts(p, report)
	for i := range receipts {
		receipts[i].Source, receipts[i].File, receipts[i].On = project.FromGrant, scan, today.AddDays(-7)
	}
	return send(ctx, organization, "report-spending", fmt.Sprint(report), project.ReportSpending{Receipts: receipts})
}

// receipts returns a receipt for each budget line, and a valid replacement for each receipt that finance disallowed in
// the previous report.
func (d *Driver) receipts(p projectView, report int) []project.Invoice {
	n := d.projectIndex(p.Proposal.Code)
	all, reported := []project.Invoice{}, map[string]money.Fen{}
	for i, statement := range p.Spending {
		for _, s := range statement.Receipts {
			switch {
			case !s.Disallowed:
				reported[s.Kind] += s.Fen
			case i == len(p.Spending)-1:
				d.show.Say("重复票据由合规票据替代", "a proper receipt replaces the reused one")
				reported[s.Kind] += s.Fen
				all = append(all, project.Invoice{Kind: s.Kind, Fen: s.Fen, Number: invoice(n, report, 50+len(all)), Title: "更正的票据（演示）"})
			}
		}
	}
	for i, l := range p.Proposal.Budget {
		number := invoice(n, report, i+1)
		if r := zhuanglang.Reused; n == r.Project && report == r.Report && l.Kind == r.Kind {
			number = invoice(r.Of, r.OfReport, i+1)
		}
		if fen := d.spendable(n, l)*money.Fen(min(report, reports))/reports - reported[l.Kind]; fen > 0 {
			all = append(all, project.Invoice{Kind: l.Kind, Fen: fen, Number: number, Title: "项目支出（演示）"})
		}
	}
	return all
}

// spendable returns how much of a budget line a project spends: all of it, except that the last project leaves some
// unspent.
func (d *Driver) spendable(project int, l plan.BudgetLine) money.Fen {
	if project == len(d.data.Projects)-1 && l.Kind == "service" {
		return l.Fen - zhuanglang.UnspentFen
	}
	return l.Fen
}

// invoice returns an invoice number, which consists of a twelve-digit code and an eight-digit number.
func invoice(project, report, line int) string {
	return fmt.Sprintf("0620017%02d104-%04d%04d", project+1, report, line)
}

// judgeSpending accepts a report, except for receipts that another project has already reported.
func (d *Driver) judgeSpending(ctx context.Context, p projectView, t flow.TurnView, send sender) error {
	report, err := strconv.Atoi(t.Subject)
	if err != nil {
		return err
	}
	judge := project.JudgeSpending{Report: report}
	for _, s := range p.Spending[report-1].Receipts {
		if s.ReusedBy == "" {
			continue
		}
		d.show.Say(
			fmt.Sprintf("票据%s已在另一项目报销，不予认可（%s元）", s.Invoice, s.Fen),
			fmt.Sprintf("the invoice was accounted for by another project already: %s yuan disallowed", s.Fen),
		)
		judge.Disallowed = append(judge.Disallowed, project.Disallowance{Invoice: s.Invoice, Reason: "该票据已在另一项目报销（演示）"})
	}
	return send(ctx, zhuanglang.CountyFinance, "judge-spending", t.Subject, judge)
}

// refund records that a project returned the money it did not need.
func (d *Driver) refund(ctx context.Context, p projectView, send sender) error {
	slip, err := d.evidence(ctx, zhuanglang.CountyFinance, p.ID, "refund")
	if err != nil {
		return err
	}
	d.show.Say(
		fmt.Sprintf("结余%s元凭单退回", p.RefundDueFen),
		fmt.Sprintf("%s yuan that were not needed come back, with a voucher", p.RefundDueFen),
	)
	return send(ctx, zhuanglang.CountyFinance, "record-refund", "", project.RecordRefund{Fen: p.RefundDueFen, Voucher: "退回-" + p.Proposal.Code, Slip: slip})
}

func (d *Driver) settlement(ctx context.Context, p projectView, organization string, send sender) error {
	account, err := d.evidence(ctx, organization, p.ID, "final-account")
	if err != nil {
		return err
	}
	photo, err := d.evidence(ctx, organization, p.ID, "lottery-mark-photo")
	if err != nil {
		return err
	}
	return send(ctx, organization, "submit-settlement", "", project.SubmitSettlement{Account: account, MarkPhotos: []string{photo}})
}
