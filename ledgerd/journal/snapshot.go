package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

const (
	snapMagic   = "MLANGOSN"
	snapHeader  = 128
	snapBlock   = 256 << 10 // content between two checksums
	snapTrailer = 48
)

// Snapshot says as of which entry something was written down.
type Snapshot struct {
	Index uint64
	Term  uint64
	Hash  [32]byte // the entry's
}

// name is the file's name.
func (s Snapshot) name() string { return fmt.Sprintf("%020d%s", s.Index, snapSuffix) }

// encode is the file's header.
func (s Snapshot) encode(cluster [16]byte, node uint64) []byte {
	b := make([]byte, snapHeader)
	copy(b, snapMagic)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint32(b[12:], snapBlock)
	copy(b[16:], cluster[:])
	binary.LittleEndian.PutUint64(b[32:], node)
	binary.LittleEndian.PutUint64(b[40:], s.Index)
	binary.LittleEndian.PutUint64(b[48:], s.Term)
	copy(b[56:], s.Hash[:])
	binary.LittleEndian.PutUint32(b[snapHeader-4:], crc32.Checksum(b[:snapHeader-4], tableCRC))
	return b
}

// parseSnapshot reads a header; why says what is wrong with it.
func parseSnapshot(b []byte) (s Snapshot, cluster [16]byte, node uint64, why string) {
	switch {
	case len(b) != snapHeader || string(b[:8]) != snapMagic:
		why = "not a snapshot"
	case binary.LittleEndian.Uint32(b[8:]) != version || binary.LittleEndian.Uint32(b[12:]) != snapBlock:
		why = "written by another version"
	case crc32.Checksum(b[:snapHeader-4], tableCRC) != binary.LittleEndian.Uint32(b[snapHeader-4:]):
		why = "the header's checksum does not hold"
	}
	if why != "" {
		return s, cluster, 0, why
	}
	s = Snapshot{Index: binary.LittleEndian.Uint64(b[40:]), Term: binary.LittleEndian.Uint64(b[48:]), Hash: [32]byte(b[56:88])}
	return s, [16]byte(b[16:32]), binary.LittleEndian.Uint64(b[32:]), ""
}

// blockSum is the checksum of a block, or of the trailer behind its length.
func blockSum(number uint64, length, content []byte) uint32 {
	sum := crc32.Update(0, tableCRC, binary.LittleEndian.AppendUint64(nil, number))
	return crc32.Update(crc32.Update(sum, tableCRC, length), tableCRC, content)
}

// snapWriter cuts what is written into blocks.
type snapWriter struct {
	file   File
	off    int64
	number uint64
	bytes  uint64
	sum    hash.Hash
	block  []byte       // head and content
	ready  func() error // asked before each block
}

func newSnapWriter(f File, header []byte, ready func() error) (*snapWriter, error) {
	w := &snapWriter{file: f, off: snapHeader, sum: sha256.New(), block: make([]byte, 8), ready: ready}
	w.sum.Write(header)
	_, err := f.WriteAt(header, 0)
	return w, err
}

// Write takes the next bytes of the content.
func (w *snapWriter) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		n := min(len(rest), 8+snapBlock-len(w.block))
		w.block = append(w.block, rest[:n]...)
		rest = rest[n:]
		if len(w.block) < 8+snapBlock {
			break
		}
		if err := w.flush(); err != nil {
			return len(b) - len(rest), err
		}
	}
	return len(b), nil
}

// flush writes the block.
func (w *snapWriter) flush() error {
	content := w.block[8:]
	if len(content) == 0 {
		return nil
	}
	if err := w.ready(); err != nil {
		return err
	}
	w.sum.Write(content)
	w.bytes += uint64(len(content))
	binary.LittleEndian.PutUint32(w.block, uint32(len(content)))
	binary.LittleEndian.PutUint32(w.block[4:], blockSum(w.number, w.block[:4], content))
	if _, err := w.file.WriteAt(w.block, w.off); err != nil {
		return err
	}
	w.off += int64(len(w.block))
	w.number++
	w.block = w.block[:8]
	if w.number%(syncPiece/snapBlock) == 0 {
		return w.file.Sync()
	}
	return nil
}

