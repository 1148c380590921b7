package journal

import (
	"fmt"
	"io"
)

// Read gives every durable entry from index from on to fn, in order, until fn
// returns an error, which Read returns. Everything is checked on the way: a
// *DamageError says where it is not what was written. The payload is fn's for
// the length of the call. From zero means from the first.
func (j *Journal) Read(from uint64, fn func(h Header, payload []byte) error) error {
	view, err := j.look(max(from, 1))
	if err != nil {
		return err
	}
	var room []byte
	for i, s := range view.segments {
		last := i == len(view.segments)-1
		if !last && view.segments[i+1].first <= view.from {
			continue
		}
		if room, err = view.read(s, last, room, fn); err != nil {
			return err
		}
	}
	return nil
}

// view is what one Read gets to see: the journal as it was durable at one moment.
type view struct {
	j        *Journal
	from     uint64
	segments []segment
	start    int64 // where in the last segment to begin
	end      int64 // and to end
}

func (j *Journal) look(from uint64) (view, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return view{}, j.err
	}
	if from > j.durable.index+1 {
		return view{}, fmt.Errorf("%w: %d, the head is %d", ErrBeyond, from, j.durable.index)
	}
	v := view{j: j, from: from, segments: j.segments[:len(j.segments):len(j.segments)], start: headerSize, end: j.written}
	if n := from - min(from, j.active().first); from >= j.active().first && n < uint64(len(j.offsets)) {
		v.start = int64(j.offsets[n])
	}
	if from == j.durable.index+1 {
		v.start = v.end
	}
	return v, nil
}

// read gives the entries of one segment, using room for its bytes if it is large
// enough.
func (v view) read(s segment, last bool, room []byte, fn func(Header, []byte) error) ([]byte, error) {
	start, end := int64(headerSize), s.size
	if last {
		start, end = v.start, v.end
	}
	if start == end {
		return room, nil
	}
	room, err := v.j.load(s, start, end, room)
	if err != nil {
		return room, err
	}
	w := walker{name: s.name(), base: start, b: room, at: s.before}
	if start > headerSize {
		w.trust = true
		w.at.index = v.from - 1
	}
	for w.next() {
		if w.f.kind != kindEntry || w.f.Index < v.from {
			continue
		}
		if err := fn(w.f.Header, w.f.payload); err != nil {
			return room, err
		}
	}
	return room, v.complete(&w, last)
}

// complete checks that the walk ended where the segment does.
func (v view) complete(w *walker, last bool) error {
	if w.err != nil {
		return w.err
	}
	if w.why != "" && !allZero(w.b[w.off:]) {
		return w.damage(w.why)
	}
	if (last && w.off != len(w.b)) || (!last && !w.ended) {
		return w.damage("the segment ends too early")
	}
	return nil
}

// load reads the bytes [start, end) of a segment.
func (j *Journal) load(s segment, start, end int64, room []byte) ([]byte, error) {
	f, err := j.fs.Open(j.path(s.name()), false)
	if err != nil {
		return room, fmt.Errorf("journal: open: %w", err)
	}
	defer f.Close()
	if int64(cap(room)) < end-start {
		room = make([]byte, end-start)
	}
	room = room[:end-start]
	if _, err := io.ReadFull(io.NewSectionReader(f, start, end-start), room); err != nil {
		return room, fmt.Errorf("journal: read %s: %w", s.name(), err)
	}
	return room, nil
}

// walker goes from frame to frame and checks that each follows.
type walker struct {
	name  string
	base  int64 // of b in the file
	b     []byte
	off   int // of the next frame in b
	at    place
	trust bool // take the first entry's link as given: the walk begins in the middle

	f     frame
	ended bool   // an end mark was met
	mark  bool   // the last frame was a mark
	why   string // the frame at off does not hold
	err   error  // damage that no crash can leave
}

// next steps over one frame. It returns false at the end, at a frame that does
// not hold (why) and at damage (err).
func (w *walker) next() bool {
	if w.ended || w.off == len(w.b) {
		return false
	}
	f, why := parseFrame(w.b[w.off:])
	if why != "" {
		w.why = why
		return false
	}
	if w.trust {
		w.at.hash, w.trust = f.Prev, false
	}
	if why := f.follows(w.at, w.b[w.off:]); why != "" {
		w.err = w.damage(why)
		return false
	}
	w.f = f
	w.off += f.size
	w.mark = f.kind != kindEntry
	w.ended = f.kind == kindEnd
	if f.kind == kindEntry {
		w.at = place{index: f.Index, term: f.Term, hash: f.Hash}
	}
	return true
}

// damage names the walker's place.
func (w *walker) damage(what string) error {
	return &DamageError{File: w.name, Offset: w.base + int64(w.off), Index: w.at.index + 1, What: what}
}
