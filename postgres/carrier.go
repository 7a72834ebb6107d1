package postgres

import (
	"context"
	"time"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Carrier is the Store for whoever carries the workflows: it reads on their connections, so that what people read keeps no workflow
// waiting.
type Carrier struct{ *Store }

// Load is as the Store's.
//
// Errors: not-found.
func (c Carrier) Load(ctx context.Context, ref flow.Ref) (flow.State, error) {
	return c.load(ctx, db.New(c.activities), ref)
}

// Now is as the Store's.
func (c Carrier) Now(ctx context.Context) (time.Time, error) {
	read, err := readClock(ctx, db.New(c.activities))
	return read.now, err
}

// AccountNumber is as the Store's.
func (c Carrier) AccountNumber(ctx context.Context, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(c.activities), project)
}
