package table

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestLineModel drives a line beside a slice; frozen lines keep what they had.
func TestLineModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Line[uint64]
		first, next := uint64(0), uint64(0)
		type past struct {
			line        *Line[uint64]
			first, next uint64
		}
		var views []past
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0, 1:
				for range rapid.IntRange(1, 1500).Draw(t, "many") {
					n, v := l.Add()
					if n != next || *v != 0 {
						t.Fatalf("item %d, not %d", n, next)
					}
					*v = n * 7
					next++
				}
			case 2:
				first = rapid.Uint64Range(first, next).Draw(t, "below")
				l.Cut(first)
			case 3:
				views = append(views, past{l.Freeze(), first, next})
			}
		}
		if most := 2*len(l.list) + 2; cap(l.list)+l.gone > 2*most+64 {
			t.Fatalf("a line of %d pages keeps %d", len(l.list), cap(l.list)+l.gone)
		}
		views = append(views, past{&l, first, next})
		for _, v := range views {
			var b bytes.Buffer
			if err := v.line.Write(&b); err != nil {
				t.Fatal(err)
			}
			var again Line[uint64]
			if err := again.Load(&b); err != nil || b.Len() > 0 {
				t.Fatal(err, b.Len())
			}
			for _, line := range []*Line[uint64]{v.line, &again} {
				if line.First() != v.first || line.Next() != v.next || line.Len() != int(v.next-v.first) {
					t.Fatalf("a line from %d to %d", line.First(), line.Next())
				}
				for n := v.first; n < v.next; n++ {
					if *line.At(n) != n*7 {
						t.Fatalf("item %d is %d", n, *line.At(n))
					}
				}
			}
			if n, _ := again.Add(); n != v.next {
				t.Fatalf("the next item is %d", n)
			}
		}
	})
}
