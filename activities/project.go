package activities

import (
	"context"

	"terrace/domain/pilot"
)

// Projects are the activities of a project (项目).
type Projects struct{ Record Record }

// ReportEnd tells the pilot that one of its projects ended, and with what.
// The pilot joins its villages on the record.
func (a *Projects) ReportEnd(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*pilot.Project](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	home := pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}
	return send(ctx, a.Record, t.Ref, command(t.id("record-end"), home, "record-end", p.Ending()), t.discharge())
}
