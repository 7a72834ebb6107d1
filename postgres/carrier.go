package postgres

import (
	"context"
	"time"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Carrier is the Store for workers. It reads on the workflows' connections, so people's reads never delay a workflow.
type Carrier struct{ *Store }

// Load is like Store.Load.
//
// Errors: not-found.
func (c Carrier) Load(ctx context.Context, ref flow.Ref) (flow.State, error) {
	return c.load(ctx, db.New(c.activities), ref)
}

// Now is like Store.Now.
func (c Carrier) Now(ctx context.Context) (time.Time, error) {
	read, err := readClock(ctx, db.New(c.activities))
	return read.now, err
}

// AccountNumber is like Store.AccountNumber, without a reader: workers may read every number.
func (c Carrier) AccountNumber(ctx context.Context, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(c.activities), project)
}
