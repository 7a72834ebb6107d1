package desk

import (
	"context"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Board is every project of a pilot, as far as the person may see them.
//
// Errors: not-found, when they see nothing of the pilot.
func (d *Desk) Board(ctx context.Context, pilotID string) ([]*project.Project, error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
		return nil, err
	}
	return d.record.Board(ctx, d.reader, pilotID)
}
