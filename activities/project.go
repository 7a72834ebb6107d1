package activities

import (
	"context"
	"fmt"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Projects holds the activities of a project (项目).
type Projects struct{ Record Record }

// ReportEnd reports to the pilot's aggregate that the project has ended, and with what amounts. The pilot waits until
// all its projects have reported. If the pilot rejects the report because it already has one, the duty is done.
func (a *Projects) ReportEnd(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*project.Project](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	home := flow.Ref{Kind: pilot.Kind, ID: p.Pilot}
	end := p.Ending()
	told := fmt.Sprintf("%d/%d", end.PaidFen, end.OwedFen) // money may move between two tries and the end be owed again; different content needs a different command id
	discharge := t.discharge()
	discharge.ID += told
	answer, err := send(ctx, a.Record, t.Ref, command(t.id("record-end")+told, home, "record-end", &pilot.RecordEnd{Project: p.ID, End: end}), discharge)
	if err != nil || answer.Refused == "" {
		return answer, err
	}
	joined, err := load[*pilot.Pilot](ctx, a.Record, home)
	if err != nil {
		return Answer{}, err
	}
	if _, known := joined.Ends[t.Ref.ID]; !known {
		return answer, nil
	}
	return send(ctx, a.Record, t.Ref, discharge)
}

// StartRecovery opens a recovery (追回) for one of the project's debts.
func (a *Projects) StartRecovery(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*project.Project](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	opening, err := p.RecoveryOpening(t.Duty.Subject)
	if err != nil {
		return overtaken(ctx, a.Record, t, err)
	}
	recovery := flow.Ref{Kind: recovery.Kind, ID: t.Duty.Subject}
	return send(ctx, a.Record, t.Ref, command(t.id("open"), recovery, "open", opening), t.discharge())
}
