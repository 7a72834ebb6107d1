package holding

import (
	"context"

	"terrace/bench/stack"
)

// processes lists the processes whose memory is reported.
var processes = []string{"api", "worker", "postgres", "temporal"}

// sizes holds the space taken by the stores and the processes, in bytes.
type sizes struct {
	record, temporal int64
	memory           map[string]int64
}

func (w *world) sizes(ctx context.Context, h *house) (sizes, error) {
	s := sizes{memory: map[string]int64{}}
	err := w.pool.QueryRow(ctx, `select pg_database_size(current_database()), sum(pg_database_size(datname))::bigint
		from pg_database where datname in ('temporal', 'temporal_visibility')`).Scan(&s.record, &s.temporal)
	if err != nil {
		return s, err
	}
	for name, read := range map[string]func() (stack.Usage, error){
		"api": h.api.Usage, "worker": h.worker.Usage, "postgres": w.stack.PostgresUsage, "temporal": w.stack.TemporalUsage,
	} {
		u, err := read()
		if err != nil {
			return s, err
		}
		s.memory[name] = u.Memory
	}
	return s, nil
}
