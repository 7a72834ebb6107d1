package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Sizes of a process's caches, in bytes.
const (
	aggregateMemory = 64 << 20
	fileMemory      = 4 << 20
)

// moment is a reading of the record's clock, with the time when this process took it.
type moment struct {
	now     time.Time
	virtual bool
	taken   time.Time
}

// guessed estimates what the record's clock says now, assuming that it has gone on as before.
func (m *moment) guessed() time.Time {
	if m.virtual {
		return m.now
	}
	return m.now.Add(time.Since(m.taken)).Truncate(time.Microsecond)
}

// errUnknown means that there is nothing to base a guess on.
var errUnknown = errors.New("this process does not remember enough of the record")

// guess judges a command by what this process remembers of the record and writes the result in one round trip. The
// database writes it only if the record still matches (see schema/023_decided.sql). A guess answers a command only by
// accepting it: after any error the answer must come from the record.
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

// guesses counts guesses since the process started.
type guesses struct{ made, right atomic.Int64 }

// Guesses returns how many commands this process judged from memory, and how many of those the record accepted.
func (s *Store) Guesses() (made, right int64) { return s.guesses.made.Load(), s.guesses.right.Load() }

// recall assembles the view of a command from memory; it reports false unless all of it is there. It remembers no people. Each remembered
// aggregate is handed out only once, so a failed guess leaves nothing to guess from.
func (s *Store) recall(r request) (view, bool) {
	m := s.clock.Load()
	if m == nil || len(r.needs.People) > 0 {
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

// decoded is roughly the number of bytes of memory that one byte of a stored state takes.
const decoded = 3

// remember caches an aggregate for its next command; size is that of the stored state, in bytes. The state is cloned
// because the sender also holds it.
func (s *Store) remember(ref flow.Ref, i image, size int) {
	if i.state != nil {
		i.state = flow.Clone(i.state)
		s.aggregates.put(ref, i, decoded*size)
	}
}

// learn caches the reading of the clock that came with a view.
func (s *Store) learn(v view, taken time.Time) {
	s.clock.Store(&moment{v.now.In(calendar.Shanghai), v.virtual, taken})
}
