package table

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// idAt makes the n-th id of an instant.
func idAt(ms int64, n uint64) (id [16]byte) {
	var t [8]byte
	binary.BigEndian.PutUint64(t[:], uint64(ms))
	copy(id[:], t[2:])
	binary.LittleEndian.PutUint64(id[6:], n*0x9e3779b97f4a7c15)
	return id
}

// lookup asks memory, then the store.
func (d *IDs) lookup(t *rapid.T, id [16]byte) (uint64, bool) {
	if v, ok := d.Find(id); ok {
		return v, true
	}
	v, ok, err := d.Old(id)
	if err != nil {
		t.Fatal(err)
	}
	return v, ok
}

// TestIDsModel: an id is found for ever, in memory or in the store, through any
// number of freezes and loads; an hour past the horizon leaves memory.
func TestIDsModel(t *testing.T) {
	const horizon = 2 * HourMS
	rapid.Check(t, func(t *rapid.T) {
		store, seed := &Memory{}, NewSeed([16]byte{3})
		d, err := NewIDs(seed, horizon, store)
		if err != nil {
			t.Fatal(err)
		}
		model := map[[16]byte]uint64{}
		now, n := int64(100*HourMS), uint64(0)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0, 1:
				for range rapid.IntRange(1, 4000).Draw(t, "many") {
					id := idAt(now-int64(n*7919%600_000), n)
					if !d.Put(id, n*3) {
						t.Fatal("refused an id in time")
					}
					model[id] = n * 3
					n++
				}
			case 2:
				now += rapid.Int64Range(0, 2*HourMS).Draw(t, "wait")
				for range rapid.IntRange(1, 40).Draw(t, "retire") {
					if err := d.Retire(now, rapid.IntRange(1, 3).Draw(t, "shards")); err != nil {
						t.Fatal(err)
					}
				}
			case 3:
				d = reloadedIDs(t, d, store)
			}
		}
		for id, want := range model {
			if v, ok := d.lookup(t, id); !ok || v != want {
				t.Fatalf("id %x: %d %v, want %d", id, v, ok, want)
			}
		}
		for i := range uint64(200) {
			if _, ok := d.lookup(t, idAt(100*HourMS+int64(i)*20_000, n+i)); ok {
				t.Fatal("found what was never there")
			}
		}
	})
}

func reloadedIDs(t *rapid.T, d *IDs, store Store) *IDs {
	v := d.Freeze()
	defer v.Release()
	var b bytes.Buffer
	if err := v.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, _ := NewIDs(d.seed, d.horizon, store)
	if err := again.Load(&b); err != nil || b.Len() > 0 {
		t.Fatal(err, b.Len())
	}
	if again.Len() != d.Len() {
		t.Fatalf("%d ids, were %d", again.Len(), d.Len())
	}
	return again
}

// TestIDsLeave: all of an hour leaves, in the store it is found, and nothing is
// put into it any more.
func TestIDsLeave(t *testing.T) {
	store := &Memory{}
	d, _ := NewIDs(NewSeed([16]byte{4}), HourMS, store)
	const many = 50_000
	for n := range uint64(many) {
		d.Put(idAt(int64(n), n), n)
	}
	if err := d.Retire(2*HourMS-1, 1); err != nil || d.out != nil {
		t.Fatal("left before the horizon", err)
	}
	calls := 0
	for ; d.Len() > 0; calls++ {
		if err := d.Retire(2*HourMS, 1); err != nil {
			t.Fatal(err)
		}
		if d.Put(idAt(5, many+1), 1) {
			t.Fatal("put into an hour that leaves")
		}
	}
	if calls < many/shardSlots {
		t.Fatalf("%d calls: too much at once", calls)
	}
	for n := range uint64(many) {
		if v, ok, err := d.Old(idAt(int64(n), n)); !ok || v != n || err != nil {
			t.Fatalf("id %d: %d %v %v", n, v, ok, err)
		}
	}
	if d.Put(idAt(7, many+2), 1) {
		t.Fatal("put into an hour that left")
	}
}

// TestIDsWithoutStore: what leaves is forgotten.
func TestIDsWithoutStore(t *testing.T) {
	d, _ := NewIDs(NewSeed([16]byte{4}), HourMS, nil)
	d.Put(idAt(5, 1), 1)
	if err := d.Retire(2*HourMS, 1); err != nil || d.Len() != 0 {
		t.Fatal(err)
	}
	if _, ok, err := d.Old(idAt(5, 1)); ok || err != nil {
		t.Fatal(ok, err)
	}
}
