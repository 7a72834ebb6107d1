package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// queue collects the statements of checked queries in a batch: db.New(queue) queues them, send runs them in one round
// trip.
type queue struct{ batch pgx.Batch }

var errQueued = errors.New("a queued statement has no answer yet")

// Exec queues a statement; errors appear when the queue is sent.
func (q *queue) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	q.batch.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

// Query always fails: a queued statement has no rows yet.
func (q *queue) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errQueued }

// QueryRow always fails: a queued statement has no rows yet.
func (q *queue) QueryRow(context.Context, string, ...any) pgx.Row { return queuedRow{} }

type queuedRow struct{}

func (queuedRow) Scan(...any) error { return errQueued }

// touched returns the number of rows that the statement queued last returned or changed. It is set once the queue has
// been sent.
func (q *queue) touched() *int64 {
	rows := new(int64)
	q.batch.QueuedQueries[q.batch.Len()-1].Exec(func(tag pgconn.CommandTag) error {
		*rows = tag.RowsAffected()
		return nil
	})
	return rows
}

func (q *queue) send(ctx context.Context, through interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
},
) error {
	return through.SendBatch(ctx, &q.batch).Close()
}
