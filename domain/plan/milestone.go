package plan

import (
	"errors"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Milestone is a step of the work whose completion must be proved by evidence (里程碑).
type Milestone struct {
	Key      string        `json:"key" pattern:"^[A-Z][A-Z0-9]{0,7}$"`
	Name     domain.Text   `json:"name"`
	Due      calendar.Date `json:"due"`
	Evidence []string      `json:"evidence" minItems:"1" maxItems:"20" maxLength:"60" doc:"kinds of evidence that must be submitted"`
}

// EvidenceKinds maps the usual kinds of evidence (佐证材料) to their display names. An application may require other kinds, with keys of
// its own.
var EvidenceKinds = map[string]domain.Text{
	"attendance-sheet":     {ZH: "签到表", EN: "attendance sheet"},
	"photos":               {ZH: "现场照片", EN: "photos"},
	"spending-report":      {ZH: "支出报告", EN: "spending report"},
	"village-confirmation": {ZH: "村民委员会确认书", EN: "confirmation by the village committee"},
	"village-acceptance":   {ZH: "村级验收单", EN: "acceptance by the village"},
	"lottery-mark-photo":   {ZH: "彩票公益金标识照片", EN: "photo of the lottery mark"},
	"final-report":         {ZH: "结项报告", EN: "final report"},
}

// EvidenceName returns the display name of a kind of evidence, or its key if it has none.
func EvidenceName(kind string) domain.Text {
	if name, ok := EvidenceKinds[kind]; ok {
		return name
	}
	return domain.T(kind, kind)
}

// JudgeDue rejects a milestone that is due after the rollout.
func (m Milestone) JudgeDue(field string, c flow.Context) error {
	if last := c.Rules.RolloutEnds.Value; m.Due.After(last) {
		return domain.Refuse("after-rollout", field, "key", m.Key, "last", last.String())
	}
	return nil
}

func (q Proposal) judgeMilestones(field string, c flow.Context) error {
	var faults []error
	keys := map[string]bool{}
	for i, m := range q.Milestones {
		f := flow.At(under(field, "milestones"), i)
		if keys[m.Key] {
			faults = append(faults, domain.Refuse("duplicate", f+".key", "value", m.Key))
		}
		keys[m.Key] = true
		faults = append(faults, m.JudgeDue(f+".due", c))
	}
	for _, t := range c.Rules.Tranches {
		for _, key := range t.Milestones {
			if !keys[key] {
				faults = append(faults, domain.Refuse("missing-milestone", under(field, "milestones"), "key", key))
			}
		}
	}
	return errors.Join(faults...)
}
