package table

import (
	"bytes"
	"io"
	"testing"
)

// written makes a small one of each table with its loader.
func written(t *testing.T) map[string]struct {
	b    []byte
	load func(io.Reader) error
} {
	seed := NewSeed([16]byte{5})
	var p Pages[item]
	var x Index
	var l Line[uint64]
	var q Queue
	var a Arena
	d, _ := NewIDs(seed, HourMS, nil)
	log, _ := NewLog[item](&Memory{}, 1)
	for i := range uint32(40) {
		n, it := p.Add()
		it.A = uint64(n)
		x.Put(seed.Number(uint64(i)), i, never)
		_, v := l.Add()
		*v = uint64(i)
		q.Push(Due{At: int64(40 - i)})
		d.Put(idAt(int64(i)*200_000, uint64(i)), uint64(i))
		_, it = log.Add()
		it.A = 8
	}
	a.Keep([]byte("text"))
	all := map[string]struct {
		b    []byte
		load func(io.Reader) error
	}{}
	add := func(name string, write func(io.Writer) error, load func(io.Reader) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(name, err)
		}
		all[name] = struct {
			b    []byte
			load func(io.Reader) error
		}{b.Bytes(), load}
	}
	add("pages", p.Freeze().Write, new(Pages[item]).Load)
	add("index", x.Freeze().Write, new(Index).Load)
	add("line", l.Freeze().Write, new(Line[uint64]).Load)
	add("queue", q.Freeze().Write, new(Queue).Load)
	add("ids", d.Freeze().Write, d.Load)
	add("log", log.Freeze().Write, log.Load)
	add("blob", func(w io.Writer) error { return WriteBlob(w, []byte("blob")) }, func(r io.Reader) error { _, err := ReadBlob(r); return err })
	return all
}

// TestEveryByteFlipped: a written table with one byte changed or cut off at any
// place is never loaded.
func TestEveryByteFlipped(t *testing.T) {
	for name, w := range written(t) {
		if err := w.load(bytes.NewReader(w.b)); err != nil {
			t.Fatal(name, err)
		}
		for i := range w.b {
			w.b[i] ^= 0x10
			if err := w.load(bytes.NewReader(w.b)); err == nil {
				t.Fatalf("%s: byte %d of %d changed and nobody noticed", name, i, len(w.b))
			}
			w.b[i] ^= 0x10
			if err := w.load(bytes.NewReader(w.b[:i])); err == nil {
				t.Fatalf("%s: cut off at byte %d and nobody noticed", name, i)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, w := range written(&testing.T{}) {
		f.Add(w.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, _ := NewIDs(NewSeed([16]byte{}), HourMS, nil)
		log, _ := NewLog[item](&Memory{}, 1)
		for _, load := range []func(io.Reader) error{
			new(Pages[item]).Load, new(Index).Load, new(Line[uint64]).Load, new(Queue).Load, new(Arena).Load, d.Load, log.Load,
		} {
			_ = load(bytes.NewReader(b)) // must come back, and ask for no more memory than there are bytes
		}
	})
}
