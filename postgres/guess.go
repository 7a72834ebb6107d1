package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// The sizes of a process's caches, in bytes.
const (
	aggregateMemory = 64 << 20
	fileMemory      = 4 << 20
)

// moment is a reading of the record's clock, and the time by this process's own clock at which it was taken.
type moment struct {
	now     time.Time
	virtual bool
	taken   time.Time
}

// guessed estimates the current time on the record's clock, assuming that the clock has kept running since the reading.
func (m *moment) guessed() time.Time {
	if m.virtual {
		return m.now
	}
	return m.now.Add(time.Since(m.taken)).Truncate(time.Microsecond)
}

// errUnknown means that this process does not remember enough of the record to judge a command without reading it.
var errUnknown = errors.New("this process does not remember enough of the record")

// guess judges a command against what this process remembers of the record, and writes the result in a single round
// trip. The database stores the result only if the record still matches what was remembered (see
// schema/023_decided.sql). A guess can only accept a command: after any error, the command must be judged against the
// record.
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

// guesses counts the commands that this process has judged from memory, and how many of the results the record
// accepted.
type guesses struct{ made, right atomic.Int64 }

// Guesses returns how many commands this process has judged from memory, and how many of the results the record
// accepted.
func (s *Store) Guesses() (made, right int64) { return s.guesses.made.Load(), s.guesses.right.Load() }

// recall assembles the view of a command from memory. It reports false if any part is missing; people are never cached,
// so a command that names any cannot be recalled. Each cached aggregate is handed out only once, so a failed guess is
// never repeated.
func (s *Store) recall(r request) (view, bool) {
	m, places := s.clock.Load(), s.places.Load()
	if m == nil || places.table == nil || len(r.needs.People) > 0 {
		return view{}, false
	}
	v := view{guess: true, now: m.guessed(), virtual: m.virtual, places: places.version}
	if r.declared.Creates {
		return v, true
	}
	before, known := s.aggregates.take(r.Aggregate)
	v.before = before
	return v, known && !v.now.Before(before.updated)
}

// decoded is the approximate number of bytes of memory per byte of stored state.
const decoded = 3

// remember caches an aggregate for the next command to it. size is the size of its stored state in bytes. The state is
// cloned, because the caller keeps using it.
func (s *Store) remember(ref flow.Ref, i image, size int) {
	if i.state != nil {
		i.state = flow.Clone(i.state)
		s.aggregates.put(ref, i, decoded*size)
	}
}

// learn caches the clock reading of a view.
func (s *Store) learn(v view, taken time.Time) {
	s.clock.Store(&moment{v.now.In(calendar.Shanghai), v.virtual, taken})
}
