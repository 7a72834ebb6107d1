package peer

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/bench/lifecycle"
)

// Stock holds the prepared lifecycles of an engine that plays a script. It is safe for concurrent use.
type Stock struct {
	Pool   *pgxpool.Pool
	Script *lifecycle.Script

	mutex sync.Mutex
	ready []*lifecycle.Instance
	begun map[string]*lifecycle.Instance // by id, for workers that receive only the id
}

// Ready prepares n more lifecycles.
func (s *Stock) Ready(ctx context.Context, n int) error {
	more, err := Prepare(ctx, s.Pool, s.Script, n)
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ready = append(s.ready, more...)
	return nil
}

// Take hands out a lifecycle, or nil if none is left.
func (s *Stock) Take() *lifecycle.Instance {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.ready) == 0 {
		return nil
	}
	i := s.ready[0]
	s.ready = s.ready[1:]
	if s.begun == nil {
		s.begun = map[string]*lifecycle.Instance{}
	}
	s.begun[i.ID()] = i
	return i
}

// Write writes the rows of a decision for a lifecycle that has been taken.
func (s *Stock) Write(ctx context.Context, id string, n int) error {
	return Write(ctx, s.Pool, s.Begun(id), n)
}

// Begun returns a lifecycle that has been taken.
func (s *Stock) Begun(id string) *lifecycle.Instance {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.begun[id]
}

// Waiters holds clients that wait for a decision by a worker in the same process. It is safe for concurrent use.
type Waiters struct {
	waiting sync.Map // key → chan error
}

// Expect registers a client. The channel delivers one result.
func (w *Waiters) Expect(key string) <-chan error {
	answered := make(chan error, 1)
	w.waiting.Store(key, answered)
	return answered
}

// Answer wakes the client waiting for the key, if any.
func (w *Waiters) Answer(key string, err error) {
	if answered, waits := w.waiting.LoadAndDelete(key); waits {
		answered.(chan error) <- err
	}
}

// Await waits for the result.
func Await(ctx context.Context, answered <-chan error) error {
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
