package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
)

// Names in a journal's folder.
const (
	segmentSuffix = ".seg"
	tmpSuffix     = ".tmp"
	nextName      = "next" + tmpSuffix
	lockName      = "LOCK"
	identityName  = "JOURNAL" // a journal lives here, and whose
	failedName    = "FAILED"  // the last run ended on a failed write
	voteName      = "VOTE"    // term, vote and commit mark
	cutName       = "CUT"     // entries are being taken back
	copyingName   = "COPYING" // a backup or restore into this folder has not ended
	backupName    = "BACKUP"  // this folder is a backup
	archiveDir    = "archive"
	archiveSuffix = ".arc"
	snapSuffix    = ".snap"
	spareName     = "spare-%020d" + tmpSuffix
)

// segment is the header of a segment file.
type segment struct {
	size    int64
	cluster [16]byte
	node    uint64
	number  uint64 // from 1
	first   uint64 // index of its first entry
	before  place  // the end of the segment before

	offsets []uint32 // where each of its entries begins, once it was read; not in the file
}

// name is the file's name: the index of its first entry.
func (s segment) name() string { return fmt.Sprintf("%020d%s", s.first, segmentSuffix) }

// encode is the header's block.
func (s segment) encode() []byte {
	b := make([]byte, headerSize)
	copy(b, segmentMagic)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint32(b[12:], headerSize)
	binary.LittleEndian.PutUint64(b[16:], uint64(s.size))
	copy(b[24:], s.cluster[:])
	binary.LittleEndian.PutUint64(b[40:], s.node)
	binary.LittleEndian.PutUint64(b[48:], s.number)
	binary.LittleEndian.PutUint64(b[56:], s.first)
	copy(b[64:], s.before.hash[:])
	binary.LittleEndian.PutUint64(b[96:], s.before.term)
	binary.LittleEndian.PutUint32(b[headerSize-4:], crc32.Checksum(b[:headerSize-4], tableCRC))
	return b
}

// parseSegment reads a header's block; why says what is wrong with it.
func parseSegment(b []byte) (s segment, why string) {
	if len(b) != headerSize || string(b[:8]) != segmentMagic {
		return s, "not a segment of a journal"
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return s, fmt.Sprintf("written by version %d, this is version %d", v, version)
	}
	if crc32.Checksum(b[:headerSize-4], tableCRC) != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return s, "the segment header's checksum does not hold"
	}
	s = segment{
		size:    int64(binary.LittleEndian.Uint64(b[16:])),
		cluster: [16]byte(b[24:40]),
		node:    binary.LittleEndian.Uint64(b[40:]),
		number:  binary.LittleEndian.Uint64(b[48:]),
		first:   binary.LittleEndian.Uint64(b[56:]),
	}
	s.before = place{index: s.first - 1, term: binary.LittleEndian.Uint64(b[96:]), hash: [32]byte(b[64:96])}
	if s.size < minSegment || s.size > maxSegment || s.first == 0 {
		return s, "the segment header's figures are out of bounds"
	}
	return s, ""
}

// encodeIdentity is the content of the identity file.
func encodeIdentity(cluster [16]byte, node uint64) []byte {
	b := make([]byte, 0, 40)
	b = append(b, segmentMagic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(b, cluster[:]...)
	b = binary.LittleEndian.AppendUint64(b, node)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, tableCRC))
}

// parseIdentity reads what encodeIdentity wrote.
func parseIdentity(b []byte) (cluster [16]byte, node uint64, ok bool) {
	if len(b) != 40 || string(b[:8]) != segmentMagic ||
		crc32.Checksum(b[:36], tableCRC) != binary.LittleEndian.Uint32(b[36:]) {
		return cluster, 0, false
	}
	return [16]byte(b[12:28]), binary.LittleEndian.Uint64(b[28:]), true
}

// isSegment tells a segment's file by its name.
func isSegment(name string) bool {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	return ok && len(digits) == 20 && strings.Trim(digits, "0123456789") == ""
}
