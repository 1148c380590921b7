package journal

// walker goes from frame to frame and checks that each follows.
type walker struct {
	name  string
	base  int64 // of b in the file
	b     []byte
	off   int // of the next frame in b
	at    place
	trust bool // take the first entry's link as given: the walk begins in the middle
	sure  bool // everything was checked in an earlier walk

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
	if w.sure {
		w.f = decodeFrame(w.b[w.off:])
	} else if !w.check() {
		return false
	}
	f := &w.f
	w.off += f.size
	w.mark = f.kind != kindEntry
	w.ended = f.kind == kindEnd
	if f.kind == kindEntry {
		w.at = place{index: f.Index, term: f.Term, hash: f.Hash}
	}
	return true
}

// check takes the frame at off if it holds and follows.
func (w *walker) check() bool {
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
	return true
}

// damage names the walker's place.
func (w *walker) damage(what string) error {
	return &DamageError{File: w.name, Offset: w.base + int64(w.off), Index: w.at.index + 1, What: what}
}