// end writes the last block and the trailer, and syncs.
func (w *snapWriter) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	b := make([]byte, snapTrailer)
	binary.LittleEndian.PutUint64(b[8:], w.bytes)
	w.sum.Sum(b[:16])
	binary.LittleEndian.PutUint32(b[4:], blockSum(w.number, b[:4], b[8:]))
	if _, err := w.file.WriteAt(b, w.off); err != nil {
		return err
	}
	return w.file.Sync()
}

// snapReader gives the content back, a block at a time, each after its checksum.
type snapReader struct {
	name   string
	file   io.Reader
	off    int64
	index  uint64
	number uint64
	bytes  uint64
	sum    hash.Hash
	block  []byte // the rest of the block
	room   []byte
	err    error
}

// openSnapshot reads and checks the header.
func (j *Journal) openSnapshot(name string, f File) (s Snapshot, r *snapReader, err error) {
	r = &snapReader{name: name, file: io.NewSectionReader(f, 0, 1<<62), sum: sha256.New()}
	header := make([]byte, snapHeader)
	if _, err := io.ReadFull(r.file, header); err != nil {
		return s, nil, r.damage("the file ends inside the header", err)
	}
	s, cluster, node, why := parseSnapshot(header)
	if why == "" && s.name() != name {
		why = "the file was renamed: it is " + s.name()
	}
	if why != "" {
		return s, nil, r.damage(why, nil)
	}
	if err := j.belong(name, cluster, node); err != nil {
		return s, nil, err
	}
	r.off, r.index = snapHeader, s.Index
	r.sum.Write(header)
	return s, r, nil
}

// Read gives the next bytes of the content.
func (r *snapReader) Read(b []byte) (int, error) {
	if len(r.block) == 0 && r.err == nil {
		r.err = r.next()
	}
	if len(r.block) == 0 {
		return 0, r.err
	}
	n := copy(b, r.block)
	r.block = r.block[n:]
	return n, nil
}

// next reads a block, or the trailer: then the end is io.EOF.
func (r *snapReader) next() error {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r.file, head); err != nil {
		return r.damage("the snapshot ends too early", err)
	}
	n := binary.LittleEndian.Uint32(head)
	if n == 0 {
		return r.trailer(head)
	}
	if n > snapBlock || r.bytes != r.number*snapBlock { // only the last may be short
		return r.damage("the block's length is out of bounds", nil)
	}
	r.room = slices.Grow(r.room[:0], int(n))
	content := r.room[:n]
	if _, err := io.ReadFull(r.file, content); err != nil {
		return r.damage("the snapshot ends too early", err)
	}
	if blockSum(r.number, head[:4], content) != binary.LittleEndian.Uint32(head[4:]) {
		return r.damage("the block's checksum does not hold", nil)
	}
	r.sum.Write(content)
	r.bytes += uint64(n)
	r.off += 8 + int64(n)
	r.number++
	r.block = content
	return nil
}

func (r *snapReader) trailer(head []byte) error {
	rest := make([]byte, snapTrailer-8)
	if _, err := io.ReadFull(r.file, rest); err != nil {
		return r.damage("the snapshot ends too early", err)
	}
	switch {
	case blockSum(r.number, head[:4], rest) != binary.LittleEndian.Uint32(head[4:]):
		return r.damage("the trailer's checksum does not hold", nil)
	case binary.LittleEndian.Uint64(rest) != r.bytes:
		return r.damage("blocks are missing", nil)
	case string(r.sum.Sum(nil)) != string(rest[8:]):
		return r.damage("the content's hash does not hold", nil)
	}
	if n, _ := io.ReadFull(r.file, make([]byte, 1)); n != 0 {
		return r.damage("bytes behind the end of the snapshot", nil)
	}
	return io.EOF
}

// damage names the reader's place.
func (r *snapReader) damage(what string, cause error) error {
	d := &DamageError{File: r.name, Offset: r.off, Index: r.index, What: what}
	if cause == nil || errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		return d
	}
	return errors.Join(d, cause)
}
