package postgres

import (
	"context"
	"time"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Carrier is the Store as workers use it. It reads over connections reserved for workflows, so that user requests never
// delay a workflow.
type Carrier struct{ *Store }

// Load loads an aggregate as Store.Load does.
//
// Errors: not-found.
func (c Carrier) Load(ctx context.Context, ref flow.Ref) (flow.State, error) {
	return c.load(ctx, db.New(c.activities), ref)
}

// Now returns the record's time as Store.Now does.
func (c Carrier) Now(ctx context.Context) (time.Time, error) {
	read, err := readClock(ctx, db.New(c.activities))
	return read.now, err
}

// AccountNumber returns an account number as Store.AccountNumber does. It takes no reader, because workers may read
// every number.
func (c Carrier) AccountNumber(ctx context.Context, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(c.activities), project)
}
