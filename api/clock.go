package api

import (
	"context"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Clock moves the virtual calendar of a demonstration. The record itself holds the calendar.
type Clock interface {
	// RunUntil lets the calendar run on until the given moment.
	RunUntil(ctx context.Context, until time.Time) error
	// Held says why the calendar stands still, and is empty while it runs.
	Held() string
}

// ClockView is the current time, by which deadlines are judged.
type ClockView struct {
	Now     time.Time `json:"now" doc:"Asia/Shanghai"`
	Virtual bool      `json:"virtual" doc:"a demonstration's calendar, which runs faster"`
	Until   time.Time `json:"until,omitzero" doc:"how far the virtual calendar may run; missing where no limit was set"`
	DayMS   int64     `json:"day_ms,omitempty" minimum:"1" doc:"real milliseconds of a virtual day"`
	Held    string    `json:"held,omitempty" doc:"why the virtual calendar stands still"`
}

type clockOutput struct{ Body ClockView }

// clock returns the time and, in a demonstration, how the calendar is running.
func (s *server) clock(ctx context.Context, _ *struct{}) (*clockOutput, error) {
	state, virtual, err := s.Store.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	out := &clockOutput{ClockView{Now: state.Now, Virtual: virtual, Until: state.Until, DayMS: state.Day.Milliseconds()}}
	if s.Clock != nil {
		out.Body.Held = s.Clock.Held()
	}
	return out, nil
}

// ClockOrder says until when the calendar may run.
type ClockOrder struct {
	Until time.Time `json:"until" doc:"the calendar runs to this moment and no further" example:"2017-09-30T12:00:00+08:00"`
}

type clockInput struct{ Body ClockOrder }

// runUntil lets a demonstration's calendar run until a moment. The route exists only with a virtual calendar. A request
// may name the same moment again, but not an earlier one than now.
//
// Errors: no-such-route, until-past.
func (s *server) runUntil(ctx context.Context, in *clockInput) (*clockOutput, error) {
	if s.Clock == nil {
		return nil, domain.Refuse("no-such-route", "")
	}
	state, _, err := s.Store.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Until.Before(state.Now) {
		return nil, domain.Refuse("until-past", "until", "now", state.Now.In(calendar.Shanghai).Format(time.RFC3339))
	}
	if err := s.Clock.RunUntil(ctx, in.Body.Until); err != nil {
		return nil, err
	}
	return s.clock(ctx, nil)
}
