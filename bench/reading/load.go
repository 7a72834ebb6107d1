package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"terrace/bench/stack"
	"terrace/domain/calendar"
	"terrace/postgres"
	"terrace/programmes"
)

// decideModels has the product decide one pilot for each call, on a separate record, and turns the results into moulds.
func decideModels(ctx context.Context, s *stack.Stack, all []start, rules *programmes.Set) (moulds []*mould, err error) {
	url, err := s.NewRecord(ctx, "models")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.DropDatabase(ctx, url)) }()
	store, err := open(ctx, url, rules)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	registry := postgres.Registry{Places: modelPlaces(), People: []postgres.Person{{Actor: expert()}}}
	for _, role := range []string{"officer", "approver", "finance", "finance-2"} {
		registry.People = append(registry.People, postgres.Person{Actor: officer(modelCounty, role)})
	}
	if err := errors.Join(store.Register(ctx, registry), store.SaveEvidence(ctx, slip())); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for _, start := range all {
		m := &model{start: start, id: uuid.Must(uuid.NewV7()).String(), commands: map[string]sent{}, store: store, pool: pool}
		if err := m.live(ctx); err != nil {
			return nil, fmt.Errorf("model of %s, version %d: %w", start.programme(), start.version, err)
		}
		if _, err := store.WriteTurns(ctx); err != nil {
			return nil, err
		}
		cast, err := m.mould(ctx, conn)
		if err != nil {
			return nil, err
		}
		moulds = append(moulds, cast)
	}
	return moulds, nil
}

func slip() postgres.Evidence {
	return postgres.Evidence{SHA256: file, MediaType: "application/pdf", Size: 1, Name: "slip.pdf", UploadedBy: "finance-" + modelCounty}
}

// load fills an empty record with copies. It drops the indexes and rebuilds them at the end, and it skips the triggers,
// doing their work once for all rows. “terrace verify” finds whatever the triggers would have rejected.
func load(ctx context.Context, url string, r *record) error {
	r.number()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	indexes, err := dropIndexes(ctx, conn)
	if err != nil {
		return err
	}
	if err := r.stream(ctx, url); err != nil {
		return err
	}
	if err := r.besides(ctx, conn); err != nil {
		return err
	}
	return build(ctx, url, indexes)
}

// statements restore what was dropped: indexes and keys first, then the foreign keys that refer to them.
type statements struct{ indexes, references []string }

// dropIndexes drops every index and constraint of the tables to be filled.
func dropIndexes(ctx context.Context, conn *pgx.Conn) (again statements, err error) {
	filled := []string{"place", "pilot_search", "project_search"}
	for _, t := range tables {
		filled = append(filled, t.name)
	}
	rows, err := conn.Query(ctx, `
		select format('alter table %s drop constraint %I', conrelid::regclass, conname), format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), contype = 'f'
		from pg_constraint where conrelid::regclass::text = any($1) and contype in ('p', 'u', 'f') order by contype = 'f' desc`, filled)
	if err != nil {
		return again, err
	}
	var drop []string
	var one, back string
	var refers bool
	_, err = pgx.ForEachRow(rows, []any{&one, &back, &refers}, func() error {
		drop = append(drop, one)
		if refers {
			again.references = append(again.references, back)
		} else {
			again.indexes = append(again.indexes, back)
		}
		return nil
	})
	if err != nil {
		return again, err
	}
	rows, err = conn.Query(ctx, `
		select format('drop index %I', indexname), indexdef from pg_indexes
		where tablename = any($1) and not exists (select from pg_constraint c where c.conindid = indexname::regclass and c.contype in ('p', 'u'))`, filled)
	if err != nil {
		return again, err
	}
	_, err = pgx.ForEachRow(rows, []any{&one, &back}, func() error {
		drop, again.indexes = append(drop, one), append(again.indexes, back)
		return nil
	})
	if err == nil {
		_, err = conn.Exec(ctx, strings.Join(drop, ";\n"))
	}
	return again, err
}

// stream generates every copy once and sends its rows to all tables concurrently.
func (r *record) stream(ctx context.Context, url string) error {
	group, ctx := errgroup.WithContext(ctx)
	filled := slices.Concat(tables, searches)
	pipes := make([]*io.PipeWriter, len(filled))
	for t, table := range filled {
		source, sink := io.Pipe()
		pipes[t] = sink
		group.Go(func() error {
			err := copyFrom(ctx, url, table.name, table.columns, source)
			source.CloseWithError(errors.Join(err, io.ErrClosedPipe))
			return err
		})
	}
	group.Go(func() error {
		err := r.cast(pipes)
		for _, p := range pipes {
			p.CloseWithError(err)
		}
		return err
	})
	return group.Wait()
}

// portion is the number of bytes sent to a table at a time.
const portion = 256 << 10

