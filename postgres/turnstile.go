package postgres

import (
	"context"
	"sync"

	"terrace/domain/flow"
)

// mostWaiting is the maximum number of commands to one aggregate that wait in a process.
const mostWaiting = 256

// turnstile lets this process's commands to an aggregate through one at a time, in order of arrival. A waiting command
// holds nothing but its place in line. The zero turnstile is ready to use.
type turnstile struct {
	mu    sync.Mutex
	lanes map[flow.Ref]*lane
}

// lane is the line in front of one aggregate. It exists while somebody is in it.
type lane struct {
	turn  chan struct{} // full while somebody has the turn; a channel serves its senders in order
	users int
}

// enter waits for the turn at an aggregate; leave passes the turn on. If the turn is taken, enter waits only when may
// allows it. If the context ends, enter returns its cause.
//
// Errors: errBusy when too many commands are already waiting, and those of may.
func (t *turnstile) enter(ctx context.Context, ref flow.Ref, may func() error) (leave func(), err error) {
	l := t.join(ref)
	if l == nil {
		if err := may(); err != nil {
			return nil, err
		}
		return nil, errBusy
	}
	leave = func() {
		<-l.turn
		t.part(ref, l)
	}
	select {
	case l.turn <- struct{}{}:
		return leave, nil
	default:
	}
	if err := may(); err != nil {
		t.part(ref, l)
		return nil, err
	}
	select {
	case l.turn <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		t.part(ref, l)
		return nil, context.Cause(ctx)
	}
}

func (t *turnstile) join(ref flow.Ref) *lane {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lanes[ref]
	switch {
	case l == nil:
		if t.lanes == nil {
			t.lanes = map[flow.Ref]*lane{}
		}
		l = &lane{turn: make(chan struct{}, 1)}
		t.lanes[ref] = l
	case l.users > mostWaiting: // one of them has the turn
		return nil
	}
	l.users++
	return l
}

func (t *turnstile) part(ref flow.Ref, l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.lanes, ref)
	}
}
