package postgres

import (
	linked "container/list"
	"sync"
)

// memory is a cache with a size limit that evicts the least recently used values. A cached value may be stale, because
// another process may have changed the record since. memory is safe for concurrent use.
type memory[K comparable, V any] struct {
	mu     sync.Mutex
	most   int // maximum total size, in bytes
	held   int // current total size, in bytes
	values map[K]*linked.Element
	recent *linked.List // list of cached values, the most recently used first
}

type remembered[K comparable, V any] struct {
	key   K
	value V
	size  int // size of the value, in bytes
}

// overhead is the approximate number of bytes that an entry takes besides its value. It also limits the number of
// entries.
const overhead = 300

func newMemory[K comparable, V any](most int) *memory[K, V] {
	return &memory[K, V]{most: most, values: map[K]*linked.Element{}, recent: linked.New()}
}

// take removes a value from the cache and returns it, so that only one caller gets it.
func (m *memory[K, V]) take(key K) (value V, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.values[key]
	if e == nil {
		return value, false
	}
	return m.remove(e).value, true
}

// get returns a value and keeps it in the cache.
func (m *memory[K, V]) get(key K) (value V, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.values[key]
	if e == nil {
		return value, false
	}
	m.recent.MoveToFront(e)
	return e.Value.(remembered[K, V]).value, true
}

// put stores a value of the given size in bytes, replacing any previous value for the key. A value larger than the
// whole cache is not stored, but the previous value is removed all the same.
func (m *memory[K, V]) put(key K, value V, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.values[key]; e != nil {
		m.remove(e)
	}
	if size += overhead; size > m.most { // it would evict everything else
		return
	}
	m.values[key] = m.recent.PushFront(remembered[K, V]{key, value, size})
	for m.held += size; m.held > m.most; {
		m.remove(m.recent.Back())
	}
}

func (m *memory[K, V]) remove(e *linked.Element) remembered[K, V] {
	r := m.recent.Remove(e).(remembered[K, V])
	delete(m.values, r.key)
	m.held -= r.size
	return r
}
