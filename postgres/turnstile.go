package postgres

import (
	"context"
	"sync"

	"terrace/domain/flow"
)

// mostWaiting is the maximum number of commands in a process that may wait for one aggregate.
const mostWaiting = 256

// turnstile admits this process's commands to an aggregate one at a time, in order of arrival. A waiting command
// occupies nothing but its place in the queue. The zero turnstile is ready to use.
type turnstile struct {
	mu    sync.Mutex
	lanes map[flow.Ref]*lane
}

// lane is the queue of commands for one aggregate. It is removed when the last of them leaves.
type lane struct {
	turn  chan struct{} // full while a command has the turn; a channel serves blocked senders in order of arrival
	users int
}

// enter waits for the turn at an aggregate. The caller must call leave to pass the turn on. If another command has the
// turn, enter first calls may, and waits only if that returns no error. If the context ends during the wait, enter
// returns its cause.
//
// Errors: errBusy if too many commands are already waiting, and those of may.
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
