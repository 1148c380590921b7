package ledger

import (
	"testing"

	"pgregory.net/rapid"
)

// An index is a map, even when hashes collide and items go.
func TestIndexModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index
		model := map[uint64]uint32{} // by key; few hashes for many keys
		keys := map[uint32]uint64{}
		next := uint32(0)
		hash := func(key uint64) uint64 { return key % 37 << 33 }
		is := func(key uint64) func(uint32) bool {
			return func(n uint32) bool { return keys[n] == key }
		}
		key := rapid.Uint64Range(0, 200)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := key.Draw(t, "key")
				keys[next] = k
				x.put(hash(k), next, is(k))
				model[k] = next
				next++
			},
			"drop": func(t *rapid.T) {
				k := key.Draw(t, "key")
				x.drop(hash(k), is(k))
				delete(model, k)
			},
			"": func(t *rapid.T) {
				for k := range uint64(201) {
					want, known := model[k]
					n, ok := x.find(hash(k), is(k))
					if ok != known || ok && n != want {
						t.Fatalf("key %d: %d %v, not %d %v", k, n, ok, want, known)
					}
				}
			},
		})
	})
}

func TestArena(t *testing.T) {
	var a arena
	var kept []text
	word := make([]byte, 500)
	for i := range 1000 {
		word[0], word[499] = byte(i), byte(i>>8)
		kept = append(kept, a.keep(string(word)))
	}
	for i, k := range kept {
		if got := a.get(k); len(got) != 500 || got[0] != byte(i) || got[499] != byte(i>>8) {
			t.Fatalf("text %d is lost", i)
		}
	}
	if a.get(a.keep("")) != nil {
		t.Error("nothing became something")
	}
}
