package postgres

import (
	linked "container/list"
	"sync"
)

// memory keeps values by key up to a number of bytes in all, and evicts the least recently used. What it holds is only ever a guess:
// somebody else may have changed the record since. It is safe for concurrent use.
type memory[K comparable, V any] struct {
	mu     sync.Mutex
	most   int // bytes
	held   int // bytes
	values map[K]*linked.Element
	recent *linked.List // of remembered, the newest first
}

type remembered[K comparable, V any] struct {
	key   K
	value V
	size  int // bytes
}

// overhead is about what an entry takes besides its value, in bytes; so the number of entries is bounded too.
const overhead = 300

func newMemory[K comparable, V any](most int) *memory[K, V] {
	return &memory[K, V]{most: most, values: map[K]*linked.Element{}, recent: linked.New()}
}

// take hands a value out to one caller alone.
func (m *memory[K, V]) take(key K) (value V, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.values[key]
	if e == nil {
		return value, false
	}
	return m.remove(e).value, true
}

// get hands a value out and keeps it.
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

// put keeps a value of so many bytes in place of the one before, or neither when it is larger than the memory.
func (m *memory[K, V]) put(key K, value V, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.values[key]; e != nil {
		m.remove(e)
	}
	if size += overhead; size > m.most { // alone it would drive out all others
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
