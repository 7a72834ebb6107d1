package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// sayOnce is a log in which the Temporal client says once what is wrong while Temporal is away, and again only when
// something else is. The client itself repeats it for every queue, every few seconds.
type sayOnce struct {
	slog.Handler
	said *said
}

func newSayOnce(h slog.Handler) sayOnce {
	return sayOnce{h, &said{at: map[string]time.Time{}}}
}

// Handle logs the record, unless it repeats that Temporal is away.
func (s sayOnce) Handle(ctx context.Context, r slog.Record) error {
	var fault error
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			fault = err
		}
		return fault == nil
	})
	if fault != nil && away(fault) && s.said.before(r.Message+fault.Error(), r.Time) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs returns the same log with attributes.
func (s sayOnce) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sayOnce{s.Handler.WithAttrs(attrs), s.said}
}

// WithGroup returns the same log with a group.
func (s sayOnce) WithGroup(name string) slog.Handler {
	return sayOnce{s.Handler.WithGroup(name), s.said}
}

// said holds when each complaint was last made.
type said struct {
	mu sync.Mutex
	at map[string]time.Time
}

// forgotten is how long after its last repetition a complaint counts as new.
const forgotten = time.Minute

// before reports whether the complaint goes on from before, and notes it.
func (s *said) before(complaint string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for each, at := range s.at {
		if now.Sub(at) > forgotten {
			delete(s.at, each)
		}
	}
	_, known := s.at[complaint]
	s.at[complaint] = now
	return known
}
