package api

import (
	"context"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Clock controls the virtual calendar of a demonstration. The calendar itself is stored in the record.
type Clock interface {
	// RunUntil lets the calendar run up to the given time, and stores that time before it returns.
	RunUntil(ctx context.Context, until time.Time) error
	// Held returns the reason why the calendar is not moving, or an empty text while it runs.
	Held() domain.Text
}

// ClockView is the current time, against which deadlines are judged.
type ClockView struct {
	Now     time.Time   `json:"now" doc:"Asia/Shanghai"`
	Virtual bool        `json:"virtual" doc:"a demonstration's calendar, which runs faster"`
	Until   time.Time   `json:"until,omitzero" doc:"time up to which the virtual calendar may run; missing if no limit was set"`
	DayMS   int64       `json:"day_ms,omitempty" minimum:"1" doc:"real milliseconds of a virtual day"`
	Held    domain.Text `json:"held,omitzero" doc:"why the virtual calendar stands still"`
}

type clockOutput struct{ Body ClockView }

// clock returns the current time and, in a demonstration, the state of the virtual calendar.
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

// ClockOrder is a request to let the calendar run up to a given time.
type ClockOrder struct {
	Until time.Time `json:"until" doc:"the calendar runs up to this time and no further" example:"2017-09-30T12:00:00+08:00"`
}

type clockInput struct{ Body ClockOrder }

// runUntil lets a demonstration's calendar run up to a given time. The route exists only with a virtual calendar. A
// request may repeat the same time, but may not name one in the past.
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
