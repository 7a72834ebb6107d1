package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// What a process remembers of the record, in bytes.
const (
	aggregateMemory = 64 << 20
	fileMemory      = 4 << 20
)

// moment is a reading of the record's clock, and when this process took it.
type moment struct {
	now     time.Time
	virtual bool
	taken   time.Time
}

// guessed is what the record's clock says now, if it goes on as it did.
func (m *moment) guessed() time.Time {
	if m.virtual {
		return m.now
	}
	return m.now.Add(time.Since(m.taken)).Truncate(time.Microsecond)
}

// errUnknown is that there is nothing to guess by.
var errUnknown = errors.New("this process does not remember enough of the record")

// guess judges a command by what this process remembers of the record, and records what follows in one round trip if the record
// still stands so, which the database looks at itself (see schema/023_decided.sql). It is an answer only where the command was
// accepted: after any error the answer must come from the record.
func (s *Store) guess(ctx, patient context.Context, r request) (Outcome, error) {
	v, known := s.recall(r)
	if !known {
		return Outcome{}, errUnknown
	}
	s.guesses.made.Add(1)
	d, err := s.decide(ctx, s.poolOf(r), r, v)
	if err != nil {
		return Outcome{}, err
	}
	conn, err := s.acquire(patient, r)
	if err != nil {
		return Outcome{}, err
	}
	defer conn.Release()
	if err := d.write(ctx, conn); err != nil {
		if conn.Conn().IsClosed() {
			err = &brokenError{err}
		}
		return Outcome{}, err
	}
	s.guesses.right.Add(1)
	return s.accepted(d), nil
}

// guesses counts since the process began.
type guesses struct{ made, right atomic.Int64 }

// Guesses tells how many commands this process judged by what it remembered, and how many of these the record accepted so.
func (s *Store) Guesses() (made, right int64) { return s.guesses.made.Load(), s.guesses.right.Load() }

// recall is the view of a command that this process remembers, if it remembers all of it. The aggregate's is handed out once: a guess
// that fails leaves nothing to guess by.
func (s *Store) recall(r request) (view, bool) {
	m := s.clock.Load()
	if m == nil {
		return view{}, false
	}
	v := view{guess: true, now: m.guessed(), virtual: m.virtual, places: s.places.Load().version}
	if r.declared.Creates {
		return v, true
	}
	before, known := s.aggregates.take(r.Aggregate)
	v.before = before
	return v, known && !v.now.Before(before.updated)
}

// decoded is about how many bytes of memory a byte of a stored state takes.
const decoded = 3

// remember keeps an aggregate for the next command; size is that of its stored state, in bytes. The state is cloned, because the
// sender has it too.
func (s *Store) remember(ref flow.Ref, i image, size int) {
	if i.state != nil {
		i.state = flow.Clone(i.state)
		s.aggregates.put(ref, i, decoded*size)
	}
}

// learn keeps what a look at the record told besides the aggregate.
func (s *Store) learn(v view, taken time.Time) {
	s.clock.Store(&moment{v.now.In(calendar.Shanghai), v.virtual, taken})
}
