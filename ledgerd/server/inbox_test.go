package server

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mlango/ledgerd/ledger"
)

// ids are the numbers of some items.
func ids(list []item) (all []uint64) {
	for _, it := range list {
		all = append(all, it.id)
	}
	return all
}

// parted takes the requests before an instant out of a row, up to the first item that is
// of a later one: what was put back need not rise.
func parted(row []item, before time.Time) (old, kept []item) {
	n := slices.IndexFunc(row, func(it item) bool { return !it.arrived.Before(before) })
	for i, it := range row {
		if (n < 0 || i < n) && it.req != nil {
			old = append(old, it)
		} else {
			kept = append(kept, it)
		}
	}
	return old, kept
}

// TestInboxIsARow holds the inbox to a plain list: what is put at the end is taken from
// the beginning, or put back there, or drops out when it is an old request.
func TestInboxIsARow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b inbox
		b.init()
		var row, taken []item
		next, now := uint64(0), time.Unix(1000, 0)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				var some []item
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					next++
					it := item{id: next, arrived: now}
					if rapid.Bool().Draw(t, "a request") {
						it.req = &ledger.Request{}
					}
					some = append(some, it)
				}
				now = now.Add(time.Millisecond)
				row = append(row, some...)
				if !b.put(some...) {
					t.Fatal("refused")
				}
			},
			"take": func(t *rapid.T) {
				n := min(rapid.IntRange(1, 30).Draw(t, "n"), len(row))
				taken = b.take(nil, n)
				if !slices.Equal(ids(taken), ids(row[:n])) {
					t.Fatalf("took %v, want %v", ids(taken), ids(row[:n]))
				}
				row = slices.Clone(row[n:])
			},
			"put back": func(*rapid.T) {
				b.putBack(taken)
				row, taken = append(slices.Clone(taken), row...), nil
			},
			"drop the old": func(t *rapid.T) {
				before := now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(t, "ms")) * time.Millisecond)
				var old []item
				old, row = parted(row, before)
				if got := b.takeOld(before); !slices.Equal(ids(got), ids(old)) {
					t.Fatalf("%v are too old, want %v", ids(got), ids(old))
				}
			},
			"": func(t *rapid.T) {
				if b.waits() != len(row) {
					t.Fatalf("%d wait, want %d", b.waits(), len(row))
				}
				for _, it := range b.items[:b.head] {
					if it != (item{}) {
						t.Fatal("what was taken is held on to")
					}
				}
			},
		})
	})
}
