package postgres

import (
	"cmp"
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

// Outcome is the result of an accepted command.
type Outcome struct {
	Receipt  flow.Receipt
	Progress flow.Progress // the aggregate's progress after the command
	State    flow.State
	Places   *place.Table // the table of places used to judge the command
	Repeated bool         // the command had already been accepted, so nothing was done this time
}

// tries is the maximum number of attempts at a command that meets only temporary faults. The pauses between attempts
// start at firstWait and grow.
const (
	tries     = 5
	firstWait = 10 * time.Millisecond
)

// longestWait is the maximum total time that a user's command may wait for its turn, a connection and locks.
const longestWait = 5 * time.Second

// Execute judges a command and records the resulting events in one transaction. If the command is rejected, the error
// is a *domain.Error and nothing is written. A command with the same id from the same actor returns the same receipt
// while the actor can see the aggregate, so a caller may retry after any fault. Execute retries in the same way, which
// is how it learns the outcome of a commit whose response was lost.
//
// Commands to one aggregate take turns within a process. The first attempt is a guess based on what the process
// remembers of the record; a guess can only accept the command. Any other result comes from the record, with the
// aggregate locked.
//
// Errors: those of flow.Judge, and unknown-command, not-found, already-exists, unknown-programme, idempotency-conflict,
// double-application, duplicate-number, payment-exists, duplicate-voucher, fund-exhausted; and a Busy error if
// something that the command needs remained locked.
func (s *Store) Execute(ctx context.Context, cmd flow.Command) (Outcome, error) {
	r, err := s.newRequest(cmd)
	if err != nil {
		return Outcome{}, err
	}
	patient, cancel := context.WithTimeoutCause(ctx, longestWait, errBusy)
	defer cancel()
	if r.evidence, err = s.mayName(patient, r); err != nil {
		return Outcome{}, err
	}
	came := time.Now()
	leave, err := s.turns.enter(patient, r.Aggregate, func() error { return s.mayWait(ctx, patient, r) })
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	r.waited = time.Since(came) > lockWait
	outcome, err := s.guess(ctx, patient, r)
	if err == nil {
		return outcome, nil
	}
	if refused, ok := domain.Refused(err); ok && refused.Code == "not-found" { // reject a sender who may not see the aggregate without waiting for its lock
		may := s.mayWait(ctx, patient, r)
		if _, refused := domain.Refused(may); refused {
			return Outcome{}, may
		}
	}
	r.unseen = errors.Is(err, errUnknown) && r.Actor.ID != domain.Workflow.ID
	return s.judge(ctx, patient, r, err)
}

// judge retries a command until a transaction yields a result. err is the error from the guess. A workflow's command
// fails at once if it meets a lock, because Temporal retries the activity. A user's command keeps its turn and is
// retried here.
func (s *Store) judge(ctx, patient context.Context, r request, err error) (outcome Outcome, _ error) {
	var lost error // the error of an attempt whose outcome is unknown
	wait := firstWait
	for try := 1; ; {
		if Away(err) {
			lost = err
		}
		if held(err) && !r.waited {
			switch may := s.mayWait(ctx, patient, r); {
			case held(may) && patient.Err() == nil: // the check itself waited for the lock, so a whole table is locked
				continue
			case held(may):
				return Outcome{}, errors.Join(context.Cause(patient), may)
			case may != nil:
				return Outcome{}, may
			}
			r.waited, r.unseen = true, false
		}
		outcome, err = s.attempt(ctx, patient, r)
		switch {
		case held(err) && r.Actor.ID != domain.Workflow.ID:
			continue
		case Busy(err):
			return Outcome{}, errors.Join(err, lost)
		case err == nil || try == tries || !passes(err):
			return outcome, err
		}
		select {
		case <-patient.Done():
			return Outcome{}, errors.Join(context.Cause(patient), err)
		case <-time.After(wait):
			wait *= 4
			try++
		}
	}
}

// mayWait rejects a sender who may not see the aggregate, before the command waits for it. The wait itself would
// otherwise reveal that the aggregate exists, and would let strangers block other users.
//
// Errors: not-found, and those of (*flow.Declaration).Visible.
func (s *Store) mayWait(ctx, patient context.Context, r request) error {
	if r.Actor.ID == domain.Workflow.ID || r.declared.Creates {
		return nil
	}
	conn, err := s.acquire(patient, r)
	if err != nil {
		return err
	}
	defer conn.Release()
	q := db.New(conn)
	given, err := q.GetReceipt(ctx, db.GetReceiptParams{Actor: r.Actor.ID, Command: r.ID})
	if absent(err) != nil {
		return err
	}
	version, err := q.GetPlaceVersion(ctx) // first, so that a fault here does not reveal whether the aggregate exists
	if err != nil {
		return err
	}
	places, err := s.placesAt(ctx, conn, version)
	if err != nil {
		return err
	}
	state, err := s.load(ctx, q, r.Aggregate)
	if err != nil {
		return err
	}
	return r.visible(given, state, places)
}

// acquire takes a connection for a command, waiting until the context patient ends.
func (s *Store) acquire(patient context.Context, r request) (*pgxpool.Conn, error) {
	conn, err := s.poolOf(r).Acquire(patient)
	switch {
	case err == nil:
		return conn, nil
	case patient.Err() != nil:
		return nil, context.Cause(patient)
	default:
		return nil, &brokenError{err}
	}
}

// poolOf chooses the pool for a command. Workflows and users have separate pools, and so have commands that have waited
// for a lock, so that they do not hold up commands that may never meet one.
func (s *Store) poolOf(r request) *pgxpool.Pool {
	switch {
	case r.Actor.ID == domain.Workflow.ID:
		return s.activities
	case r.waited:
		return s.waiting
	default:
		return s.commands
	}
}

// attempt runs one transaction in two round trips. The first reads what is needed to judge the command, and the second
// writes the result.
func (s *Store) attempt(ctx, patient context.Context, r request) (Outcome, error) {
	conn, err := s.acquire(patient, r)
	if err != nil {
		return Outcome{}, err
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
		if _, refused := domain.Refused(err); refused { // after any other error the state may be half changed
			s.remember(r.Aggregate, v.before, v.size)
		}
		return Outcome{}, err
	}
	if err := d.write(ctx, conn); err != nil {
		return Outcome{}, s.refuse(ctx, conn, d, err)
	}
	return s.accepted(d), nil
}

// accepted caches the aggregate of a stored decision and returns the outcome.
func (s *Store) accepted(d *decision) Outcome {
	s.remember(d.ref, d.after, d.size)
	return Outcome{Receipt: d.receipt, Progress: d.After, State: d.after.state, Places: d.places}
}

// repeat returns the outcome of a command that has already been accepted.
//
// Errors: idempotency-conflict, not-found, and those of (*flow.Declaration).Visible.
func (s *Store) repeat(ctx context.Context, conn *pgxpool.Conn, r request, v view) (Outcome, error) {
	places, err := s.placesAt(ctx, conn, v.places)
	if err != nil {
		return Outcome{}, err
	}
	receipt, conflict := r.receiptOf(*v.given)
	state := v.before.state
	switch {
	case r.declared.Creates && conflict != nil:
		return Outcome{}, conflict
	case r.declared.Creates && receipt.Aggregate != r.Aggregate:
		if state, err = s.load(ctx, db.New(conn), receipt.Aggregate); err != nil {
			return Outcome{}, err
		}
	case state == nil:
		return Outcome{}, notFound(r.Aggregate)
	}
	if err := cmp.Or(r.visible(*v.given, state, places), conflict); err != nil {
		return Outcome{}, err
	}
	return Outcome{Receipt: receipt, Progress: flow.ProgressOf(state), State: state, Places: places, Repeated: true}, nil
}

// rollback ends a transaction that may still be open. Without this, the pool would close the connection.
func rollback(ctx context.Context, conn *pgxpool.Conn) {
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback") // when this fails, the pool drops the connection and the server rolls back
}

// brokenError means that a connection was lost or could not be established.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "connection to the record: " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// passes reports whether the fault may be temporary, so that a retry makes sense. A retry is always safe: if the
// response was lost, the next attempt finds the receipt, and if two attempts run concurrently, the slower one finds the
// receipt of the other.
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
	case "23505": // the same command or aggregate was written concurrently
		return fault.ConstraintName != "claim_pkey"
	}
	return false
}

var (
	errLookAgain = &pgconn.PgError{Code: "40001", Message: "the holder of a claimed key has changed"}
	errMovedOn   = &pgconn.PgError{Code: "40001", Message: "the record has moved on since the command was judged"}
)

// refuse converts two database errors to domain errors: a key is already claimed, or a fund has less money left than
// the command needs.
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
