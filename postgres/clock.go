package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

const wholeDay = 24 * time.Hour

// clock is a reading of the record's clock. Without a virtual calendar, day is 0 and now is real time.
type clock struct {
	now     time.Time
	until   time.Time
	epoch   int
	day     time.Duration // real duration of a virtual day
	rewound int           // when the record was last rewound, in microseconds; 0 if never
}

func readClock(ctx context.Context, q *db.Queries) (clock, error) {
	r, err := q.ReadClock(ctx)
	if err != nil {
		return clock{}, err
	}
	if r.Instant == nil {
		return clock{now: r.Real.In(calendar.Shanghai), rewound: int(r.Rewound)}, nil
	}
	c := clock{now: r.Instant.In(calendar.Shanghai), epoch: r.Epoch, day: time.Duration(r.DayMs) * time.Millisecond, rewound: int(r.Rewound)}
	if r.Until != nil {
		c.until = r.Until.In(calendar.Shanghai)
	}
	return c, nil
}

// toReal converts a span of the record's time to real time.
func (c clock) toReal(span time.Duration) time.Duration {
	if c.day == 0 {
		return span
	}
	return time.Duration(float64(span) / float64(wholeDay) * float64(c.day))
}

// toRecord converts a span of real time to the record's time.
func (c clock) toRecord(span time.Duration) time.Duration {
	return time.Duration(float64(span) * float64(wholeDay) / float64(c.day))
}

// News is what a workflow needs to know about an aggregate.
type News struct {
	Progress flow.Progress `json:"progress"`
	Epoch    int           `json:"epoch"` // raised when timers armed before no longer fit, and when the record was rewound
	Wait     time.Duration `json:"wait"`  // real time until Progress.Next, at least a millisecond; 0 when nothing is scheduled
}

// idle is the Wait for a moment that a virtual calendar may not reach yet. It would be asked for in vain; whoever raises
// the limit wakes what waits (see moveCalendar).
const idle = time.Hour

func (c clock) news(s flow.State) News {
	n := News{Progress: flow.ProgressOf(s), Epoch: c.rewound + c.epoch}
	if next := n.Progress.Next; next != nil {
		n.Wait = max(c.toReal(next.At.Sub(c.now)), time.Millisecond)
		if !c.until.IsZero() && next.At.After(c.until) && next.At.After(c.now) {
			n.Wait = max(n.Wait, idle)
		}
	}
	return n
}

// News returns what a workflow needs to know about an aggregate now.
//
// Errors: not-found.
func (s *Store) News(ctx context.Context, ref flow.Ref) (News, error) {
	q := db.New(s.activities)
	state, err := s.load(ctx, q, ref)
	if err != nil {
		return News{}, err
	}
	clock, err := readClock(ctx, q)
	return clock.news(state), err
}

// Now returns the record's time, in Asia/Shanghai.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	c, err := readClock(ctx, db.New(s.reads()))
	return c.now, err
}

// CalendarState is the state of a virtual calendar. Held says what stops it; it is empty while the calendar may move.
type CalendarState struct {
	Now   time.Time     `json:"now"`
	Until time.Time     `json:"until,omitzero"`
	Day   time.Duration `json:"day"` // real duration of a virtual day
	Epoch int           `json:"epoch"`
	Held  string        `json:"held,omitempty"`
}

func (c clock) state() CalendarState {
	return CalendarState{Now: c.now, Until: c.until, Day: c.day, Epoch: c.epoch}
}

// Calendar returns the current time and whether it comes from a virtual calendar.
func (s *Store) Calendar(ctx context.Context) (state CalendarState, virtual bool, err error) {
	c, err := readClock(ctx, db.New(s.reads()))
	return c.state(), c.day > 0, err
}

// StartCalendar gives an empty record a virtual calendar, which stays at the given instant until it is moved. day is
// the real duration of a virtual day. A record that already has a virtual calendar keeps it and takes the new pace. A
// record that began in real time is refused.
func (s *Store) StartCalendar(ctx context.Context, at time.Time, day time.Duration) error {
	if day < time.Millisecond {
		return fmt.Errorf("a virtual day of %v: at least 1ms is needed", day)
	}
	return pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		q := db.New(tx)
		present, err := q.LockClock(ctx)
		switch {
		case err == nil && present.DayMs == day.Milliseconds():
			return nil
		case err == nil:
			return errors.Join(q.SetClockPace(ctx, day.Milliseconds()), q.ResurfaceOpen(ctx))
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		return q.StartClock(ctx, db.StartClockParams{Instant: at, DayMs: day.Milliseconds()})
	})
}

