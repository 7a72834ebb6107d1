package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// Outcome is the answer to an accepted command.
type Outcome struct {
	Receipt  flow.Receipt
	Progress flow.Progress // of the aggregate as it now is
	State    flow.State
	Places   *place.Table // as the command was judged with
	Repeated bool         // accepted before, under the same id; nothing was done again
}

// tries bounds how often a command is begun anew after a fault that passes, with waits that grow from firstWait.
const (
	tries     = 5
	firstWait = 10 * time.Millisecond
)

// Execute judges a command and records what follows from it, in one transaction: a refusal is a *domain.Error, and nothing
// was written. The same command id of the same actor brings the same receipt, so a command may be sent again after any
// fault; so does Execute itself, and thereby learns how a commit ended whose answer was lost.
//
// The first try is a guess, by what this process remembers of the record; it can only accept. Every other answer is from the
// record, under the aggregate's lock.
//
// Errors: those of flow.Judge, and unknown-command, not-found, already-exists, unknown-programme, idempotency-conflict,
// double-application, duplicate-number, payment-exists, duplicate-voucher, fund-exhausted.
func (s *Store) Execute(ctx context.Context, cmd flow.Command) (Outcome, error) {
	r, err := s.newRequest(cmd)
	if err != nil {
		return Outcome{}, err
	}
	if outcome, known := s.guess(ctx, r); known {
		return outcome, nil
	}
	wait := firstWait
	for try := 1; ; try++ {
		outcome, err := s.attempt(ctx, r)
		if err == nil || try == tries || !passes(err) {
			return outcome, err
		}
		select {
		case <-ctx.Done():
			return Outcome{}, errors.Join(ctx.Err(), err)
		case <-time.After(wait):
			wait *= 4
		}
	}
}

// attempt is one transaction of two round trips: what the command is judged by, and what follows from it.
func (s *Store) attempt(ctx context.Context, r request) (Outcome, error) {
	conn, err := s.poolOf(r.Actor).Acquire(ctx)
	if err != nil {
		return Outcome{}, &brokenError{err}
	}
	defer conn.Release()
	defer rollback(ctx, conn)
	outcome, err := s.decideOn(ctx, conn, r)
	if err != nil && conn.Conn().IsClosed() && ctx.Err() == nil {
		return Outcome{}, &brokenError{err}
	}
	return outcome, err
}

func (s *Store) decideOn(ctx context.Context, conn *pgxpool.Conn, r request) (Outcome, error) {
	v, err := s.look(ctx, conn, r)
	if err != nil {
		return Outcome{}, err
	}
	if v.given != nil {
		return s.repeat(ctx, conn, r, v)
	}
	d, err := s.decide(ctx, conn, r, v)
	if err != nil {
		if _, refused := domain.Refused(err); refused { // otherwise the state may be half changed
			s.remember(r.Aggregate, v.before, v.size)
		}
		return Outcome{}, err
	}
	if err := d.write(ctx, conn); err != nil {
		return Outcome{}, s.refuse(ctx, conn, d, err)
	}
	return s.accepted(d), nil
}

// accepted is the answer to what has been written.
func (s *Store) accepted(d *decision) Outcome {
	s.remember(d.ref, d.after, d.size)
	return Outcome{Receipt: d.receipt, Progress: d.After, State: d.after.state, Places: d.places}
}

// repeat answers a command that was accepted before.
func (s *Store) repeat(ctx context.Context, conn *pgxpool.Conn, r request, v view) (Outcome, error) {
	receipt, err := r.receiptOf(*v.given)
	if err != nil {
		return Outcome{}, err
	}
	state := v.before.state
	if receipt.Aggregate != r.Aggregate || state == nil {
		if state, err = s.load(ctx, db.New(conn), receipt.Aggregate); err != nil {
			return Outcome{}, err
		}
	}
	places, err := s.placesAt(ctx, conn, v.places)
	return Outcome{Receipt: receipt, Progress: flow.ProgressOf(state), State: state, Places: places, Repeated: true}, err
}

// rollback ends a transaction that is still open: the pool would otherwise drop the connection.
func rollback(ctx context.Context, conn *pgxpool.Conn) {
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback") // when this fails, the pool drops the connection and the server rolls back
}

// brokenError is a connection that was lost or could not be had.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "connection to the record: " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// passes tells that the command is worth beginning anew. Whatever became of it, its id lets it take effect once: a lost
// answer is read from the receipt, and of two that ran at once the slower finds the other's.
func passes(err error) bool {
	var fault *pgconn.PgError
	var broken *brokenError
	switch {
	case errors.As(err, &broken):
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	case !errors.As(err, &fault):
		return false
	}
	switch fault.Code {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	case "23505": // the same command or aggregate came in between
		return fault.ConstraintName != "claim_pkey"
	}
	return false
}

var (
	errLookAgain = &pgconn.PgError{Code: "40001", Message: "the holder of a claimed key has changed"}
	errMovedOn   = &pgconn.PgError{Code: "40001", Message: "the record has moved on since the command was judged"}
)

// refuse turns the database's refusal of a claimed key, or of more than a fund has, into the domain's.
func (s *Store) refuse(ctx context.Context, conn *pgxpool.Conn, d *decision, err error) error {
	var fault *pgconn.PgError
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.ConstraintName == "ledger_account_covered" && fault.ColumnName == ledger.FundSource:
		return domain.Refuse("fund-exhausted", "")
	case fault.ConstraintName != "claim_pkey":
		return err
	}
	rollback(ctx, conn)
	if err := s.refuseTaken(ctx, db.New(conn), d.ref, d.Claimed, d.request.needs.Keys); err != nil {
		return err
	}
	return errLookAgain
}
