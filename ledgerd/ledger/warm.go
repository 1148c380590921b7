package ledger

import "runtime"

// WarmAtOnce is how many commands Warm looks at: what they touch stays in the
// processor's nearest memory until they are applied.
const WarmAtOnce = 32

// Warm reads what the first commands of a list will touch, each kind of thing for
// all of them before the next kind. It changes and decides nothing: Apply waits for
// what is far away in memory one thing after the other, this for all together.
func (b *Book) Warm(list []Command) {
	var accounts, ids [2 * WarmAtOnce]uint64 // hashes
	var seats, sums [2 * WarmAtOnce]uint32
	n, near := 0, uint64(0)
	for _, cmd := range list[:min(len(list), WarmAtOnce)] {
		if m, ok := cmd.(*Move); ok {
			accounts[n], accounts[n+1], ids[n/2] = b.seed.account(m.From), b.seed.account(m.To), b.seed.Key(m.ID)
			n += 2
		}
	}
	for _, h := range accounts[:n] {
		near += b.numbers.Warm(h)
	}
	for _, h := range ids[:n/2] {
		near += b.ids.Warm(h)
	}
	k := 0
	for _, h := range accounts[:n] {
		if at, ok := b.numbers.Guess(h); ok {
			seats[k] = at
			k++
		}
	}
	for _, at := range seats[:k] {
		near += uint64(b.accounts.At(at).number)
	}
	for i, at := range seats[:k] {
		if a := b.accounts.At(at); a.day == b.today.day {
			sums[i] = a.used
		}
	}
	for _, at := range sums[:k] {
		if at != 0 {
			near += uint64(b.today.sums.At(at - 1).next)
		}
	}
	runtime.KeepAlive(near) // it was for the reading
}
