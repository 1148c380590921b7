package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	archiveMagic  = "MLANGOAR"
	archiveHeader = 192
	packWindow    = 512 << 10 // how far back the compressor looks; farther takes twice the time and saves nothing
)

// archived is a retired segment as its file's name tells it. Where it stands in
// the list is its number.
type archived struct{ first, last uint64 }

// name is the file's name in the archive's folder.
func (a archived) name() string {
	return fmt.Sprintf("%020d-%020d%s", a.first, a.last, archiveSuffix)
}

// parseArchived reads a file's name.
func parseArchived(name string) (a archived, ok bool) {
	stem, ok := strings.CutSuffix(name, archiveSuffix)
	if !ok || len(stem) != 41 || stem[20] != '-' {
		return a, false
	}
	var ferr, lerr error
	a.first, ferr = strconv.ParseUint(stem[:20], 10, 64)
	a.last, lerr = strconv.ParseUint(stem[21:], 10, 64)
	return a, ferr == nil && lerr == nil && a.first > 0 && a.first <= a.last
}

// packed is an archive's header.
type packed struct {
	segment
	end     place  // its last entry
	bytes   uint64 // packed
	raw     uint64
	sum     uint32 // of the packed bytes
	content []byte // packed, behind the header
}

// encode is the header's bytes.
func (p packed) encode() []byte {
	b := make([]byte, archiveHeader)
	copy(b, archiveMagic)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint32(b[12:], p.sum)
	for off, n := range map[int]uint64{16: p.bytes, 24: p.raw, 48: p.node, 56: p.number, 64: p.first,
		72: p.end.index, 112: p.before.term, 152: p.end.term, 160: uint64(p.size)} {
		binary.LittleEndian.PutUint64(b[off:], n)
	}
	copy(b[32:], p.cluster[:])
	copy(b[80:], p.before.hash[:])
	copy(b[120:], p.end.hash[:])
	binary.LittleEndian.PutUint32(b[archiveHeader-4:], crc32.Checksum(b[:archiveHeader-4], tableCRC))
	return b
}

// parsePacked reads a header; why says what is wrong with it.
func parsePacked(b []byte) (p packed, why string) {
	if len(b) < archiveHeader || string(b[:8]) != archiveMagic {
		return p, "not an archived segment"
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return p, fmt.Sprintf("written by version %d, this is version %d", v, version)
	}
	if crc32.Checksum(b[:archiveHeader-4], tableCRC) != binary.LittleEndian.Uint32(b[archiveHeader-4:]) {
		return p, "the archive header's checksum does not hold"
	}
	u := func(off int) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
	p.sum, p.bytes, p.raw = binary.LittleEndian.Uint32(b[12:]), u(16), u(24)
	p.cluster, p.node, p.number, p.first, p.size = [16]byte(b[32:48]), u(48), u(56), u(64), int64(u(160))
	p.before = place{index: p.first - 1, term: u(112), hash: [32]byte(b[80:112])}
	p.end = place{index: u(72), term: u(152), hash: [32]byte(b[120:152])}
	if p.raw > maxSegment || p.size > maxSegment || int64(p.raw) > p.size-headerSize || p.first == 0 || p.end.index < p.first {
		return p, "the archive header's figures are out of bounds"
	}
	return p, ""
}

// pack compresses a closed segment's frames. It is quick about it: the cores belong
// to the writer, who has them back after every piece.
func (j *Journal) pack(s segment, end place, frames []byte) ([]byte, error) {
	window := min(max(1<<bits.Len(uint(len(frames))), zstd.MinWindowSize), packWindow)
	out := bytes.NewBuffer(make([]byte, archiveHeader, archiveHeader+len(frames)/2))
	enc, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(window))
	if err != nil {
		return nil, fmt.Errorf("journal: compress: %w", err)
	}
	for piece := range slices.Chunk(frames, restEvery) {
		if _, err := enc.Write(piece); err != nil {
			return nil, fmt.Errorf("journal: compress: %w", err)
		}
		j.rest()
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("journal: compress: %w", err)
	}
	b := out.Bytes()
	body := b[archiveHeader:]
	p := packed{segment: s, end: end, bytes: uint64(len(body)), raw: uint64(len(frames)), sum: crc32.Checksum(body, tableCRC)}
	copy(b, p.encode())
	return b, nil
}

// unpack gives the frames; it believes no length before a checksum holds.
func (p packed) unpack(room []byte) (frames []byte, why string) {
	if uint64(len(p.content)) != p.bytes {
		return nil, fmt.Sprintf("%d packed bytes, the header says %d", len(p.content), p.bytes)
	}
	if crc32.Checksum(p.content, tableCRC) != p.sum {
		return nil, "the checksum of the packed bytes does not hold"
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(max(p.raw, 1<<20)))
	if err != nil {
		return nil, "cannot be unpacked: " + err.Error()
	}
	defer dec.Close()
	if frames, err = dec.DecodeAll(p.content, room[:0]); err != nil {
		return nil, "cannot be unpacked: " + err.Error()
	}
	if uint64(len(frames)) != p.raw {
		return nil, fmt.Sprintf("%d bytes unpacked, the header says %d", len(frames), p.raw)
	}
	return frames, ""
}

