package table

import "testing"

// TestGuess: an index guesses what it finds, and nothing when it is empty.
func TestGuess(t *testing.T) {
	var x Index
	seed := NewSeed([16]byte{3})
	if _, ok := x.Guess(seed.Number(1)); ok || x.Warm(seed.Number(1)) != 0 {
		t.Fatal("an empty index has something")
	}
	const many = 50_000
	for n := range uint32(many) {
		x.Put(seed.Number(uint64(n)), n, never)
	}
	for n := range uint32(many) {
		h := seed.Number(uint64(n))
		found, _ := x.Find(h, func(m uint32) bool { return m == n })
		if guess, ok := x.Guess(h); !ok || guess != found { // 50,000 tags of 32 bits: none of these is another's
			t.Fatalf("%d: guess %d, %v", n, guess, ok)
		}
		x.Warm(h)
	}
	if _, ok := x.Guess(seed.Number(many)); ok {
		t.Fatal("an item that is not there")
	}
}

// TestWarmIDs: whatever hour there is, or none.
func TestWarmIDs(t *testing.T) {
	seed := NewSeed([16]byte{3})
	d, err := NewIDs(seed, HourMS, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := [16]byte{5: 1}
	d.Warm(seed.Key(id))
	d.Put(id, 7)
	d.Warm(seed.Key(id))
	if n, ok := d.Find(id); n != 7 || !ok {
		t.Fatal(n, ok)
	}
}
