package api

import (
	"context"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// BudgetUse shows how much of the budget for one kind of spending has been used, in fen.
type BudgetUse struct {
	Kind        string      `json:"kind" example:"materials"`
	Name        domain.Text `json:"name" doc:"as the programme calls it"`
	PlannedFen  money.Fen   `json:"planned_fen" doc:"in the budget as it stands now"`
	ReportedFen money.Fen   `json:"reported_fen" doc:"of the grant: every receipt that was reported"`
	AcceptedFen money.Fen   `json:"accepted_fen" doc:"of the grant: accepted by finance (核定)"`
	LeftFen     money.Fen   `json:"left_fen" doc:"amount that may still be reported: planned less what was reported and not disallowed"`
}

// SpendingReport is a project's spending report (支出报告).
type SpendingReport struct {
	Number   int               `json:"number" minimum:"1" doc:"name of the report in the command judge-spending"`
	Judged   bool              `json:"judged" doc:"finance has reviewed it; a report without receipts needs no review"`
	JudgedOn calendar.Date     `json:"judged_on,omitzero" doc:"the day of that review"`
	Receipts []ReportedReceipt `json:"receipts" doc:"for offices, auditors, the organization and the evaluator; empty for all others"`
}

// ReportedReceipt is an invoice or a pay sheet (票据) that proves spending. The items bought and the uploaded file are
// shown only in the timeline, to those who may read the whole project.
type ReportedReceipt struct {
	Invoice    string              `json:"invoice" example:"044001700111-12345678"`
	Kind       string              `json:"kind" example:"materials"`
	KindName   domain.Text         `json:"kind_name" doc:"as the programme calls it"`
	Source     project.MoneySource `json:"source" enum:"grant,matching,in-kind,entrusted" doc:"whose money paid it"`
	SourceName domain.Text         `json:"source_name"`
	Fen        money.Fen           `json:"fen"`
	Reused     bool                `json:"reused" doc:"another project has already reported the same invoice, so it cannot be accepted"`
	ReusedBy   string              `json:"reused_by,omitempty" doc:"id of that project and nothing else about it; for offices, auditors and the organization"`
	Disallowed bool                `json:"disallowed" doc:"finance disallowed it (不予认可)"`
	Reason     string              `json:"reason,omitempty" doc:"why finance did not accept it"`
}

// PendingChange is a change (变更) that is waiting for the office's approval.
type PendingChange struct {
	Reason string               `json:"reason"`
	On     calendar.Date        `json:"on,omitzero" doc:"the day on which it was requested"`
	Diff   []project.Alteration `json:"diff" doc:"what would change, line by line; amounts in yuan"`
	Due    calendar.Date        `json:"due,omitzero" doc:"last day for the office to decide"`
}

// ChangeDecision is the office's decision on a change (变更).
type ChangeDecision struct {
	Outcome     project.ChangeOutcome `json:"outcome" enum:"approved,refused"`
	OutcomeName domain.Text           `json:"outcome_name"`
	Reason      string                `json:"reason,omitempty" doc:"why it was refused, or the opinion given with the approval"`
	On          calendar.Date         `json:"on,omitzero" doc:"the day of the decision"`
	Diff        []project.Alteration  `json:"diff" doc:"what was asked for, line by line; amounts in yuan"`
}

// ProjectDebt is money that a project's organization must pay back (应追回).
type ProjectDebt struct {
	Fen      money.Fen          `json:"fen"`
	Why      recovery.DebtCause `json:"why"`
	WhyName  domain.Text        `json:"why_name"`
	Reason   string             `json:"reason,omitempty" doc:"what the office found, or the reason it gave; for offices, auditors and the organization. Disallowed spending has the reason of each receipt instead"`
	On       calendar.Date      `json:"on,omitzero" doc:"the day on which it was claimed back"`
	Due      calendar.Date      `json:"due,omitzero" doc:"original repayment day; instalments may have changed it"`
	Recovery string             `json:"recovery" doc:"id of the recovery that follows it up"`
	Href     string             `json:"href,omitempty" format:"uri-reference" doc:"the recovery, which shows what is still owed; for offices, auditors and the organization that owes it, once it is opened"`
}

// budgetUse compares the budget with the receipts charged to the grant, in budget order. Kinds that a change removed
// from the budget come last.
func budgetUse(p *project.Project, rules *programme.Programme) []BudgetUse {
	uses := []BudgetUse{}
	of := func(kind string) *BudgetUse {
		i := slices.IndexFunc(uses, func(u BudgetUse) bool { return u.Kind == kind })
		if i < 0 {
			i = len(uses)
			uses = append(uses, BudgetUse{Kind: kind, Name: spendingName(rules, kind), AcceptedFen: p.Accepted[kind]})
		}
		return &uses[i]
	}
	for _, line := range p.Proposal.Budget {
		use := of(line.Kind)
		use.PlannedFen += line.Fen
		use.LeftFen += line.Fen
	}
	for _, report := range p.Statements {
		for _, slip := range report.Receipts {
			if slip.Source != project.FromGrant {
				continue
			}
			use := of(slip.Kind)
			use.ReportedFen += slip.Fen
			if !slip.Disallowed {
				use.LeftFen -= slip.Fen
			}
		}
	}
	return uses
}

// reports converts the spending reports. It leaves out entries that hold only totals, because they have no invoice to
// show.
func reports(all []project.Statement, rules *programme.Programme) []SpendingReport {
	reports := make([]SpendingReport, len(all))
	for i, statement := range all {
		reports[i] = SpendingReport{Number: i + 1, Judged: statement.Judged, JudgedOn: statement.JudgedOn, Receipts: []ReportedReceipt{}}
		for _, slip := range statement.Receipts {
			if slip.Invoice == "" {
				continue
			}
			receipt := ReportedReceipt{
				Invoice: slip.Invoice, Kind: slip.Kind, KindName: spendingName(rules, slip.Kind), Source: slip.Source, SourceName: project.MoneySources[slip.Source],
				Fen: slip.Fen, Reused: slip.ReusedBy != "", Disallowed: slip.Disallowed, Reason: slip.Reason,
			}
			if slip.ReusedBy != project.Withheld {
				receipt.ReusedBy = slip.ReusedBy
			}
			reports[i].Receipts = append(reports[i].Receipts, receipt)
		}
	}
	return reports
}

func pendingChange(p *project.Project) *PendingChange {
	if p.Change == nil {
		return nil
	}
	return &PendingChange{Reason: p.Change.Reason, On: p.Change.On, Diff: p.Change.Diff, Due: p.Change.Deadline.Due}
}

func changeDecision(p *project.Project) *ChangeDecision {
	d := p.Decided
	if d == nil {
		return nil
	}
	return &ChangeDecision{Outcome: d.Outcome, OutcomeName: project.ChangeOutcomes[d.Outcome], Reason: d.Reason, On: d.On, Diff: d.Diff}
}

// debts converts a project's debts, and adds the URL of each recovery that the caller may read.
func (s *server) debts(ctx context.Context, p *project.Project) ([]ProjectDebt, error) {
	all := make([]ProjectDebt, len(p.Debts))
	for i, d := range p.Debts {
		ref := flow.Ref{Kind: recovery.Kind, ID: p.ID + ".r" + itoa(i+1)}
		all[i] = ProjectDebt{Fen: d.Fen, Why: d.Why, WhyName: recovery.DebtCauses[d.Why], Reason: d.Reason, On: d.On, Due: d.Due.Due, Recovery: ref.ID}
		switch readable, err := s.desk(ctx).MayRead(ctx, ref); {
		case err != nil:
			return nil, err
		case readable:
			all[i].Href = addressOf(ref.Kind, ref.ID)
		}
	}
	return all, nil
}
