package judge

import "sync"

// Memo remembers what is costly to work out and never changes: the token of a
// number, a person that was opened. It holds at most a given number of them and
// then begins anew, so nothing is kept for ever.
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
	m.mu.RLock()
	v, ok := m.m[k]
	m.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := work()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.m) >= m.most {
		clear(m.m)
	}
	m.m[k] = v
	return v, nil
}
