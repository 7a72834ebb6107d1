package desk

import (
	"context"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Board returns the projects of a pilot that the user may see.
//
// Errors: not-found, also if the user may see nothing of the pilot.
func (d *Desk) Board(ctx context.Context, pilotID string) ([]*project.Project, error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
		return nil, err
	}
	return d.record.Board(ctx, d.reader, pilotID)
}