func (r *record) cast(pipes []*io.PipeWriter) error {
	buffers := make([][]byte, len(pipes))
	for n := range r.size() {
		c := r.copy(n)
		c.named()
		for t := range tables {
			buffers[t] = r.write(buffers[t], t, &c)
		}
		buffers[len(tables)] = projectWords(buffers[len(tables)], &c)
		buffers[len(tables)+1] = pilotWords(buffers[len(tables)+1], &c)
		for t, rows := range buffers {
			if len(rows) < portion && n < r.size()-1 {
				continue
			}
			if _, err := pipes[t].Write(rows); err != nil {
				return err
			}
			buffers[t] = rows[:0]
		}
		r.heads[n] = nil
	}
	return nil
}

// copyFrom fills an empty table in one transaction, with rows that are already frozen.
func copyFrom(ctx context.Context, url, table string, columns []string, rows io.Reader) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local session_replication_role = replica; truncate "+table); err != nil {
			return err
		}
		_, err := tx.Conn().PgConn().CopyFrom(ctx, rows, fmt.Sprintf(`copy %s ("%s") from stdin with (freeze)`, table, strings.Join(columns, `", "`)))
		if err != nil {
			err = fmt.Errorf("copy %s: %w", table, err)
		}
		return err
	})
}

// besides writes the rows outside any pilot, and those that the triggers would have written.
func (r *record) besides(ctx context.Context, conn *pgx.Conn) error {
	var rows strings.Builder
	for _, p := range places(r.counties) {
		parent := string(p.Parent)
		if parent == "" {
			parent = `\N`
		}
		fmt.Fprintf(&rows, "%s\t%d\t%s\t%s\t%s\t%s\n", p.Code, p.Vintage, parent, p.Level, p.ZH, p.EN)
	}
	columns := []string{"code", "vintage", "parent", "level", "zh", "en"}
	if err := copyFrom(ctx, conn.Config().ConnString(), "place", columns, strings.NewReader(rows.String())); err != nil {
		return err
	}
	sql := []string{"set session_replication_role = replica", "update place_version set version = version + 1"}
	for i, f := range r.funds {
		sql = append(sql, fmt.Sprintf(`insert into ledger_account (account, owner, name, floor, balance) overriding system value values (%d, '%s', '%s', %d, %d)`, i+1, f.programme, f.name, f.floor, f.fen))
	}
	return execute(ctx, conn, append(
		sql,
		`select setval(pg_get_serial_sequence('ledger_account', 'account'), (select max(account) from ledger_account))`,
		`insert into launch (programme, place) select distinct programme, place from pilot_row where not draft`,
		`insert into reach (above, place, office)
			with recursive chain as (
				select n.place, n.office, n.place as above from (select distinct place, true as office from pilot_row union all select distinct village, false from project_row) n
				union all
				select c.place, c.office, p.parent from chain c join place p on p.code = c.above where p.parent is not null
			) select above, place, office from chain`,
	)...)
}

func execute(ctx context.Context, conn *pgx.Conn, sql ...string) error {
	for _, s := range sql {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%.60s: %w", s, err)
		}
	}
	return nil
}

// builders is the number of indexes built concurrently.
const builders = 2

// build restores indexes and keys, then the foreign keys that refer to them, and runs ANALYZE on everything.
func build(ctx context.Context, url string, again statements) error {
	keys, indexes := split(again.indexes, "add constraint")
	for _, part := range [][]string{keys, indexes, again.references, {"analyze"}} {
		if err := together(ctx, url, part); err != nil {
			return err
		}
	}
	return nil
}

func split(all []string, by string) (with, without []string) {
	for _, s := range all {
		if strings.Contains(s, by) {
			with = append(with, s)
		} else {
			without = append(without, s)
		}
	}
	return with, without
}

func together(ctx context.Context, url string, sql []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(builders)
	for _, s := range sql {
		group.Go(func() error {
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
			return execute(ctx, conn, "set maintenance_work_mem = '768MB'", "set max_parallel_maintenance_workers = 0", "set session_replication_role = replica", s)
		})
	}
	return group.Wait()
}

// open connects to a record as the program does.
func open(ctx context.Context, url string, rules *programmes.Set) (*postgres.Store, error) {
	program, err := postgres.TrialURL(ctx, url)
	if err != nil {
		return nil, err
	}
	return postgres.Open(ctx, postgres.Config{URL: program, Programmes: rules, Calendar: calendar.Published()})
}

// settle opens the record as the program does, which moves the journal's positions past the loaded rows, and brings the
// stored totals of the funds up to date.
func settle(ctx context.Context, url string, rules *programmes.Set, registry postgres.Registry) error {
	store, err := open(ctx, url, rules)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := errors.Join(store.SaveEvidence(ctx, slip()), store.Register(ctx, registry)); err != nil {
		return err
	}
	for {
		if carried, err := store.CarryFunds(ctx); err != nil || carried == 0 {
			return err
		}
	}
}
