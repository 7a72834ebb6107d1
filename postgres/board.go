package postgres

import (
	"context"

	"terrace/domain/flow"
	"terrace/domain/project"
	"terrace/postgres/db"
)

// Board returns the projects of a pilot that the reader may see, in proposal order. It needs only one query.
func (s *Store) Board(ctx context.Context, reader flow.Reader, pilotID string) ([]*project.Project, error) {
	q := db.New(s.readingFor(reader))
	rows, err := q.ListBoard(ctx, pilotID)
	if err != nil {
		return nil, err
	}
	all := make([]*project.Project, len(rows))
	for i, r := range rows {
		state, err := s.decode(ctx, q, flow.Ref{Kind: project.Kind, ID: r.ID}, r.Shape, r.State)
		if err != nil {
			return nil, err
		}
		all[i] = state.(*project.Project)
	}
	return all, nil
}
