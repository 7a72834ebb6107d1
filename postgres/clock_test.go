package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/postgres/db"
)

func TestAVirtualCalendarMovesWithinItsBounds(t *testing.T) {
	t.Parallel()
	reminder := time.Date(2017, 9, 27, 9, 0, 0, 0, calendar.Shanghai) // three days before the window closes on 2017-09-30
	tests := map[string]struct {
		prepare func(*record)
		until   time.Time
		elapsed time.Duration // real time; a day takes 100 ms
		want    time.Time
		held    string
	}{
		"at its pace":                 {elapsed: 50 * time.Millisecond, want: callDay.Add(12 * time.Hour)},
		"not beyond the limit":        {until: callDay.Add(time.Hour), elapsed: time.Second, want: callDay.Add(time.Hour), held: "allowed"},
		"within the limit":            {until: callDay.Add(24 * time.Hour), elapsed: 50 * time.Millisecond, want: callDay.Add(12 * time.Hour)},
		"never back":                  {until: callDay.Add(-time.Hour), elapsed: time.Second, want: callDay, held: "allowed"},
		"not while news is under way": {prepare: func(r *record) { r.drafted() }, elapsed: time.Second, want: callDay, held: "news"},
		"not while a duty is owed": {
			prepare: func(r *record) {
				r.do(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{})
				r.sql("delete from outbox")
			}, elapsed: time.Second, want: callDay, held: "duty",
		},
		"no further than the earliest moment": {
			prepare: func(r *record) { r.drafted(); r.sql("delete from outbox") },
			elapsed: time.Hour, want: reminder, held: "something is due",
		},
		"not once a moment has come": {
			prepare: func(r *record) { r.drafted(); r.sql("delete from outbox"); r.setClock(reminder) },
			elapsed: time.Hour, want: reminder, held: "something is due",
		},
		"past an aggregate that has ended": {
			prepare: func(r *record) {
				r.do(zhuanglang.CountyOfficer, "withdraw", r.drafted(), &pilot.Withdraw{Reason: "撤回"})
				r.sql("delete from outbox")
			}, elapsed: 10 * time.Second, want: callDay.AddDate(0, 0, 100),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			if test.prepare != nil {
				test.prepare(r)
			}
			state, err := r.MoveCalendar(t.Context(), test.until, test.elapsed)
			must(t, err)
			if !state.Now.Equal(test.want) {
				t.Errorf("it is at %s, want %s", state.Now, test.want)
			}
			if (state.Held == domain.Text{}) != (test.held == "") || !strings.Contains(state.Held.EN, test.held) {
				t.Errorf("held by %q, want %q", state.Held, test.held)
			}
			now, err := r.Now(t.Context())
			must(t, err)
			if !now.Equal(test.want) {
				t.Errorf("the record's clock reads %s", now)
			}
		})
	}
}

func TestOneProcessMovesTheCalendar(t *testing.T) {
	t.Parallel()
	r := open(t)
	owner, other := r.another(), r.another()
	move := func(s interface {
		MoveCalendar(ctx context.Context, until time.Time, elapsed time.Duration) (postgres.CalendarState, error)
	},
	) postgres.CalendarState {
		t.Helper()
		state, err := s.MoveCalendar(t.Context(), time.Time{}, 100*time.Millisecond)
		must(t, err)
		return state
	}
	if got := move(owner); !got.Now.Equal(callDay.AddDate(0, 0, 1)) {
		t.Errorf("the first is at %s", got.Now)
	}
	if got := move(other); !got.Now.Equal(callDay.AddDate(0, 0, 1)) || got.Held.EN != "another process moves the calendar" {
		t.Errorf("the second got %+v", got)
	}
	owner.Close()
	eventually(t, "the second takes over", func() bool { return move(other).Held == domain.Text{} })
}

