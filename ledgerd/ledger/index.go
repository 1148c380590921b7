package ledger

import (
	"encoding/binary"

	"mlango/ledgerd/table"
)

// seed keys the hashes of what the books look things up by.
type seed struct{ table.Seed }

func newSeed(key [16]byte) seed { return seed{table.NewSeed(key)} }

func (s seed) account(n Account) uint64 { return s.Number(uint64(n)) }

// text hashes a short text.
func (s seed) text(t string) (h uint64) {
	var part [8]byte
	for h = uint64(len(t)); t != ""; t = t[copy(part[:], t):] {
		clear(part[:])
		copy(part[:], t)
		h = s.Mix(h, binary.LittleEndian.Uint64(part[:]))
	}
	return s.Number(h)
}

func (s seed) wish(w wish) uint64 {
	return s.Mix(s.Mix(uint64(w.from), uint64(w.to)), s.Mix(uint64(w.amount), uint64(w.kind)))
}

// never is for items that are known to be new.
func never(uint32) bool { return false }
