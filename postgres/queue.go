package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// queue collects statements in a batch: db.New(queue) queues the statements of generated queries, and send runs them
// all in one round trip.
type queue struct{ batch pgx.Batch }

var errQueued = errors.New("a queued statement has no answer yet")

// Exec queues a statement. Any error is returned only when the queue is sent.
func (q *queue) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	q.batch.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

// Query always fails, because a queued statement has no rows yet.
func (q *queue) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errQueued }

// QueryRow always fails, because a queued statement has no row yet.
func (q *queue) QueryRow(context.Context, string, ...any) pgx.Row { return queuedRow{} }

type queuedRow struct{}

func (queuedRow) Scan(...any) error { return errQueued }

// touched returns a pointer to the number of rows that the last queued statement returned or changed. The number is set
// when the queue is sent.
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
