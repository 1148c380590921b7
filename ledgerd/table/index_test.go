package table

import (
	"bytes"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// keyed is an index with its keys, and a hash that collides when it is asked to.
type keyed struct {
	index Index
	keys  []uint64
	hash  func(uint64) uint64
}

func (k *keyed) put(key uint64) {
	h := k.hash(key)
	k.keys = append(k.keys, key)
	k.index.Put(h, uint32(len(k.keys)-1), func(n uint32) bool { return k.keys[n] == key })
}

func (k *keyed) find(x *Index, key uint64) (uint32, bool) {
	return x.Find(k.hash(key), func(n uint32) bool { return k.keys[n] == key })
}

func (k *keyed) check(t *rapid.T, x *Index, model map[uint64]uint32) {
	if x.Len() != len(model) {
		t.Fatalf("%d items, not %d", x.Len(), len(model))
	}
	for key, want := range model {
		if n, ok := k.find(x, key); !ok || n != want {
			t.Fatalf("key %d: %d %v, want %d", key, n, ok, want)
		}
	}
	if _, ok := k.find(x, 1<<63); ok {
		t.Fatal("found what was never there")
	}
}

// TestIndexModel drives an index beside a map; what is frozen and loaded again
// finds what it found then.
func TestIndexModel(t *testing.T) {
	seed := NewSeed([16]byte{1})
	tableHashes := []func(uint64) uint64{
		seed.Number,
		func(n uint64) uint64 { return seed.Number(n) &^ (1<<44 - 1) },                        // few tags
		func(n uint64) uint64 { return seed.Number(n)&(1<<48-1)<<14>>14 | 0xffff<<48 },        // one corner
		func(n uint64) uint64 { return seed.Number(n%7)>>60<<60 | 1<<32*(seed.Number(n)%64) }, // many of one place
	}
	rapid.Check(t, func(t *rapid.T) {
		k := &keyed{hash: tableHashes[rapid.IntRange(0, len(tableHashes)-1).Draw(t, "hash")]}
		model := map[uint64]uint32{}
		type past struct {
			view *IndexView
			want map[uint64]uint32
		}
		var views []past
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			first := rapid.Uint64Range(0, 3000).Draw(t, "first")
			many := rapid.Uint64Range(1, 600).Draw(t, "many")
			switch rapid.IntRange(0, 4).Draw(t, "do") {
			case 0, 1, 2:
				for key := first; key < first+many; key++ {
					k.put(key)
					model[key] = uint32(len(k.keys) - 1)
				}
			case 3:
				for key := first; key < first+many; key++ {
					k.index.Drop(k.hash(key), func(n uint32) bool { return k.keys[n] == key })
					delete(model, key)
				}
			case 4:
				views = append(views, past{k.index.Freeze(), maps.Clone(model)})
			}
		}
		k.check(t, &k.index, model)
		views = append(views, past{k.index.Freeze(), model})
		for _, v := range views {
			var b bytes.Buffer
			if err := v.view.Write(&b); err != nil {
				t.Fatal(err)
			}
			var x Index
			if err := x.Load(&b); err != nil || b.Len() > 0 {
				t.Fatal(err, b.Len())
			}
			k.check(t, &x, v.want)
			v.view.Release()
		}
	})
}

// TestIndexRoom: whatever the number of items, a slot and its room to grow stay
// within 13 bytes.
func TestIndexRoom(t *testing.T) {
	seed := NewSeed([16]byte{2})
	var x Index
	worst := 0.0
	for n := range uint32(400_000) {
		x.Put(seed.Number(uint64(n)), n, never)
		if n > 1000 && n%997 == 0 {
			slots := 0
			for _, s := range x.Freeze().shards() {
				slots += len(s.slots)
			}
			worst = max(worst, float64(slots*8)/float64(n+1))
		}
	}
	if worst > 13 {
		t.Fatalf("%.1f bytes for an item", worst)
	}
}
