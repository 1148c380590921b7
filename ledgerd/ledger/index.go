package ledger

import (
	"encoding/binary"
	"math/bits"
)

// indexShards cuts an index into tables that grow one by one, so that no command
// waits for a big one to be moved.
const (
	indexShards = 1024
	shardStart  = 8 // slots of a new shard; a power of two
)

// index finds the number of an item by the hash of its key. The keys stay with
// the items, so a slot is 8 bytes and the garbage collector has nothing to read.
type index struct{ shards [indexShards]shard }

// shard is an open-addressed table. A slot holds the upper half of the hash and
// the item's number+1; zero is an empty one.
type shard struct {
	slots []uint64
	used  int
}

func (x *index) shard(h uint64) *shard { return &x.shards[h%indexShards] }

// find gives the item of a hash that is the one.
func (x *index) find(h uint64, is func(n uint32) bool) (uint32, bool) {
	s := x.shard(h)
	if s.used == 0 {
		return 0, false
	}
	i, ok := s.seek(h, is)
	return uint32(s.slots[i]) - 1, ok
}

// put points a hash to an item, in place of the one that has the same key.
func (x *index) put(h uint64, n uint32, is func(n uint32) bool) {
	s := x.shard(h)
	if s.used*4 >= len(s.slots)*3 {
		s.grow()
	}
	i, ok := s.seek(h, is)
	if !ok {
		s.used++
	}
	s.slots[i] = h>>32<<32 | uint64(n+1)
}

// drop forgets the item of a hash that is the one.
func (x *index) drop(h uint64, is func(n uint32) bool) {
	s := x.shard(h)
	if s.used == 0 {
		return
	}
	hole, ok := s.seek(h, is)
	if !ok {
		return
	}
	s.used--
	mask := uint64(len(s.slots) - 1)
	for i := (hole + 1) & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if home := s.slots[i] >> 32 & mask; (i-home)&mask >= (i-hole)&mask {
			s.slots[hole], hole = s.slots[i], i
		}
	}
	s.slots[hole] = 0
}

// seek goes to the item that is the one, or to the slot where it would be.
func (s *shard) seek(h uint64, is func(n uint32) bool) (slot uint64, found bool) {
	mask := uint64(len(s.slots) - 1)
	for i := h >> 32 & mask; ; i = (i + 1) & mask {
		switch v := s.slots[i]; {
		case v == 0:
			return i, false
		case v>>32 == h>>32 && is(uint32(v)-1):
			return i, true
		}
	}
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]uint64, max(shardStart, 2*len(old)))
	mask := uint64(len(s.slots) - 1)
	for _, v := range old {
		if v == 0 {
			continue
		}
		i := v >> 32 & mask
		for s.slots[i] != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = v
	}
}

// seed keys the hashes of an index, so that nobody can choose keys that collide.
type seed [2]uint64

func newSeed(key [16]byte) seed {
	const odd1, odd2 = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	return seed{binary.LittleEndian.Uint64(key[:8]) ^ odd1, binary.LittleEndian.Uint64(key[8:]) ^ odd2}
}

// mix folds a 128-bit product: every bit of both numbers reaches every bit.
func (s seed) mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^s[0], b^s[1])
	return hi ^ lo
}

func (s seed) account(n Account) uint64 { return s.mix(uint64(n), s[0]>>7) }

func (s seed) number(n uint32) uint64 { return s.mix(uint64(n), s[0]>>9) }

func (s seed) wide(k [16]byte) uint64 {
	return s.mix(s.mix(binary.LittleEndian.Uint64(k[:8]), binary.LittleEndian.Uint64(k[8:])), s[1]>>7)
}

func (s seed) wish(w wish) uint64 {
	return s.mix(s.mix(uint64(w.from), uint64(w.to)), s.mix(uint64(w.amount), uint64(w.kind)))
}
