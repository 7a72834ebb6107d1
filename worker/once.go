package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// sayOnce is a log handler that prevents the Temporal client from repeating itself while Temporal is unavailable: a
// message is logged once, and then dropped until it has not occurred for a minute. The client itself would repeat it
// for every queue, every few seconds.
type sayOnce struct {
	slog.Handler
	said *said
}

func newSayOnce(h slog.Handler) sayOnce {
	return sayOnce{h, &said{at: map[string]time.Time{}}}
}

// Handle logs the record, unless it repeats an earlier message about Temporal being unavailable.
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

// WithAttrs returns a handler that adds attributes and shares the memory of what has been logged.
func (s sayOnce) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sayOnce{s.Handler.WithAttrs(attrs), s.said}
}

// WithGroup returns a handler that opens a group and shares the memory of what has been logged.
func (s sayOnce) WithGroup(name string) slog.Handler {
	return sayOnce{s.Handler.WithGroup(name), s.said}
}

// said holds the time at which each message last occurred.
type said struct {
	mu sync.Mutex
	at map[string]time.Time
}

// forgotten is how long a message must not occur before it counts as new.
const forgotten = time.Minute

// before reports whether the message has occurred within the last minute (see forgotten), and records that it has
// occurred now.
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
