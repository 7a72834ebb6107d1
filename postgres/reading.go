package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// readerSetting is set to readerIsRecord when opening a connection that may read everything in the record (see
// schema/024_readers.sql).
const readerSetting, readerIsRecord = "terrace.reader", "record"

// readFor is the statement that sets the reader of a transaction.
const readFor = `select set_config('terrace.reader', $1, true), set_config('terrace.office', $2, true), set_config('terrace.finance', $3, true),
	set_config('terrace.keys', $4::text[]::text, true)`

// readForAll sets a reader that may see everything except account numbers.
const readForAll = `select set_config('terrace.reader', 'all', true)`

// planned makes PostgreSQL plan the statements of a transaction for their actual values, which determine the best plan
// for a search or for a list of one stage. plannedOnce makes it reuse one plan for all values, which halves the time of
// a page.
const (
	planned     = `, set_config('plan_cache_mode', 'force_custom_plan', true)`
	plannedOnce = `, set_config('plan_cache_mode', 'force_generic_plan', true)`
)

// telling returns the statement that sets the reader of a transaction.
func telling(r flow.Reader) (sql string, args []any) {
	switch {
	case r.All && r.Finance == "":
		return readForAll, nil
	case r.All:
		return readFor, []any{"all", r.Place, r.Finance, r.Keys()}
	default:
		return readFor, []any{"some", r.Place, r.Finance, r.Keys()}
	}
}

// setReader sets the reader of an open transaction.
func setReader(ctx context.Context, tx pgx.Tx, r flow.Reader) error {
	sql, args := telling(r)
	_, err := tx.Exec(ctx, sql, args...)
	return err
}

// reading gives access to the record on behalf of a reader. Each statement runs in its own transaction, which sets the
// reader in the same round trip.
type reading struct {
	pool   *pgxpool.Pool
	reader flow.Reader
}

// readingFor returns access to what the given reader may see of the record.
func (s *Store) readingFor(r flow.Reader) reading { return reading{s.answers, r} }

// free returns access to the parts of the record that everyone may read, without the cost of setting the reader.
func free(through db.DBTX) db.DBTX {
	if r, ok := through.(reading); ok {
		return reading{pool: r.pool}
	}
	return through
}

// reads returns access for queries that use no lists. The caller must check that its user may run them.
func (s *Store) reads() reading { return reading{pool: s.answers} }

var _ db.DBTX = reading{}

// acquire takes a connection, waiting at most longestWait.
func (r reading) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	patient, cancel := context.WithTimeoutCause(ctx, longestWait, errBusy)
	defer cancel()
	conn, err := r.pool.Acquire(patient)
	if err != nil && ctx.Err() == nil && patient.Err() != nil {
		err = errBusy
	}
	return conn, err
}

func (r reading) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	conn, err := r.acquire(ctx)
	if err != nil {
		return nil, err
	}
	plan := planned
	if len(args) > 0 {
		if mode, given := args[0].(pgx.QueryExecMode); given {
			args = args[1:]
			if mode == pgx.QueryExecModeCacheStatement {
				plan = plannedOnce
			}
		}
	}
	rows := &readRows{conn: conn}
	if r.reader == (flow.Reader{}) {
		rows.Rows, err = conn.Query(ctx, sql, args...)
	} else {
		batch := &pgx.Batch{}
		who, about := telling(r.reader)
		batch.Queue(who+plan, about...)
		batch.Queue(sql, args...)
		rows.results = conn.SendBatch(ctx, batch)
		if _, err = rows.results.Exec(); err == nil {
			rows.Rows, err = rows.results.Query()
		}
	}
	if err != nil {
		rows.Close()
		return nil, err
	}
	return rows, nil
}

func (r reading) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := r.Query(ctx, sql, args...)
	return readRow{rows, err}
}

// Exec runs a statement that returns no rows.
func (r reading) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	rows.Close()
	return rows.CommandTag(), rows.Err()
}

// readRows holds a query's rows. Closing it ends the transaction and returns the connection to the pool.
type readRows struct {
	pgx.Rows
	results pgx.BatchResults
	conn    *pgxpool.Conn
}

func (r *readRows) Close() {
	if r.conn == nil {
		return
	}
	if r.Rows != nil {
		r.Rows.Close()
	}
	if r.results != nil {
		_ = r.results.Close() // an error of the statement is reported by its rows
	}
	r.conn.Release()
	r.conn = nil
}

// readRow is the first row that a query returns.
type readRow struct {
	rows pgx.Rows
	err  error
}

func (r readRow) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	return r.rows.Scan(to...)
}
