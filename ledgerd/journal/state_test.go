package journal

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// house is a folder with a journal, seen as its files, to be changed by hand.
type house struct {
	t   *testing.T
	dir string
}

// stateCluster is whose journals the table's are.
var stateCluster = [16]byte{1, 2, 3}

func stateOptions() Options {
	o := small
	o.Cluster, o.Node = stateCluster, 4
	return o
}

// build writes entries in groups; without closing it leaves what a crash leaves.
func (h house) build(entries uint64, group int, closed bool) {
	j := open(h.t, h.dir, stateOptions())
	write(h.t, j, 1, entries, group)
	if closed {
		if err := j.Close(); err != nil {
			h.t.Fatal(err)
		}
		return
	}
	j.err = errors.New("the process is dead")
	_ = j.release()
}

func (h house) path(name string) string { return filepath.Join(h.dir, name) }

func (h house) segments() []string {
	names, err := filepath.Glob(h.path("*" + segmentSuffix))
	if err != nil {
		h.t.Fatal(err)
	}
	return names
}

// edit changes the bytes of a file.
func (h house) edit(path string, change func(b []byte) []byte) {
	b, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// frames are the offsets of the frames in a segment's bytes.
func frames(b []byte) (offs []int) {
	for off := headerSize; ; {
		f, why := parseFrame(b[off:])
		if why != "" {
			return append(offs, off) // the last is the end
		}
		offs = append(offs, off)
		off += f.size
	}
}

// inLast edits the last segment; offs are its frames, the end last.
func (h house) inLast(change func(b []byte, offs []int)) {
	all := h.segments()
	h.edit(all[len(all)-1], func(b []byte) []byte { change(b, frames(b)); return b })
}

// beforeLast gives the state in which segment n was born and its predecessor has
// not said its last word.
func (h house) beforeLast() {
	h.build(80, 1, false)
	all := h.segments()
	last := all[len(all)-1]
	h.edit(last, func(b []byte) []byte { clear(b[headerSize:]); return b })
	h.edit(all[len(all)-2], func(b []byte) []byte {
		offs := frames(b)
		clear(b[offs[len(offs)-2]:])
		return b
	})
}

// headOf is the index before the first entry of the last segment.
func (h house) headOf() uint64 {
	all := h.segments()
	b, err := os.ReadFile(all[len(all)-1])
	if err != nil {
		h.t.Fatal(err)
	}
	s, _ := parseSegment(b[:headerSize])
	return s.first - 1
}

func (h house) put(name string, b []byte) {
	if err := os.WriteFile(h.path(name), b, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// move renames a file; onto nothing removes it.
func (h house) move(from, to string) {
	do := func() error { return os.Remove(from) }
	if to != "" {
		do = func() error { return os.Rename(from, to) }
	}
	if err := do(); err != nil {
		h.t.Fatal(err)
	}
}

// chain is a journal with archives, a snapshot of entry 80 and a vote.
func (h house) chain() {
	if len(h.segments()) == 0 {
		h.build(80, 1, false)
	}
	h.snapshot(80, stateOptions())
}

// snapshot opens the journal, saves a state and a snapshot, and retires.
func (h house) snapshot(index uint64, o Options) {
	j := open(h.t, h.dir, o)
	err := errors.Join(j.SaveState(50, 1), j.SaveSnapshot(index, func(w io.Writer) error { _, err := w.Write(content(index, 100)); return err }),
		j.Retire(index), j.Close())
	if err != nil {
		h.t.Fatal(err)
	}
}

// intend writes the intent to cut, and does the first half of it.
func (h house) intend(after uint64) {
	j := open(h.t, h.dir, stateOptions())
	at, err := j.cutPlace(after)
	if err != nil {
		h.t.Fatal(err)
	}
	h.put(cutName, j.encodeCut(at))
	if err := j.Close(); err != nil {
		h.t.Fatal(err)
	}
	all := h.segments()
	h.move(all[len(all)-1], "")
}

func (h house) archives() []string {
	names, err := filepath.Glob(h.path(archiveDir + "/*" + archiveSuffix))
	if err != nil || len(names) < 3 {
		h.t.Fatal(names, err)
	}
	return names
}

func TestEveryStateOfTheTable(t *testing.T) {
	for _, s := range tableStates {
		t.Run(s.row, func(t *testing.T) {
			h := house{t, t.TempDir()}
			s.make(h)
			want := s.head
			if want == last {
				want = h.headOf()
			}
			before := h.bytes()
			h.readOnly(s.err, s.row)
			if after := h.bytes(); after != before {
				t.Error("opening for reading changed something")
			}
			o := stateOptions()
			o.Replay = &Replay{Load: func(_ Snapshot, r io.Reader) error { return nil }, Entry: func(Header, []byte) error { return nil }}
			j, err := Open(h.dir, o)
			if s.err != nil {
				if !errors.Is(err, s.err) || !strings.Contains(err.Error(), s.at) {
					t.Fatalf("got %v, want %v (%s)", err, s.err, s.at)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			expect(t, j, 1, want)
			if refused := len(j.Recovered().Refused) > 0; refused != (s.row == "AD") {
				t.Errorf("refused: %v", j.Recovered())
			}
			if cut := j.Recovered().Cut > 0; cut != s.cut {
				t.Errorf("cut: %v, want %v", j.Recovered(), s.cut)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			h.again(open(t, h.dir, stateOptions()), want)
		})
	}
}

// again finds nothing to mend any more, and goes on.
func (h house) again(j *Journal, head uint64) {
	expect(h.t, j, 1, head)
	if j.Recovered().Cut != 0 {
		h.t.Error("cut again")
	}
	write(h.t, j, head+1, head+60, 2)
	if err := j.Close(); err != nil {
		h.t.Fatal(err)
	}
	j = open(h.t, h.dir, stateOptions())
	expect(h.t, j, 1, head+60)
	if j.Recovered().Cut != 0 {
		h.t.Error("cut again")
	}
	names, err := osFS{}.ReadDir(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(n, tmpSuffix) }); i >= 0 {
		h.t.Errorf("%s is left over", names[i])
	}
}

func (h house) readOnly(want error, row string) {
	o := stateOptions()
	o.ReadOnly, o.Replay = true, &Replay{Load: func(Snapshot, io.Reader) error { return nil }, Entry: func(Header, []byte) error { return nil }}
	j, err := Open(h.dir, o)
	if err != nil {
		if want == nil && !errors.Is(err, ErrMissing) && row != "Z" {
			h.t.Errorf("open for reading: %v", err)
		}
		return
	}
	if _, err := j.Append(nil, 1, 1); !errors.Is(err, ErrReadOnly) {
		h.t.Error(err)
	}
	if err := j.Read(1, func(Header, []byte) error { return nil }); err != nil {
		h.t.Error(err)
	}
	if err := j.Close(); err != nil {
		h.t.Error(err)
	}
}

// bytes is everything in the folder but the lock.
func (h house) bytes() string {
	var all strings.Builder
	names, _ := osFS{}.ReadDir(h.dir)
	for _, name := range names {
		if name == lockName {
			continue
		}
		if name == archiveDir {
			all.WriteString(house{h.t, h.path(name)}.bytes())
		} else {
			b, _ := os.ReadFile(h.path(name))
			all.WriteString(name)
			all.Write(b)
		}
	}
	return all.String()
}

var patternRow = regexp.MustCompile(`(?m)^\| \*\*([A-Z]+)\*\* `)

func TestTheTableIsTheOneOfTheFormat(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, m := range patternRow.FindAllStringSubmatch(string(text), -1) {
		written = append(written, m[1])
	}
	var tested []string
	for _, s := range tableStates {
		tested = append(tested, s.row)
	}
	if tested = slices.Compact(tested); !slices.Equal(written, tested) {
		t.Errorf("FORMAT.md has rows %v, tested are %v", written, tested)
	}
}

// TestWhatAStartFoundIsPromised: a start that keeps a group of unknown end says
// so on disk before anyone is answered from it.
func TestWhatAStartFoundIsPromised(t *testing.T) {
	h := house{t, t.TempDir()}
	h.build(8, 4, false)
	j := open(t, h.dir, stateOptions())
	j.err = errors.New("the process is dead")
	_ = j.release()
	h.inLast(func(b []byte, offs []int) { b[offs[7]+20] ^= 1 })
	if _, err := Open(h.dir, stateOptions()); !errors.Is(err, ErrDamaged) {
		t.Errorf("an entry that was promised is cut: %v", err)
	}
}

func TestAcceptingAFailedRun(t *testing.T) {
	h := house{t, t.TempDir()}
	h.build(10, 1, false)
	h.put(failedName, []byte("sync: input/output error"))
	o := stateOptions()
	o.AcceptFailed = true
	j := open(t, h.dir, o)
	expect(t, j, 1, 10)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, h.dir, stateOptions()) // asked only once
}
