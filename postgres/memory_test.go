package postgres

import (
	"sync"
	"testing"
)

func TestTheMemoryEvictsTheLeastRecentlyUsed(t *testing.T) {
	t.Parallel()
	m := newMemory[string, int](3 * (overhead + 100))
	for i, key := range []string{"a", "b", "c"} {
		m.put(key, i, 100)
	}
	m.get("a")
	m.put("d", 3, 100)
	m.put("d", 4, 100) // replaces the previous one
	m.put("too large", 5, 10_000)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true, "too large": false} {
		if _, known := m.get(key); known != want {
			t.Errorf("%s is known: %t", key, known)
		}
	}
}

func TestTheMemoryHandsOutAValueOnce(t *testing.T) {
	t.Parallel()
	m := newMemory[int, int](1 << 20)
	for key := range 100 {
		m.put(key, key, 1)
	}
	var all sync.WaitGroup
	taken := make(chan int, 1000)
	for range 8 {
		all.Go(func() {
			for key := range 100 {
				if value, known := m.take(key); known {
					taken <- value
				}
			}
		})
	}
	all.Wait()
	if len(taken) != 100 || m.held != 0 {
		t.Errorf("%d were handed out, %d bytes are held", len(taken), m.held)
	}
}
