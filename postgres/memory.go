package postgres

import (
	linked "container/list"
	"sync"
)

// memory is a cache of values by key, limited to a total size in bytes; it evicts the least recently used. Its contents
// are only a guess, because somebody else may have changed the record since. It is safe for concurrent use.
type memory[K comparable, V any] struct {
	mu     sync.Mutex
	most   int // bytes
	held   int // bytes
	values map[K]*linked.Element
	recent *linked.List // of remembered, most recent first
}

type remembered[K comparable, V any] struct {
	key   K
	value V
	size  int // bytes
}

// overhead is roughly the size of an entry besides its value, in bytes. It also bounds the number of entries.
const overhead = 300

func newMemory[K comparable, V any](most int) *memory[K, V] {
	return &memory[K, V]{most: most, values: map[K]*linked.Element{}, recent: linked.New()}
}

// take removes a value from the memory and returns it, so that only one caller gets it.
func (m *memory[K, V]) take(key K) (value V, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.values[key]
	if e == nil {
		return value, false
	}
	return m.remove(e).value, true
}

// get returns a value and keeps it.
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

// put stores a value of the given size in bytes, replacing the previous one. A value larger than the whole memory is
// not stored, and the previous one is removed all the same.
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
