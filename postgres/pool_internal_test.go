package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// Exhaust takes every connection of the named pool until letGo is called.
func (s *Store) Exhaust(t *testing.T, name string) (letGo func()) {
	t.Helper()
	var held []*pgxpool.Conn
	pool := s.pool(t, name)
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	return func() {
		for _, conn := range held {
			conn.Release()
		}
	}
}

func (s *Store) pool(t *testing.T, name string) *pgxpool.Pool {
	t.Helper()
	for _, l := range s.limits(0) {
		if l.name == name {
			return *l.pool
		}
	}
	t.Fatalf("there is no pool %q", name)
	return nil
}

// PoolNames returns the names of all pools.
func (s *Store) PoolNames() (names []string) {
	for _, l := range s.limits(0) {
		names = append(names, l.name)
	}
	return names
}

// Lost describes connections that are still in use or were closed too early, and commands that are still waiting.
func (s *Store) Lost() (found []string) {
	for _, l := range s.limits(0) {
		stat := (*l.pool).Stat()
		if used, gone := stat.AcquiredConns(), stat.NewConnsCount()-int64(stat.TotalConns()); used != 0 || gone != 0 {
			found = append(found, fmt.Sprintf("%s: %d connections are in use, %d are gone", l.name, used, gone))
		}
	}
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	for ref, l := range s.turns.lanes {
		found = append(found, fmt.Sprintf("%s: %d commands wait", ref, l.users))
	}
	return found
}

// anybody is a check that lets every command wait.
func anybody() error { return nil }

func TestTurnsComeInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var turns turnstile
		ref, other := flow.Ref{Kind: pilot.Kind, ID: "a"}, flow.Ref{Kind: pilot.Kind, ID: "b"}
		leave, err := turns.enter(t.Context(), ref, anybody)
		if err != nil {
			t.Fatal(err)
		}
		if leave, err := turns.enter(t.Context(), other, anybody); err != nil {
			t.Errorf("at another aggregate: %v", err)
		} else {
			leave()
		}
		impatient, giveUp := context.WithCancelCause(t.Context())
		var order []int
		var refused error
		for n := range mostWaiting {
			ctx := t.Context()
			if n == 1 {
				ctx = impatient
			}
			go func() {
				leave, err := turns.enter(ctx, ref, anybody)
				if err != nil {
					refused = err
					return
				}
				order = append(order, n)
				leave()
			}()
			synctest.Wait()
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := turns.enter(ended, ref, anybody); !Busy(err) {
			t.Errorf("one more than may wait: %v", err)
		}
		giveUp(errBusy)
		synctest.Wait()
		leave()
		synctest.Wait()
		if !Busy(refused) || len(order) != mostWaiting-1 || !slices.IsSorted(order) || slices.Contains(order, 1) {
			t.Errorf("the one that gave up got %v; the others came in the order %v", refused, order)
		}
		if len(turns.lanes) > 0 {
			t.Errorf("%d queues are left", len(turns.lanes))
		}
	})
}
