package judge

import "sync"

// Memo remembers what is costly to work out: a seal key made ready, a person that
// was opened. It holds at most a given number of them; then
// any one makes room for the next.
type Memo[K comparable, V any] struct {
	mu   sync.RWMutex
	most int
	m    map[K]V
}

// NewMemo makes one that holds at most so many.
func NewMemo[K comparable, V any](most int) *Memo[K, V] {
	return &Memo[K, V]{most: most, m: map[K]V{}}
}

// Get returns what k was worked out to be, or works it out. What fails is not
// remembered.
func (m *Memo[K, V]) Get(k K, work func() (V, error)) (V, error) {
	v, ok := m.Look(k)
	if ok {
		return v, nil
	}
	v, err := work()
	if err == nil {
		m.Keep(k, v)
	}
	return v, err
}

// Look returns what is remembered of k, if anything is.
func (m *Memo[K, V]) Look(k K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.m[k]
	return v, ok
}

// Keep remembers what k was worked out to be.
func (m *Memo[K, V]) Keep(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.m) >= m.most {
		for other := range m.m { // whichever comes first: which, nobody can foresee
			delete(m.m, other)
			break
		}
	}
	m.m[k] = v
}

// Drop forgets one.
func (m *Memo[K, V]) Drop(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.m, k)
}

// Clear forgets everything.
func (m *Memo[K, V]) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.m)
}