// MoveCalendar advances a virtual calendar at its pace by the real time that has elapsed. It never passes until (zero
// means no limit) or the earliest moment that somebody must act on, and it stands still while workflows have news to
// receive or duties to do. A later limit wakes the workflows whose moment it lets the calendar reach. Only one process moves the calendar; in the others MoveCalendar does nothing.
func (s *Store) MoveCalendar(ctx context.Context, until time.Time, elapsed time.Duration) (CalendarState, error) {
	conn, err := s.owner.acquire(ctx)
	if err != nil {
		return CalendarState{}, err
	}
	if conn == nil {
		state, _, err := s.Calendar(ctx)
		state.Held = "another process moves the calendar"
		return state, err
	}
	defer s.owner.release()
	var state CalendarState
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		state, err = moveCalendar(ctx, db.New(tx), until, elapsed)
		return err
	})
	return state, err
}

func moveCalendar(ctx context.Context, q *db.Queries, until time.Time, elapsed time.Duration) (CalendarState, error) {
	present, err := q.LockClock(ctx) // waits until every command that has read it is recorded
	if errors.Is(err, pgx.ErrNoRows) {
		return CalendarState{}, errors.New("this record keeps real time, which nobody moves")
	}
	if err != nil {
		return CalendarState{}, err
	}
	c := clock{now: present.Instant.In(calendar.Shanghai), until: until, epoch: present.Epoch, day: time.Duration(present.DayMs) * time.Millisecond}
	move := db.MoveClockParams{}
	if !until.IsZero() {
		move.Until = &until
	}
	if was := present.Until; was != nil && !was.Equal(until) {
		if err := q.ResurfaceReachable(ctx, db.ResurfaceReachableParams{Was: *was, Until: move.Until}); err != nil {
			return CalendarState{}, err
		}
	}
	held, limit, err := holds(ctx, q, until)
	if err != nil {
		return CalendarState{}, err
	}
	target := c.now.Add(c.toRecord(elapsed)).Truncate(time.Microsecond)
	switch {
	case !limit.IsZero() && !c.now.Before(limit):
		target = c.now
	case !limit.IsZero() && target.After(limit):
		target = limit
	default:
		held = ""
	}
	state := c.state()
	state.Now, state.Held = target.In(calendar.Shanghai), held
	move.Instant = target
	return state, q.MoveClock(ctx, move)
}

// holds returns how far the calendar may go and what stops it there; a zero limit means no limit.
func holds(ctx context.Context, q *db.Queries, until time.Time) (held string, limit time.Time, err error) {
	undelivered, err := q.FindUndelivered(ctx)
	if err != nil {
		return "", limit, err
	}
	for _, r := range undelivered {
		return fmt.Sprintf("news of %s/%s is on its way", r.Kind, r.ID), time.Unix(0, 0), nil
	}
	owing, err := q.FindOwing(ctx)
	if err != nil {
		return "", limit, err
	}
	for _, r := range owing {
		return fmt.Sprintf("the workflows owe a duty to %s/%s", r.Kind, r.ID), time.Unix(0, 0), nil
	}
	limit, held = until, "it is allowed no further"
	next, err := q.FindNext(ctx)
	for _, r := range next {
		if limit.IsZero() || !r.NextAt.After(limit) {
			limit, held = *r.NextAt, fmt.Sprintf("time has something for %s/%s", r.Kind, r.ID)
		}
	}
	return held, limit, err
}

// calendarLock is the advisory lock held by the process that moves the calendar.
const calendarLock = 0x7e22ace

// calendarOwner holds the lock on a connection of its own for the lifetime of the Store.
type calendarOwner struct {
	url  string
	mu   sync.Mutex
	conn *pgx.Conn
}

// acquire returns the connection that holds the lock, reserved for the caller until release. It returns nil when
// another process holds the lock.
func (o *calendarOwner) acquire(ctx context.Context) (*pgx.Conn, error) {
	o.mu.Lock()
	if o.conn != nil && !o.conn.IsClosed() {
		return o.conn, nil
	}
	conn, err := pgx.Connect(ctx, o.url)
	if err != nil {
		o.mu.Unlock()
		return nil, err
	}
	var ours bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", calendarLock).Scan(&ours); err != nil || !ours {
		o.mu.Unlock()
		return nil, errors.Join(err, conn.Close(ctx))
	}
	o.conn = conn
	return conn, nil
}

func (o *calendarOwner) release() { o.mu.Unlock() }

func (o *calendarOwner) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn != nil {
		ctx, cancel := detached(context.Background())
		defer cancel()
		_ = o.conn.Close(ctx) // the lock ends with the connection anyway
	}
}
