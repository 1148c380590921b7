package table

import (
	"encoding/binary"
	"math/bits"
)

// Seed keys the hashes of an index, so that nobody can choose keys that collide.
type Seed [2]uint64

// NewSeed makes a seed of a secret key.
func NewSeed(key [16]byte) Seed {
	const odd1, odd2 = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	return Seed{binary.LittleEndian.Uint64(key[:8]) ^ odd1, binary.LittleEndian.Uint64(key[8:]) ^ odd2}
}

// Mix folds a 128-bit product: every bit of both numbers reaches every bit.
func (s Seed) Mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^s[0], b^s[1])
	return hi ^ lo
}

// Number hashes a number.
func (s Seed) Number(n uint64) uint64 { return s.Mix(n, s[0]>>7) }

// Key hashes 16 bytes.
func (s Seed) Key(k [16]byte) uint64 {
	return s.Mix(s.Mix(binary.LittleEndian.Uint64(k[:8]), binary.LittleEndian.Uint64(k[8:])), s[1]>>7)
}
