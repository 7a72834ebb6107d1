package plan

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Milestone is a step of the work that is accepted with evidence (里程碑).
type Milestone struct {
	Key      string        `json:"key" pattern:"^[A-Z][A-Z0-9]{0,7}$"`
	Name     domain.Text   `json:"name"`
	Due      calendar.Date `json:"due"`
	Evidence []string      `json:"evidence" minItems:"1" maxItems:"20" maxLength:"60" doc:"kinds of evidence that must be submitted"`
}

func (q Proposal) JudgeMilestones(field string, c flow.Context) error {
	keys := map[string]bool{}
	for i, m := range q.Milestones {
		f := flow.At(under(field, "milestones"), i)
		if keys[m.Key] {
			return domain.Refuse("duplicate", f+".key", "value", m.Key)
		}
		keys[m.Key] = true
		if m.Due.After(c.Rules.RolloutEnds.Value) {
			return domain.Refuse("after-rollout", f+".due", "last", c.Rules.RolloutEnds.Value.String())
		}
	}
	for _, t := range c.Rules.Tranches {
		for _, key := range t.Milestones {
			if !keys[key] {
				return domain.Refuse("missing-milestone", under(field, "milestones"), "key", key)
			}
		}
	}
	return nil
}
