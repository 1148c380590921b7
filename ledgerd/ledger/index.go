package ledger

import "mlango/ledgerd/table"

// seed keys the hashes of what the books look things up by.
type seed struct{ table.Seed }

func newSeed(key [16]byte) seed { return seed{table.NewSeed(key)} }

func (s seed) account(n Account) uint64 { return s.Number(uint64(n)) }

func (s seed) wish(w wish) uint64 {
	return s.Mix(s.Mix(uint64(w.from), uint64(w.to)), s.Mix(uint64(w.amount), uint64(w.kind)))
}

// never is for items that are known to be new.
func never(uint32) bool { return false }
