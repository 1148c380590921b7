package table

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// item is as wide as to make pages of a few hundred.
type item struct {
	A uint64
	B [5]uint64
}

// frozen is a view with what it must show for ever.
type frozen struct {
	view *View[item]
	want []uint64
}

func (f *frozen) check(t *rapid.T) {
	if f.view.Len() != len(f.want) {
		t.Fatalf("a view holds %d, not %d", f.view.Len(), len(f.want))
	}
	for i, w := range f.want {
		if got := f.view.At(uint32(i)).A; got != w {
			t.Fatalf("a view's item %d is %d, was %d", i, got, w)
		}
	}
	var b bytes.Buffer
	if err := f.view.Write(&b); err != nil {
		t.Fatal(err)
	}
	var p Pages[item]
	if err := p.Load(&b); err != nil || b.Len() > 0 {
		t.Fatal(err, b.Len())
	}
	for i, w := range f.want {
		if got := p.At(uint32(i)).A; got != w || p.Len() != len(f.want) {
			t.Fatalf("loaded item %d is %d, was %d", i, got, w)
		}
	}
}

// TestPagesModel drives pages beside a slice; views show what was, for ever.
func TestPagesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Pages[item]
		var model []uint64
		var views []frozen
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "do") {
			case 0, 1:
				for range rapid.IntRange(1, 300).Draw(t, "many") {
					n, it := p.Add()
					if *it != (item{}) || int(n) != len(model) {
						t.Fatalf("item %d is not new", n)
					}
					it.A = uint64(n) * 3
					model = append(model, it.A)
				}
			case 2:
				for range min(len(model), 50) {
					n := rapid.IntRange(0, len(model)-1).Draw(t, "n")
					model[n]++
					p.Edit(uint32(n)).A++
				}
			case 3:
				views = append(views, frozen{p.Freeze(), slices.Clone(model)})
			case 4:
				if len(model) > 0 {
					p.Drop()
					model = model[:len(model)-1]
				}
			case 5:
				if len(views) > 0 {
					views[0].check(t)
					views[0].view.Release()
					views = views[1:]
				}
			}
		}
		views = append(views, frozen{p.Freeze(), model})
		for i := range views {
			views[i].check(t)
		}
	})
}

func TestPagesWithPointersAreRefused(t *testing.T) {
	type bad struct{ S string }
	var p Pages[bad]
	p.Add()
	if err := p.Freeze().Write(&bytes.Buffer{}); !errors.Is(err, ErrPointers) {
		t.Fatal(err)
	}
	if _, err := NewLog[struct{ P *int }](&Memory{}, 1); !errors.Is(err, ErrPointers) {
		t.Fatal(err)
	}
}

func TestPagesOfAnotherLayoutAreRefused(t *testing.T) {
	type one struct{ A, B uint32 }
	type two struct{ B, A uint32 }
	var p Pages[one]
	p.Add()
	var b bytes.Buffer
	if err := p.Freeze().Write(&b); err != nil {
		t.Fatal(err)
	}
	var q Pages[two]
	if err := q.Load(&b); !errors.Is(err, ErrForeign) {
		t.Fatal(err)
	}
}

// TestReleasedViewCostsNothing: a page is copied for a view that is held, and
// only then.
func TestReleasedViewCostsNothing(t *testing.T) {
	var p Pages[item]
	p.Add()
	v := p.Freeze()
	v.Release()
	v.Release() // twice is once
	before := p.At(0)
	if p.Edit(0) != before {
		t.Fatal("copied for nobody")
	}
	v = p.Freeze()
	if p.Edit(0) == before || v.At(0) != before {
		t.Fatal("a held page was changed in place")
	}
}