// archivePath is where an archive stands.
func (j *Journal) archivePath(name string) string { return filepath.Join(j.dir, archiveDir, name) }

// archiveFile reads an archive and checks what is outside its frames.
func (j *Journal) archiveFile(a archived, number uint64) (packed, error) {
	b, err := readWhole(j.fs, j.archivePath(a.name()), archiveHeader+maxSegment+maxSegment/16)
	if err != nil {
		return packed{}, fmt.Errorf("journal: read archive: %w", err)
	}
	p, why := parsePacked(b)
	if why == "" && (p.first != a.first || p.end.index != a.last) {
		why = fmt.Sprintf("the file was renamed: it holds entries %d to %d", p.first, p.end.index)
	}
	if why == "" && p.number != number {
		why = fmt.Sprintf("it is of segment %d, and %d stands here", p.number, number)
	}
	if why != "" {
		return p, a.damage(0, a.first, why)
	}
	p.content = b[archiveHeader:]
	return p, j.belong(a.name(), p.cluster, p.node)
}

// damage names a place in an archive.
func (a archived) damage(off int64, index uint64, why string) error {
	return &DamageError{File: filepath.Join(archiveDir, a.name()), Offset: off, Index: index,
		What: fmt.Sprintf("%s (it holds entries %d to %d)", why, a.first, a.last)}
}

// archiveCheck is one archive read, unpacked and walked through.
type archiveCheck struct {
	packed
	archived
	frames []byte
	err    error
}

// checkArchive reads an archive into a room. Nothing of it is given before all of it
// holds.
func (j *Journal) checkArchive(a archived, room *[]byte) archiveCheck {
	c := archiveCheck{archived: a}
	if c.packed, c.err = j.archiveFile(a, j.archiveNumber(a)); c.err != nil {
		return c
	}
	var why string
	if *room, why = c.unpack(*room); why != "" {
		c.err = a.damage(archiveHeader, a.first, why)
		return c
	}
	c.frames = *room
	if c.err = c.check(a, c.frames); c.err == nil {
		c.err = j.loaded.meets(c.before)
	}
	return c
}

// archive gives the entries of a retired segment.
func (v *view) archive(c archiveCheck, fn func(Header, []byte) error) error {
	if c.err != nil {
		return c.err
	}
	if v.read && v.at != c.before {
		return c.damage(0, c.archived.first, "it does not continue the chain")
	}
	v.read = false // it was compared above
	w := walker{name: c.archived.name(), base: headerSize, b: c.frames, at: c.before, sure: true}
	return v.walk(&w, fn)
}

// allArchives gives the entries of those in view, each read while the one before is used.
func (v *view) allArchives(fn func(Header, []byte) error) error {
	return inTurn(len(v.archives), func(i int, room *[]byte) archiveCheck { return v.j.checkArchive(v.archives[i], room) },
		func(_ int, c archiveCheck) error { return v.archive(c, fn) })
}

// check walks through unpacked frames: they are the whole segment.
func (p packed) check(a archived, frames []byte) error {
	w := walker{name: a.name(), base: headerSize, b: frames, at: p.before}
	for w.next() {
	}
	switch {
	case w.err != nil:
		var d *DamageError
		errors.As(w.err, &d)
		return a.damage(d.Offset, d.Index, d.What)
	case w.why != "" || !w.ended || w.off != len(frames):
		return a.damage(w.base+int64(w.off), w.at.index+1, "the segment ends too early: "+w.why)
	case w.at != p.end:
		return a.damage(w.base+int64(w.off), w.at.index, "it ends on another entry than its header says")
	}
	return nil
}

// archiveOf is where in the list the archive of an entry stands; j.mu is held.
func (j *Journal) archiveOf(index uint64) int {
	i, _ := slices.BinarySearchFunc(j.archives, index, func(a archived, index uint64) int {
		if a.last < index {
			return -1
		}
		return 1
	})
	return i
}

// archiveNumber is the number of the segment that was retired.
func (j *Journal) archiveNumber(a archived) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return uint64(j.archiveOf(a.last)) + 1
}

// retired is the archive of a segment that a reader no longer found.
func (j *Journal) retired(s segment) (archived, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.archiveOf(s.first)
	if i == len(j.archives) || j.archives[i].first != s.first {
		return archived{}, false
	}
	return j.archives[i], true
}
