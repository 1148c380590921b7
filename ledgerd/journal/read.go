package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// Read gives every durable entry from index from on to fn, in order, until fn
// returns an error, which Read returns. What is in the archive comes from there.
// Everything is checked on the way: a *DamageError says where it is not what was
// written. The payload is fn's for the length of the call. From zero means from
// the first.
func (j *Journal) Read(from uint64, fn func(h Header, payload []byte) error) error {
	v, err := j.look(max(from, 1), false)
	if err != nil {
		return err
	}
	return v.give(fn)
}

// view is what one reading gets to see: the journal as it was at one moment.
type view struct {
	j        *Journal
	from     uint64
	before   uint64 // what is read may end before this entry; zero: nowhere
	archives []archived
	segments []segment
	head     uint64 // the last durable entry
	end      int64  // of what is durable in the last segment
	tail     []byte // what is appended behind that and not yet durable
	cuts     uint64 // how often entries had been taken back
	at       place  // the end of what was read so far
	read     bool   // something was
	room     []byte
}

// look takes a view from an entry on.
func (j *Journal) look(from uint64, withTail bool) (*view, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return nil, j.err
	}
	head := j.durable.index
	if withTail {
		head = j.last.index
	}
	if from > head+1 {
		return nil, fmt.Errorf("%w: %d, the head is %d", ErrBeyond, from, head)
	}
	v := &view{j: j, from: from, segments: slices.Clone(j.segments), head: j.durable.index, end: j.written, cuts: j.cuts}
	if from < j.segments[0].first {
		v.archives = j.archives[j.archiveOf(from):len(j.archives):len(j.archives)]
	}
	if withTail {
		v.tail = append(append(v.tail, j.writing...), j.pending...)
	}
	return v, nil
}

// give reads what is in view. If entries were taken back meanwhile, what looks like
// damage may be only that.
func (v *view) give(fn func(Header, []byte) error) error {
	var mine error
	err := v.all(func(h Header, payload []byte) error {
		mine = fn(h, payload)
		return mine
	})
	if err == nil || mine != nil {
		return err
	}
	v.j.mu.Lock()
	defer v.j.mu.Unlock()
	if v.cuts != v.j.cuts {
		return fmt.Errorf("%w: entries were taken back while they were read", ErrBeyond)
	}
	return err
}

// all reads what is in view.
func (v *view) all(fn func(Header, []byte) error) error {
	if err := v.allArchives(fn); err != nil {
		return err
	}
	for i, s := range v.segments {
		last := i == len(v.segments)-1
		if !last && v.segments[i+1].first <= v.from {
			continue
		}
		if v.before != 0 && s.first >= v.before {
			return nil
		}
		err := v.segment(s, last, fn)
		if errors.Is(err, fs.ErrNotExist) {
			err = v.moved(s, err, fn)
		}
		if err != nil {
			return err
		}
	}
	return v.pending(fn)
}

// moved gives the entries of a segment that was retired since the view was taken,
// as far as they are in view.
func (v *view) moved(s segment, gone error, fn func(Header, []byte) error) error {
	a, ok := v.j.retired(s)
	if !ok {
		return gone
	}
	err := v.archive(v.j.checkArchive(a, &v.room), func(h Header, payload []byte) error {
		if h.Index > v.head {
			return errPast
		}
		return fn(h, payload)
	})
	if err == errPast {
		return nil
	}
	return err
}

// segment gives the entries of one segment.
func (v *view) segment(s segment, last bool, fn func(Header, []byte) error) error {
	start, end, whole := v.window(s, last)
	if start == end {
		return nil
	}
	var err error
	if v.room, err = v.j.load(s, start, end, v.room); err != nil {
		return err
	}
	w := walker{name: s.name(), base: start, b: v.room, at: s.before}
	if start > headerSize {
		w.trust = true
		w.at.index = v.from - 1
	}
	if err := v.walk(&w, fn); err != nil {
		return err
	}
	if w.why != "" && !allZero(w.b[w.off:]) {
		return w.damage(w.why)
	}
	if (!whole && w.off != len(w.b)) || (whole && !w.ended) {
		return w.damage("the segment ends too early")
	}
	return nil
}

// window is what of a segment has to be read; whole: to its end mark.
func (v *view) window(s segment, last bool) (start, end int64, whole bool) {
	start, end = headerSize, s.size
	if last {
		end = v.end
	}
	at := func(index uint64, none int64) int64 {
		if n := index - s.first; n < uint64(len(s.offsets)) {
			return min(int64(s.offsets[n]), end)
		}
		return none
	}
	if v.from > s.first {
		none := start
		if last && len(s.offsets) > 0 {
			none = end // behind the last
		}
		start = at(v.from, none)
	}
	stop := end
	if v.before > s.first {
		stop = at(v.before, end)
	}
	return start, stop, !last && stop == end
}

// walk gives the entries of one stretch of the chain, which must go on where the
// one before ended.
func (v *view) walk(w *walker, fn func(Header, []byte) error) error {
	if v.read && !w.trust && v.at != w.at {
		return w.damage("it does not continue the chain")
	}
	for w.next() {
		if w.f.kind != kindEntry || w.f.Index < v.from {
			continue
		}
		if err := fn(w.f.Header, w.f.payload); err != nil {
			return err
		}
	}
	v.at, v.read = w.at, true
	return w.err
}

// pending gives what is appended and not durable.
func (v *view) pending(fn func(Header, []byte) error) error {
	if len(v.tail) == 0 {
		return nil
	}
	first, why := parseFrame(v.tail)
	if why != "" {
		return errors.New("journal: what is appended does not hold: " + why)
	}
	w := walker{name: "memory", b: v.tail, trust: true}
	w.at.index = first.Index - 1
	v.read = false
	return v.walk(&w, fn)
}

// load reads the bytes [start, end) of a segment.
func (j *Journal) load(s segment, start, end int64, room []byte) ([]byte, error) {
	j.files.RLock() // a file that is open is not taken for something else
	defer j.files.RUnlock()
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
