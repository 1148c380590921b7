package table

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestQueueModel: a queue gives what a sorted slice gives, also after it was
// frozen and loaded.
func TestQueueModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue
		var model []Due
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "do") {
			case 0, 1, 2:
				d := Due{At: rapid.Int64Range(0, 20).Draw(t, "at"), Item: uint64(i)}
				q.Push(d)
				model = append(model, d)
				slices.SortFunc(model, func(a, b Due) int {
					if a.before(b) {
						return -1
					}
					return 1
				})
			case 3:
				first, ok := q.First()
				if ok != (len(model) > 0) || ok && first != model[0] {
					t.Fatalf("first is %v %v of %v", first, ok, model)
				}
				if ok {
					q.Pop()
					model = model[1:]
				}
			case 4:
				var b bytes.Buffer
				if err := q.Freeze().Write(&b); err != nil {
					t.Fatal(err)
				}
				q = Queue{}
				if err := q.Load(&b); err != nil {
					t.Fatal(err)
				}
			}
			if q.Len() != len(model) {
				t.Fatalf("%d wait, not %d", q.Len(), len(model))
			}
		}
	})
}

func TestArena(t *testing.T) {
	var a Arena
	var texts []Text
	for i := range 3000 {
		texts = append(texts, a.Keep(bytes.Repeat([]byte{byte(i)}, i%41)))
	}
	before := a.Get(texts[40]) // by somebody who reads on beside the erasure
	a.Erase(texts[40])
	if !bytes.Equal(before, bytes.Repeat([]byte{40}, 40)) || !bytes.Equal(a.Get(texts[40]), make([]byte, 40)) {
		t.Fatal("erasing wrote into what was given out, or nowhere")
	}
	texts[40] = a.Keep(bytes.Repeat([]byte{40}, 40))
	v := a.Freeze()
	a.Erase(texts[40])
	var b bytes.Buffer
	if err := v.Write(&b); err != nil {
		t.Fatal(err)
	}
	var again Arena
	if err := again.Load(&b); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if want := bytes.Repeat([]byte{byte(i)}, i%41); !bytes.Equal(v.Get(text), want) || !bytes.Equal(again.Get(text), want) {
			t.Fatalf("text %d: %x and %x", i, v.Get(text), again.Get(text))
		}
	}
	if !bytes.Equal(a.Get(texts[40]), make([]byte, 40)) || a.Get(texts[39])[0] != 39 || again.Keep([]byte("x")) != a.Keep([]byte("x")) {
		t.Fatal("the arena did not go on")
	}
}
