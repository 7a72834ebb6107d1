package plan

import (
	"errors"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
)

// BudgetLine is the amount budgeted for one kind of spending (预算科目). Whether it may be funded depends only on the declared kind,
// never on the wording of a title.
type BudgetLine struct {
	Kind  string       `json:"kind" minLength:"1" maxLength:"40" doc:"kind of spending, as the programme names it"`
	Title *domain.Text `json:"title,omitempty"`
	Fen   money.Fen    `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
}

// BudgetFen returns the total budget of the proposal.
func (q Proposal) BudgetFen() money.Fen {
	var sum money.Fen
	for _, l := range q.Budget {
		sum += l.Fen
	}
	return sum
}

// JudgeBudget checks the budget against the programme's rules. The error joins all of its faults.
func (q Proposal) JudgeBudget(field string, c flow.Context) error {
	var faults []error
	var admin money.Fen
	for i, l := range q.Budget {
		faults = append(faults, Fundable(flow.At(under(field, "budget"), i), l.Kind, c))
		if l.Kind == adminKind {
			admin += l.Fen
		}
	}
	if most := money.Share(q.BudgetFen(), c.Rules.AdminPermille.Value); admin > most {
		faults = append(faults, domain.Refuse("over-admin", under(field, "budget"), "most", most.String(), "got", admin.String(), "source", c.Rules.AdminPermille.Source))
	}
	if most := money.Share(q.BudgetFen()+q.MatchingFen, c.Rules.GrantPermille.Value); q.BudgetFen() > most {
		faults = append(faults, domain.Refuse("matching-short", under(field, "matching_fen"), "most", most.String(), "got", q.BudgetFen().String(), "source", c.Rules.GrantPermille.Source))
	}
	return errors.Join(faults...)
}

// adminKind is the key of administrative costs (管理费), which may only take up a limited share of the budget.
const adminKind = "admin"

// Fundable returns an error if the programme does not list the kind of spending or forbids it. The error cites the source of the
// rule.
func Fundable(field, key string, c flow.Context) error {
	kind, known := c.Rules.SpendingKind(key)
	switch {
	case !known:
		return domain.Refuse("unknown-spending", field+".kind", append(c.Rules.SpendingChoice(), "kind", key)...)
	case kind.Forbidden:
		return domain.Refuse("forbidden-spending", field+".kind", "zh", kind.Name.ZH, "en", kind.Name.EN, "source", kind.Source)
	}
	return nil
}

func BudgetOf(lines []BudgetLine) map[string]money.Fen {
	m := map[string]money.Fen{}
	for _, l := range lines {
		m[l.Kind] += l.Fen
	}
	return m
}
