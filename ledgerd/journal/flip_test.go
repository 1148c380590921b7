package journal

import (
	"errors"
	"path/filepath"
	"testing"
)

// zone says what a changed byte does to a journal.
type zone struct {
	entry  uint64 // that stands there, or should
	at     int64  // where its frame begins
	stops  bool   // opening fails
	lasts  uint64 // otherwise: the head after the cut
	anyOff bool   // only the file is named exactly
}

// zones tells for each offset of a segment what to expect. unmarked is the first
// entry that no witness speaks for.
func zones(s segment, b []byte, unmarked, head uint64) func(off int) zone {
	type span struct {
		end int
		z   zone
	}
	var spans []span
	entry := s.first
	for _, off := range frames(b) {
		f, why := parseFrame(b[off:])
		if why != "" {
			f.size = len(b) - off
		}
		z := zone{entry: entry, at: int64(off), lasts: entry - 1}
		switch {
		case why == "" && f.kind == kindEntry:
			z.stops = entry < unmarked
			entry++
		case why == "" && f.kind == kindEnd:
			z.stops = true
		case why == "": // the mark of the last Close
		default:
			z.stops = entry <= head // behind an end mark
			z.anyOff = true
		}
		spans = append(spans, span{off + f.size, z})
	}
	return func(off int) zone {
		if off < headerSize {
			return zone{stops: true, anyOff: true, entry: s.first}
		}
		for _, sp := range spans {
			if off < sp.end {
				return sp.z
			}
		}
		return zone{}
	}
}

// TestEveryByteFlipped changes each byte of a small journal in turn. It is always
// noticed: as damage with its place, or, in the zone of the tail cut, as a torn
// end that costs at most the group no witness speaks for.
func TestEveryByteFlipped(t *testing.T) {
	t.Run("closed", func(t *testing.T) { flipAll(t, true) })
	t.Run("crashed", func(t *testing.T) { flipAll(t, false) })
}

func flipAll(t *testing.T, closed bool) {
	const head, group = 36, 3
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, head, group)
	if closed {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	unmarked := uint64(head + 1)
	if !closed {
		unmarked = head - group + 1
	}
	for _, s := range j.segments {
		n := d.names[filepath.Join(folder, s.name())]
		zoneOf := zones(s, n.cache, unmarked, head)
		for off := range n.cache {
			old := n.cache[off]
			n.cache[off] ^= byte(1 + off%255)
			n.disk[off] = n.cache[off]
			flipped(t, d, s, off, zoneOf(off), head)
			n.cache[off], n.disk[off] = old, old
		}
	}
}

// flipped opens the journal for reading and judges what it says.
func flipped(t *testing.T, d *fakeDisk, s segment, off int, z zone, head uint64) {
	opt := on(d.restart())
	opt.ReadOnly = true
	j, err := Open(folder, opt)
	if z.stops {
		var damage *DamageError
		if !errors.As(err, &damage) || damage.File != s.name() ||
			(!z.anyOff && (damage.Offset != z.at || damage.Index != z.entry)) {
			t.Fatalf("byte %d of %s (entry %d at %d): %v", off, s.name(), z.entry, z.at, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("byte %d of %s: %v", off, s.name(), err)
	}
	if index, _, _ := j.Head(); j.Recovered().Cut == 0 || index != min(z.lasts, head) {
		t.Fatalf("byte %d of %s: head %d, want %d; %+v", off, s.name(), index, z.lasts, j.Recovered())
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryByteOfTheIdentityFlipped(t *testing.T) {
	d := newDisk(1)
	var w world
	if err := w.run(on(d), 10); err != nil {
		t.Fatal(err)
	}
	n := d.names[filepath.Join(folder, identityName)]
	for off := range n.cache {
		n.cache[off] ^= 4
		if _, err := Open(folder, on(d)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d: %v", off, err)
		}
		n.cache[off] ^= 4
	}
}
