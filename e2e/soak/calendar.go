package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"terrace/domain/calendar"
)

// almanac keeps the record's virtual calendar and the bank's calendar in step. It never waits for a killed process or a
// pending command, because real time would not either. Both calendars can be made to jump.
type almanac struct {
	stack *stack
	mutex sync.Mutex
	began time.Time // when the calendar started to run
	at    time.Time // the calendar's time at began
	jumps int
	still bool
}

// startAlmanac sets the record's calendar to the bank's.
func startAlmanac(ctx context.Context, s *stack) (*almanac, error) {
	said := struct{ Now time.Time }{}
	if err := s.ofBank(ctx, "/admin/clock", &said); err != nil {
		return nil, err
	}
	a := &almanac{stack: s, began: time.Now(), at: said.Now}
	return a, execute(ctx, s.database, "insert into clock (instant, day_ms) values ($1, $2)", a.at, s.day.Milliseconds())
}

// now returns the time on both calendars.
func (a *almanac) now() time.Time {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.still {
		return a.at.In(calendar.Shanghai)
	}
	return a.at.Add(time.Duration(float64(time.Since(a.began)) / float64(a.stack.day) * float64(24*time.Hour))).In(calendar.Shanghai)
}

// run keeps the record's calendar in step with the bank's. The record's calendar lags while the record is down.
func (a *almanac) run(ctx context.Context) {
	var record connection
	defer record.close(ctx)
	for ; ctx.Err() == nil; pause(ctx, a.stack.day/10) {
		if conn := record.open(ctx, a.stack.database); conn != nil {
			_, _ = conn.Exec(ctx, "update clock set instant = greatest(instant, $1)", a.now())
		}
	}
}

// jump moves both calendars forward at once, so that every running timer fires late.
func (a *almanac) jump(ctx context.Context, span time.Duration) error {
	a.mutex.Lock()
	a.at = a.at.Add(span)
	a.jumps++
	a.mutex.Unlock()
	if err := a.tellBank(ctx); err != nil {
		return err
	}
	return a.raise(ctx)
}

// raise invalidates the workflows' running timers. The relay then signals every workflow that has something due.
func (a *almanac) raise(ctx context.Context) error {
	return until(ctx, func() error {
		return execute(ctx, a.stack.database, "update clock set instant = greatest(instant, $1), epoch = epoch + 1", a.now())
	})
}

// tellBank moves the bank's calendar forward. A kill does not move it back.
func (a *almanac) tellBank(ctx context.Context) error {
	return until(ctx, func() error {
		form := url.Values{"now": {a.now().Format(time.RFC3339)}}.Encode()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+a.stack.adminAt+"/admin/clock", strings.NewReader(form))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusBadRequest { // a bad request means that it is already further ahead
			return fmt.Errorf("the bank's calendar: %s", response.Status)
		}
		return nil
	})
}

// stop stops the calendar.
func (a *almanac) stop() {
	now := a.now()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.at, a.still = now, true
}

// until retries until try succeeds or the context ends.
func until(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil || ctx.Err() != nil {
			return err
		}
		rest(ctx)
	}
}

// ofBank fetches a resource from the bank's local administration address.
func (s *stack) ofBank(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.adminAt+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(into)
}
