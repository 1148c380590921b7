package table

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// TestLogModel: what was added is read back from memory and from the store, and
// from a log that was loaded, which then spills the same pages again.
func TestLogModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := &Memory{}
		l, err := NewLog[item](store, rapid.IntRange(1, 3).Draw(t, "keep"))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			for range rapid.IntRange(0, 3000).Draw(t, "many") {
				n, it := l.Add()
				it.A = n * 5
			}
			if err := l.Spill(rapid.IntRange(0, 3).Draw(t, "spill")); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "again") {
				l = reloaded(t, l, store)
			}
		}
		for n := range l.Len() {
			if it, err := l.At(n); err != nil || it.A != n*5 {
				t.Fatalf("item %d is %d: %v", n, it.A, err)
			}
		}
		if _, err := l.At(l.Len()); !errors.Is(err, ErrBeyond) {
			t.Fatal(err)
		}
	})
}

func reloaded(t *rapid.T, l *Log[item], store Store) *Log[item] {
	v := l.Freeze()
	for range 2000 { // and the log goes on
		l.Add()
	}
	if err := l.Spill(100); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := v.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, _ := NewLog[item](store, l.keep)
	if err := again.Load(&b); err != nil {
		t.Fatal(err)
	}
	if n := v.Len(); n > 0 {
		if it, err := v.At(n - 1); err != nil || it.A != (n-1)*5 {
			t.Fatal(it, err)
		}
	}
	return again
}

// TestLogNoticesDamage flips every 97th byte of a spilled page: it is never
// served.
func TestLogNoticesDamage(t *testing.T) {
	store := &Memory{}
	l, _ := NewLog[item](store, 1)
	for range 5 * l.tail.per {
		_, it := l.Add()
		it.A = 9
	}
	if err := l.Spill(9); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < PageBytes; i += 97 {
		store.pages[1][i] ^= 4
		l.old.forget()
		if it, err := l.At(l.tail.per + 3); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
			t.Fatalf("byte %d: %v %v", i, it, err)
		}
		store.pages[1][i] ^= 4
	}
	store.pages[1], store.pages[2] = store.pages[2], store.pages[1]
	if _, err := l.At(l.tail.per + 3); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
}

// TestLogWithoutItsStore: a log whose spilled pages are gone is not loaded.
func TestLogWithoutItsStore(t *testing.T) {
	l, _ := NewLog[item](&Memory{}, 1)
	for range 5 * l.tail.per {
		l.Add()
	}
	if err := l.Spill(9); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := l.Freeze().Write(&b); err != nil {
		t.Fatal(err)
	}
	other, _ := NewLog[item](&Memory{}, 1)
	if err := other.Load(&b); !errors.Is(err, ErrBeyond) {
		t.Fatal(err)
	}
}

// failing is a store that fails.
type failing struct{ Memory }

var errDisk = errors.New("disk")

func (f *failing) WritePage(uint64, []byte) error { return errDisk }
func (f *failing) Sync() error                    { return errDisk }

func TestStoreErrorsComeOut(t *testing.T) {
	l, _ := NewLog[item](&failing{}, 1)
	for range 5 * l.tail.per {
		l.Add()
	}
	if err := l.Spill(9); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if n := l.Spilled(); n != 0 {
		t.Fatalf("%d items count as spilled", n)
	}
}