func TestACommandInProgressHoldsTheCalendar(t *testing.T) {
	t.Parallel()
	r := open(t)
	tx, err := r.connect().Begin(t.Context())
	must(t, err)
	if _, err := db.New(tx).ReadMoment(t.Context()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if state, err := r.MoveCalendar(short, time.Time{}, time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it moved to %s during a command that had read it, %v", state.Now, err)
	}
	must(t, tx.Rollback(t.Context()))
	eventually(t, "it moves again", func() bool {
		state, err := r.MoveCalendar(t.Context(), time.Time{}, time.Millisecond)
		return err == nil && state.Now.After(callDay)
	})
}

func TestNewsSaysHowLongToWaitInRealTime(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	news, err := r.News(t.Context(), ref)
	must(t, err)
	if want := 1600 * time.Millisecond; news.Wait != want || news.Epoch != 1 { // 16 days until the reminder
		t.Errorf("wait %v in epoch %d, want %v in epoch 1", news.Wait, news.Epoch, want)
	}
	r.setClock(news.Progress.Next.At.Add(time.Hour))
	news, err = r.News(t.Context(), ref)
	must(t, err)
	if news.Wait != time.Millisecond {
		t.Errorf("an aggregate that is due waits %v", news.Wait)
	}
	ended := r.do(zhuanglang.CountyOfficer, "withdraw", ref, &pilot.Withdraw{Reason: "撤回"})
	news, err = r.News(t.Context(), ref)
	must(t, err)
	if news.Wait != 0 || !ended.Progress.Ended {
		t.Errorf("an aggregate that has ended waits %v", news.Wait)
	}
	_, err = r.News(t.Context(), newPilot())
	refused(t, err, "not-found")
}

func TestAnotherPaceRaisesTheEpochAndWakesWhatWaits(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	r.sql("delete from outbox")
	must(t, r.StartCalendar(t.Context(), time.Now(), 100*time.Millisecond)) // starting again changes nothing
	if state, _, err := r.Calendar(t.Context()); err != nil || state.Epoch != 1 || !state.Now.Equal(callDay) || r.waiting() != 0 {
		t.Fatalf("starting again changed %+v, %v", state, err)
	}
	must(t, r.StartCalendar(t.Context(), time.Now(), time.Second))
	state, virtual, err := r.Calendar(t.Context())
	must(t, err)
	if !virtual || state.Epoch != 2 || state.Day != time.Second || !state.Now.Equal(callDay) {
		t.Errorf("calendar is %+v", state)
	}
	if claimed := r.claim(longLease); claimed[0].Ref != ref || claimed[0].News.Epoch != 2 || claimed[0].News.Wait != 16*time.Second {
		t.Errorf("woke %+v", claimed)
	}
}

func TestNobodyWaitsForAMomentThatTheCalendarMayNotReach(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	r.sql("delete from outbox")
	next := func() (at time.Time, wait time.Duration) {
		t.Helper()
		news, err := r.News(t.Context(), ref)
		must(t, err)
		return news.Progress.Next.At, news.Wait
	}
	limit := func(until time.Time) {
		t.Helper()
		_, err := r.MoveCalendar(t.Context(), until, 0)
		must(t, err)
	}
	limit(callDay.Add(24 * time.Hour))
	at, wait := next()
	if wait != time.Hour {
		t.Errorf("waits %v for what the calendar may not reach, want an hour", wait)
	}
	limit(at.Add(-time.Second))
	if r.waiting() != 0 {
		t.Error("woken although the calendar may still not reach its moment")
	}
	limit(at)
	if claimed := r.claim(longLease); len(claimed) != 1 || claimed[0].Ref != ref || claimed[0].News.Wait != 1600*time.Millisecond {
		t.Errorf("woke %+v, want the one that waits, at the calendar's pace", claimed)
	}
	limit(at.Add(-time.Second))
	r.sql("delete from outbox")
	limit(time.Time{})
	if r.waiting() != 1 {
		t.Error("not woken when the limit was lifted")
	}
	limit(at.Add(-time.Second))
	r.setClock(at)
	if _, wait := next(); wait != time.Millisecond {
		t.Errorf("waits %v for what has come, whatever the limit", wait)
	}
}

func TestARecordOnRealTimeKeepsIt(t *testing.T) {
	t.Parallel()
	r := openReal(t)
	state, virtual, err := r.Calendar(t.Context())
	must(t, err)
	if virtual || time.Since(state.Now).Abs() > time.Minute || state.Now.Location() != calendar.Shanghai {
		t.Errorf("calendar is %+v, virtual %v", state, virtual)
	}
	if _, err := r.MoveCalendar(t.Context(), time.Time{}, time.Hour); err == nil {
		t.Error("real time was moved")
	}
	r.sql(`insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
		values (1, 'pilot', 'p', 'p', 1, 'drafted', 1, now(), current_date, 'x', false, '{}', sha256('p'))`)
	if err := r.StartCalendar(t.Context(), callDay, time.Second); err == nil {
		t.Error("a record that began on real time took a virtual calendar")
	}
}
