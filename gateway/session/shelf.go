package session

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a shelf.
const (
	shards     = 64
	sweepEach  = 4           // entries looked at with every write
	sweepPause = time.Second // between two full looks through a shard at the limit
)

// shelf is a bounded map from keys to encoded sessions that forgets each when its
// time is over. It needs no timer: every write looks at a few others.
type shelf struct {
	limit int64
	now   func() time.Time
	evict bool // at the limit drop any other instead of refusing
	count atomic.Int64
	seed  maphash.Seed
	shard [shards]shard
}

type shard struct {
	mu    sync.Mutex
	items map[Key]item
	swept int64
}

type item struct {
	b    []byte
	ends int64 // ns
}

func newShelf(limit int, now func() time.Time) *shelf {
	if now == nil {
		now = time.Now
	}
	s := &shelf{limit: int64(limit), now: now, seed: maphash.MakeSeed()}
	for i := range s.shard {
		s.shard[i].items = make(map[Key]item)
	}
	return s
}

func (s *shelf) of(key Key) *shard {
	return &s.shard[maphash.Comparable(s.seed, key)%shards]
}

// get returns the bytes under a key, nil when there are none.
func (s *shelf) get(key Key) []byte {
	now := s.now().UnixNano()
	sh := s.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if it, ok := sh.items[key]; ok && it.ends > now {
		return it.b
	}
	return nil
}

// swap puts b where allow, shown what is there, has no objection. With an
// objection it returns what is there, and the objection.
func (s *shelf) swap(key Key, b []byte, ttl time.Duration, allow func(old []byte) error) ([]byte, error) {
	now := s.now().UnixNano()
	sh := s.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	it, known := sh.items[key]
	if known && it.ends <= now {
		it.b = nil
	}
	if err := allow(it.b); err != nil {
		return it.b, err
	}
	s.sweep(sh, now)
	if !known && !s.room(sh, now) {
		return nil, ErrFull
	}
	s.set(sh, key, item{b: b, ends: now + int64(ttl)})
	return nil, nil
}

// put replaces what is under a key.
func (s *shelf) put(key Key, b []byte, ttl time.Duration) {
	_, _ = s.swap(key, b, ttl, func([]byte) error { return nil }) // a full shelf keeps no copy
}

func (s *shelf) drop(key Key) {
	sh := s.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	s.remove(sh, key)
}

// room makes place for one more, where it can.
func (s *shelf) room(sh *shard, now int64) bool {
	if s.count.Load() < s.limit {
		return true
	}
	if now-sh.swept >= int64(sweepPause) {
		sh.swept = now
		for k, it := range sh.items {
			if it.ends <= now {
				s.remove(sh, k)
			}
		}
	}
	if s.evict && s.count.Load() >= s.limit {
		for k := range sh.items {
			s.remove(sh, k)
			break
		}
	}
	return s.count.Load() < s.limit
}

// sweep looks at a few entries, wherever the map begins, and drops the ended.
func (s *shelf) sweep(sh *shard, now int64) {
	n := 0
	for k, it := range sh.items {
		if it.ends <= now {
			s.remove(sh, k)
		}
		if n++; n == sweepEach {
			return
		}
	}
}

func (s *shelf) set(sh *shard, key Key, it item) {
	if _, known := sh.items[key]; !known {
		s.count.Add(1)
	}
	sh.items[key] = it
}

func (s *shelf) remove(sh *shard, key Key) {
	if _, known := sh.items[key]; known {
		delete(sh.items, key)
		s.count.Add(-1)
	}
}
