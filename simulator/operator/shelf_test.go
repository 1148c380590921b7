package operator

import (
	"strconv"
	"testing"
	"time"

	"mlango/smpp"
)

// TestShelfIsBounded: with too many under way none is taken; of those that ended the
// oldest go, and one that is still under way outlasts them.
func TestShelfIsBounded(t *testing.T) {
	f, now := newShelf(), time.Now()
	add := func(id int) *stored {
		k := &stored{m: smpp.Message{MessageID: strconv.Itoa(id)}, due: now, expires: now.Add(time.Hour)}
		if !f.add(k) {
			return nil
		}
		return k
	}
	first := add(0)
	for id := 1; id < maxOpen; id++ {
		add(id)
	}
	if add(maxOpen) != nil {
		t.Fatalf("the %dth under way was taken", maxOpen+1)
	}
	for id := 1; id < maxOpen; id++ {
		if _, ok := f.end(f.byID[strconv.Itoa(id)][0], Fate{Stat: statDelivered}); !ok {
			t.Fatal(id)
		}
	}
	for id := maxOpen; id < maxKept+100; id++ {
		k := add(id)
		if k == nil {
			t.Fatal(id)
		}
		f.end(k, Fate{Stat: statDelivered})
	}
	if f.all != maxKept || f.open != 1 || len(f.byID) != maxKept || f.byID["0"][0] != first || f.byID["50"] != nil {
		t.Errorf("%d kept, %d under way", f.all, f.open)
	}
}
