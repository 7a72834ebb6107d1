package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres/db"
)

// BudgetSums shows how much a budget line allows and how much of it has been used. The reported amount is the total of
// the open, accepted and disallowed amounts.
type BudgetSums struct {
	ApprovedFen   money.Fen `json:"approved_fen" doc:"as last approved"`
	PlannedFen    money.Fen `json:"planned_fen" doc:"now, with the small shifts that need no approval"`
	ReportedFen   money.Fen `json:"reported_fen" doc:"receipts paid with the grant"`
	OpenFen       money.Fen `json:"open_fen" doc:"of the reported: not judged yet"`
	AcceptedFen   money.Fen `json:"accepted_fen" doc:"of the reported: accepted (核定)"`
	DisallowedFen money.Fen `json:"disallowed_fen" doc:"of the reported: not accepted, or found diverted later"`
	SpentFen      money.Fen `json:"spent_fen" doc:"of the accepted: covered by money that was paid; the ledger's spent"`
	RemainingFen  money.Fen `json:"remaining_fen" doc:"what may still be reported"`
	MatchingFen   money.Fen `json:"matching_fen" doc:"accepted matching funds paid in money"`
	InKindFen     money.Fen `json:"in_kind_fen" doc:"accepted matching in kind, at its value"`
	EntrustedFen  money.Fen `json:"entrusted_fen" doc:"accepted spending of entrusted money"`
}

// BudgetLine is one kind of spending in a project's budget.
type BudgetLine struct {
	Kind  string      `json:"kind" example:"materials"`
	Title domain.Text `json:"title"`
	BudgetSums
}

// Budget compares a project's budget with its spending, for each kind of spending (预算执行情况). Uses breaks the project's
// grant down by its current use.
type Budget struct {
	Project      string            `json:"project"`
	Title        domain.Text       `json:"title"`
	Organization plan.Organization `json:"organization"`
	At           time.Time         `json:"at"`
	Lines        []BudgetLine      `json:"lines"`
	Total        BudgetSums        `json:"total"`
	GrantFen     money.Fen         `json:"grant_fen"`
	PaidFen      money.Fen         `json:"paid_fen"`
	Uses         Uses              `json:"uses" doc:"where the grant stands; money that was returned is the pilot's"`
}

// BudgetOf returns a project's budget and its spending so far. The caller must check who may read it.
//
// Errors: not-found.
func (s *Store) BudgetOf(ctx context.Context, projectID string) (b Budget, err error) {
	err = s.atOneMoment(ctx, flow.Reader{}, func(q *db.Queries, _ db.DBTX) error {
		state, err := s.load(ctx, q, flow.Ref{Kind: project.Kind, ID: projectID})
		if err != nil {
			return err
		}
		p := state.(*project.Project)
		rules, err := s.programmes.Find(p.Programme.ID, p.Programme.Version)
		if err != nil {
			return err
		}
		balance, err := trialBalance(ctx, q, Scope{Project: projectID}, time.Time{})
		b = budgetOf(p, rules, balance)
		return err
	})
	return b, err
}

func budgetOf(p *project.Project, rules *programme.Programme, balance TrialBalance) Budget {
	b := Budget{
		Project: p.ID, Title: p.Proposal.Title, Organization: p.Proposal.Organization, At: balance.At,
		GrantFen: p.GrantFen, PaidFen: p.PaidFen, Uses: usesByOwner(balance)[p.ID],
	}
	l := lines{at: map[string]int{}}
	l.plan(p)
	l.receipts(p)
	l.booked(balance)
	b.Lines = l.all
	for i := range b.Lines {
		kind, _ := rules.SpendingKind(b.Lines[i].Kind)
		b.Lines[i].Title = kind.Name
		b.Lines[i].derive()
		b.Total.add(b.Lines[i].BudgetSums)
	}
	return b
}

// lines holds the totals for each kind of spending: first the kinds in the budget, and then any others in the order in
// which they were first seen.
type lines struct {
	all []BudgetLine
	at  map[string]int
}

func (l *lines) of(kind string) *BudgetSums {
	i, known := l.at[kind]
	if !known {
		i = len(l.all)
		l.at[kind] = i
		l.all = append(l.all, BudgetLine{Kind: kind})
	}
	return &l.all[i].BudgetSums
}

func (l *lines) plan(p *project.Project) {
	for _, line := range p.Proposal.Budget {
		l.of(line.Kind).PlannedFen += line.Fen
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Baseline)) {
		l.of(kind).ApprovedFen = p.Baseline[kind]
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Accepted)) {
		l.of(kind).AcceptedFen = p.Accepted[kind]
	}
}

// receipts adds up the reported receipts. The amount left on a line is its budget less all receipts except those that
// were disallowed.
func (l *lines) receipts(p *project.Project) {
	for _, line := range l.all {
		sums := l.of(line.Kind)
		sums.RemainingFen = sums.PlannedFen
	}
	for _, statement := range p.Statements {
		for _, slip := range statement.Receipts {
			if slip.Source != project.FromGrant {
				continue
			}
			sums := l.of(slip.Kind)
			sums.ReportedFen += slip.Fen
			if !statement.Judged {
				sums.OpenFen += slip.Fen
			}
			if !slip.Disallowed {
				sums.RemainingFen -= slip.Fen
			}
		}
	}
}

// booked adds the ledger's totals for each kind of spending.
func (l *lines) booked(b TrialBalance) {
	for _, a := range b.Accounts {
		switch a.Account {
		case ledger.Spent:
			l.of(a.Category).SpentFen += a.BalanceFen
		case ledger.MatchingPaid:
			l.of(a.Category).MatchingFen += a.BalanceFen
		case ledger.MatchingInKind:
			l.of(a.Category).InKindFen += a.BalanceFen
		case ledger.EntrustedSpent:
			l.of(a.Category).EntrustedFen += a.BalanceFen
		}
	}
}

func (s *BudgetSums) derive() { s.DisallowedFen = s.ReportedFen - s.OpenFen - s.AcceptedFen }

func (s *BudgetSums) add(more BudgetSums) {
	s.ApprovedFen += more.ApprovedFen
	s.PlannedFen += more.PlannedFen
	s.ReportedFen += more.ReportedFen
	s.OpenFen += more.OpenFen
	s.AcceptedFen += more.AcceptedFen
	s.DisallowedFen += more.DisallowedFen
	s.SpentFen += more.SpentFen
	s.RemainingFen += more.RemainingFen
	s.MatchingFen += more.MatchingFen
	s.InKindFen += more.InKindFen
	s.EntrustedFen += more.EntrustedFen
}
