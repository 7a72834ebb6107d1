package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

const wholeDay = 24 * time.Hour

// clock is a reading of the record's clock. If the record has no virtual calendar, day is 0 and now is the real time.
type clock struct {
	now     time.Time
	until   time.Time
	epoch   int
	day     time.Duration // real duration of a day on the virtual calendar
	rewound int           // when the record was last restored to an earlier state, as Unix time in microseconds; 0 if never
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

// toReal converts a duration on the record's clock to a real duration.
func (c clock) toReal(span time.Duration) time.Duration {
	if c.day == 0 {
		return span
	}
	return time.Duration(float64(span) / float64(wholeDay) * float64(c.day))
}

// toRecord converts a real duration to a duration on the record's clock.
func (c clock) toRecord(span time.Duration) time.Duration {
	return time.Duration(float64(span) * float64(wholeDay) / float64(c.day))
}

// News is what a workflow needs to know about an aggregate.
type News struct {
	Progress flow.Progress `json:"progress"`
	Epoch    int           `json:"epoch"` // increases when the calendar jumps, which makes running timers invalid, and when the record is restored to an earlier state
	Wait     time.Duration `json:"wait"`  // real time until Progress.Next (at least a millisecond); 0 if nothing more is due
}

// idle is the minimum Wait for a due time that lies beyond the limit of a virtual calendar. Waking any earlier would be
// pointless: when the limit is raised, moveCalendar signals the workflow.
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

// Now returns the current time on the record's clock, in Asia/Shanghai.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	c, err := readClock(ctx, db.New(s.reads()))
	return c.now, err
}

// CalendarState is the state of a virtual calendar. Held says why the calendar has stopped; it is empty while the
// calendar is moving.
type CalendarState struct {
	Now   time.Time     `json:"now"`
	Until time.Time     `json:"until,omitzero"`
	Day   time.Duration `json:"day"` // real duration of a day on the virtual calendar
	Epoch int           `json:"epoch"`
	Held  domain.Text   `json:"held,omitzero"`
}

func (c clock) state() CalendarState {
	return CalendarState{Now: c.now, Until: c.until, Day: c.day, Epoch: c.epoch}
}

// Calendar returns the current time, and whether it comes from a virtual calendar.
func (s *Store) Calendar(ctx context.Context) (state CalendarState, virtual bool, err error) {
	c, err := readClock(ctx, db.New(s.reads()))
	return c.state(), c.day > 0, err
}

// StartCalendar gives an empty record a virtual calendar, stopped at the given instant until it is moved. day is the
// real duration of one of its days. If the record already has a virtual calendar, only its pace changes. If the record
// was started in real time, StartCalendar returns an error.
func (s *Store) StartCalendar(ctx context.Context, at time.Time, day time.Duration) error {
	if day < time.Millisecond {
		return fmt.Errorf("a virtual day of %v is too short; it must be at least 1ms", day)
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

// MoveCalendar moves a virtual calendar forward by the elapsed real time, at the calendar's pace. It never moves the
// calendar past until (unless until is zero), nor past the earliest time at which an action is due. The calendar does
// not move while workflows have signals to receive or duties to perform. Only one process moves the calendar; in any
// other, MoveCalendar does nothing.
func (s *Store) MoveCalendar(ctx context.Context, until time.Time, elapsed time.Duration) (CalendarState, error) {
	conn, err := s.owner.acquire(ctx)
	if err != nil {
		return CalendarState{}, err
	}
	if conn == nil {
		state, _, err := s.Calendar(ctx)
		state.Held = domain.T("日历由另一进程推进", "another process moves the calendar")
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
	present, err := q.LockClock(ctx) // waits until every command that has read the clock is recorded
	if errors.Is(err, pgx.ErrNoRows) {
		return CalendarState{}, errors.New("this record runs in real time, which cannot be moved")
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
		held = domain.Text{}
	}
	state := c.state()
	state.Now, state.Held = target.In(calendar.Shanghai), held
	move.Instant = target
	return state, q.MoveClock(ctx, move)
}

// holds returns the reason why the calendar must stop, and the instant up to which it may move. A zero limit means no
// limit.
func holds(ctx context.Context, q *db.Queries, until time.Time) (held domain.Text, limit time.Time, err error) {
	undelivered, err := q.FindUndelivered(ctx)
	if err != nil {
		return held, limit, err
	}
	for _, r := range undelivered {
		return about(r.Kind, r.ID, "尚有通知未送达流程", "the workflows have yet to receive news"), time.Unix(0, 0), nil
	}
	owing, err := q.FindOwing(ctx)
	if err != nil {
		return held, limit, err
	}
	for _, r := range owing {
		return about(r.Kind, r.ID, "尚有职责待流程履行", "the workflows have yet to do a duty"), time.Unix(0, 0), nil
	}
	limit, held = until, domain.T("已到允许推进的时间", "it is allowed no further")
	next, err := q.FindNext(ctx)
	for _, r := range next {
		if limit.IsZero() || !r.NextAt.After(limit) {
			limit, held = *r.NextAt, about(r.Kind, r.ID, "有到期事项待处理", "something is due")
		}
	}
	return held, limit, err
}

// about returns a reason that concerns one aggregate.
func about(kind flow.Kind, id, zh, en string) domain.Text {
	ref := flow.Ref{Kind: kind, ID: id}.String()
	return domain.T(zh+"（"+ref+"）", en+" ("+ref+")")
}

// calendarLock is the key of the advisory lock held by the process that moves the calendar.
const calendarLock = 0x7e22ace

// calendarOwner holds the advisory lock on a connection of its own until the Store is closed.
type calendarOwner struct {
	url  string
	mu   sync.Mutex
	conn *pgx.Conn
}

// acquire returns the connection that holds the lock, for the caller's exclusive use until release. It returns nil if
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
