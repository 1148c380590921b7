package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
)

// Limits of the format; FORMAT.md draws the bytes.
const (
	// MaxPayload is the largest payload of one entry, checked before anything is
	// allocated for it.
	MaxPayload = 4 << 20
	// SegmentBytes is the size of a segment file unless Options says otherwise.
	SegmentBytes = 16 << 20

	minSegment = headerSize + 16*frameSize
	maxSegment = 64 << 20

	version    = 1
	headerSize = 4096 // a segment's header has a disk block to itself
	frameSize  = 120  // an entry's or mark's header
	frameAlign = 8
	markRoom   = 2 * frameSize // kept free for a mark and the end mark
)

const (
	segmentMagic = "MLANGOJS"
	frameMagic   = "MLJF"
)

// Kinds of frame.
const (
	kindEntry uint16 = 1
	kindMark  uint16 = 2 // everything up to Index is durable
	kindEnd   uint16 = 3 // the same, and the next segment goes on
)

var tableCRC = crc32.MakeTable(crc32.Castagnoli)

// Header is what stands before an entry's payload.
type Header struct {
	Index  uint64
	Term   uint64
	TimeMS int64
	Prev   [32]byte // hash of the entry before
	Hash   [32]byte // over this header's fields and the payload
}

// place is a position in the chain: the last entry up to there.
type place struct {
	index uint64
	term  uint64
	hash  [32]byte
}

// frame is one entry or mark as it stands on disk.
type frame struct {
	Header
	kind    uint16
	durable uint64 // every entry up to this one was synced before this was written
	payload []byte // inside the segment's bytes
	size    int    // with header and padding
}

// frameBytes is what an entry with n bytes of payload takes.
func frameBytes(n int) int { return (frameSize + n + frameAlign - 1) &^ (frameAlign - 1) }

// genesis is the hash before the first entry: another cluster's chain does not
// fit from its first link on.
func genesis(cluster [16]byte) [32]byte {
	return sha256.Sum256(append([]byte("mlango/journal/1"), cluster[:]...))
}

// appendFrame writes f behind b and fills in f.Hash when it is an entry.
func appendFrame(b []byte, f *frame) []byte {
	start := len(b)
	b = append(b, make([]byte, frameSize)...)
	h := b[start:]
	copy(h, frameMagic)
	binary.LittleEndian.PutUint16(h[4:], version)
	binary.LittleEndian.PutUint16(h[6:], f.kind)
	binary.LittleEndian.PutUint32(h[8:], uint32(len(f.payload)))
	binary.LittleEndian.PutUint32(h[12:], crc32.Checksum(f.payload, tableCRC))
	binary.LittleEndian.PutUint64(h[16:], f.Index)
	binary.LittleEndian.PutUint64(h[24:], f.Term)
	binary.LittleEndian.PutUint64(h[32:], uint64(f.TimeMS))
	copy(h[40:], f.Prev[:])
	if f.kind == kindEntry {
		f.Hash = chainHash(h, f.payload)
		copy(h[72:], f.Hash[:])
	}
	binary.LittleEndian.PutUint64(h[104:], f.durable)
	binary.LittleEndian.PutUint32(h[116:], crc32.Checksum(h[:116], tableCRC))
	b = append(b, f.payload...)
	f.size = frameBytes(len(f.payload))
	return append(b, make([]byte, f.size-frameSize-len(f.payload))...)
}

// chainHash covers what every node must agree on: the header up to and with the
// hash before, and the payload. How a node grouped its writes is not in it.
func chainHash(head, payload []byte) [32]byte {
	h := sha256.New()
	h.Write(head[:72])
	h.Write(payload)
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}

// parseFrame reads the frame at the start of b. It believes no length before the
// header's checksum holds. An empty why means that the frame's checksums hold.
func parseFrame(b []byte) (f frame, why string) {
	if len(b) < frameSize {
		return f, "the segment ends inside a header"
	}
	if string(b[:4]) != frameMagic {
		return f, "no entry begins here"
	}
	if crc32.Checksum(b[:116], tableCRC) != binary.LittleEndian.Uint32(b[116:]) {
		return f, "the header's checksum does not hold"
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != version {
		return f, "written by another version"
	}
	n := binary.LittleEndian.Uint32(b[8:])
	if n > MaxPayload || frameBytes(int(n)) > len(b) {
		return f, "the length runs out of the segment"
	}
	f = decodeFrame(b)
	if crc32.Checksum(f.payload, tableCRC) != binary.LittleEndian.Uint32(b[12:]) {
		return f, "the payload's checksum does not hold"
	}
	if !allZero(b[112:116]) || !allZero(b[frameSize+int(n):f.size]) {
		return f, "the padding is not zero"
	}
	return f, ""
}

// decodeFrame reads a frame whose length is known to be within b.
func decodeFrame(b []byte) (f frame) {
	n := int(binary.LittleEndian.Uint32(b[8:]))
	f.size = frameBytes(n)
	f.payload = b[frameSize : frameSize+n]
	f.kind = binary.LittleEndian.Uint16(b[6:])
	f.Index = binary.LittleEndian.Uint64(b[16:])
	f.Term = binary.LittleEndian.Uint64(b[24:])
	f.TimeMS = int64(binary.LittleEndian.Uint64(b[32:]))
	f.Prev = [32]byte(b[40:72])
	f.Hash = [32]byte(b[72:104])
	f.durable = binary.LittleEndian.Uint64(b[104:])
	return f
}

// follows checks that a frame whose checksums hold is the one that belongs after
// at; why is empty if so. Nothing a crash can leave fails here.
func (f *frame) follows(at place, head []byte) (why string) {
	switch {
	case f.kind != kindEntry && f.kind != kindMark && f.kind != kindEnd:
		return "of a kind this version does not know"
	case f.Prev != at.hash:
		return "the chain is broken: the hash before is another"
	case f.kind == kindEntry && f.Index != at.index+1:
		return "the index does not follow"
	case f.kind == kindEntry && f.Term < at.term:
		return "the term went back"
	case f.kind == kindEntry && f.Hash != chainHash(head, f.payload):
		return "the chain is broken: the hash does not hold"
	case f.kind == kindEntry && f.durable >= f.Index:
		return "it says it was durable before it was written"
	case f.kind != kindEntry && !f.marks(at):
		return "a mark that does not belong here"
	}
	return ""
}

// marks tells whether f is a mark for the place at, and nothing but that.
func (f *frame) marks(at place) bool {
	return f.Index == at.index && f.durable == at.index && f.Term == at.term &&
		f.TimeMS == 0 && len(f.payload) == 0 && f.Hash == [32]byte{}
}

// allZero tells whether every byte is zero.
func allZero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
