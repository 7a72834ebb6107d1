package desk

import (
	"context"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Board returns those of a pilot's projects that the person may see.
//
// Errors: not-found, also when they may see nothing of the pilot.
func (d *Desk) Board(ctx context.Context, pilotID string) ([]*project.Project, error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
		return nil, err
	}
	return d.record.Board(ctx, d.reader, pilotID)
}
