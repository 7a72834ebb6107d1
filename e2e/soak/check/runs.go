package check

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5" //nolint:depguard // it judges Temporal from outside, by Temporal's own tables
)

// runs counts the running workflows by id in Temporal's own tables: one current run for each id, and no second one in
// the visibility store, which may be slightly behind.
func (c *checker) runs(ctx context.Context) (map[string]int, error) {
	conn, err := pgx.Connect(ctx, c.Temporal)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	runs := map[string]int{}
	type current struct{ ID string }
	err = each(ctx, conn, func(r current) { runs[r.ID]++ }, `select workflow_id from current_executions where state = $1`, running)
	if err != nil || c.Visibility == "" {
		return runs, err
	}
	visible, err := pgx.Connect(ctx, c.Visibility)
	if err != nil {
		return nil, err
	}
	defer func() { _ = visible.Close(ctx) }()
	type several struct {
		ID string
		N  int
	}
	err = each(ctx, visible, func(s several) { runs[s.ID] = max(runs[s.ID], s.N) },
		`select workflow_id, count(*)::integer from executions_visibility where status = 1 group by 1 having count(*) > 1`)
	if err != nil {
		return nil, fmt.Errorf("visibility: %w", err)
	}
	return runs, nil
}
