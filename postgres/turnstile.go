package postgres

import (
	"context"
	"sync"

	"terrace/domain/flow"
)

// mostWaiting is how many commands to one aggregate a process lets wait.
const mostWaiting = 256

// turnstile lets the commands of this process to an aggregate through one after another, in the order in which they came. Whoever waits
// holds nothing but its place. The zero turnstile is ready.
type turnstile struct {
	mu    sync.Mutex
	lanes map[flow.Ref]*lane
}

// lane is the queue before one aggregate, kept while somebody is in it.
type lane struct {
	turn  chan struct{} // full while somebody has the turn; channels serve senders in their order
	users int
}

// enter waits for the turn at an aggregate; leave gives it on. Whoever finds it taken waits if they may. When the context ends, its
// cause is the error.
//
// Errors: errBusy when too many wait already, and those of may.
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
	case l.users > mostWaiting: // and one of them has the turn
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
