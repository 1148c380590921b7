package ledger

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func dayNumber(date string) int32 {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return int32(at.Unix() / 86400)
}

func TestDateCode(t *testing.T) {
	for date, want := range map[string]string{
		"2006-01-01": "AA1", "2025-12-31": "TLV", "2026-11-22": "UKM", "2026-02-09": "UB9", "2026-02-10": "UBA",
		"2031-01-01": "ZA1", "2032-02-29": "0BT", "2041-01-01": "9A1", "2042-01-01": "AA1", "2005-12-31": "9LV", "1970-01-01": "AA1",
	} {
		if got := dateCode(dayNumber(date)); string(got[:]) != want {
			t.Errorf("%s: %s, not %s", date, got, want)
		}
	}
}

// Every day of some centuries is what the calendar says.
func TestCivil(t *testing.T) {
	for n := int64(-140_000); n < 140_000; n++ {
		want := time.Unix(n*86400, 0).UTC()
		y, m, d := civil(n)
		if y != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("day %d: %d-%d-%d, not %s", n, y, m, d, want.Format(time.DateOnly))
		}
	}
}

// A day's receipts are a permutation: each number has one, each receipt one
// number, and another day or key has others.
func TestReceiptsPermute(t *testing.T) {
	p, q := newReceipts([16]byte{1}), newReceipts([16]byte{2})
	rapid.Check(t, func(t *rapid.T) {
		day := int32(rapid.IntRange(-10, 30_000).Draw(t, "day"))
		x := rapid.Uint64Range(0, leftHalf*rightHalf-1).Draw(t, "number")
		y := p.stir(day, x)
		if y >= leftHalf*rightHalf || p.settle(day, y) != x {
			t.Fatalf("%d became %d became %d", x, y, p.settle(day, y))
		}
		if p.stir(day+1, x) == y && q.stir(day, x) == y {
			t.Fatal("neither day nor key matters")
		}
	})
}

func TestReceiptsOfADayDiffer(t *testing.T) {
	var p = newReceipts([16]byte{1})
	seen := map[Receipt]bool{}
	for n := range uint64(50_000) {
		p.begin(dayNumber("2026-11-22")-int32(n%3), n) // the clock steps back: the later day goes on
		r := p.of(n)
		if seen[r] || string(r[:3]) != "UKM" {
			t.Fatalf("%s is the %dth", r, n)
		}
		seen[r] = true
		if back, ok := p.commitOf(r); !ok || back != n {
			t.Fatalf("%s leads to %d, not %d", r, back, n)
		}
	}
}

// FuzzShowReceipt: no text a person may type upsets the books.
func FuzzShowReceipt(f *testing.F) {
	f.Add("UKM4K2X9QZ")
	f.Add("\x00\xff")
	s := runScript(&testing.T{}, "open jane wallet 10.00")
	f.Fuzz(func(t *testing.T, typed string) {
		var r Receipt
		copy(r[:], typed)
		if shown, ok := s.book.ShowReceipt(r); ok && shown.Result.Receipt != r {
			t.Errorf("%q shows %s", typed, shown.Result.Receipt)
		}
	})
}

// FuzzParseID: what is read is what is written.
func FuzzParseID(f *testing.F) {
	f.Add("0123456789abcdef0123456789abcdef")
	f.Add("")
	f.Fuzz(func(t *testing.T, typed string) {
		id, err := ParseID(typed)
		if err != nil {
			return
		}
		if again, err := ParseID(id.String()); err != nil || again != id {
			t.Errorf("%q is %s", typed, id)
		}
	})
}

func TestIDCarriesItsTime(t *testing.T) {
	id := NewID(1_795_000_000_123, [10]byte{1, 2, 3})
	if id.Time() != 1_795_000_000_123 || id.String()[12:18] != "010203" || id.IsZero() || !(ID{}).IsZero() {
		t.Errorf("%s at %d", id, id.Time())
	}
}
