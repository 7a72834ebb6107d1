package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// queue lets the checked queries write into one batch: db.New(queue) collects statements, send runs them all in one round trip.
type queue struct{ batch pgx.Batch }

var errQueued = errors.New("a queued statement has no answer yet")

// Exec queues; a fault shows when the queue is sent.
func (q *queue) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	q.batch.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

// Query is not for queues.
func (q *queue) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errQueued }

// QueryRow is not for queues.
func (q *queue) QueryRow(context.Context, string, ...any) pgx.Row { return queuedRow{} }

type queuedRow struct{}

func (queuedRow) Scan(...any) error { return errQueued }

// touched is how many rows the statement queued last will have returned or changed, once the queue was sent.
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
