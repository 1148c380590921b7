package table

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// A written table is a head and pages:
//
//	head  magic "mlt1" · kind u32 · layout u64 · count u64 · extra u64 · CRC u32 · 0 u32
//	page  length u32 · CRC u32 · bytes
//
// all little-endian; a CRC (Castagnoli) covers what stands before it in a head,
// and the length and the bytes of a page.

const (
	headBytes = 40
	magic     = "mlt1"
)

// kind is which table a head begins. Its number is written: never reuse one.
type kind uint32

const (
	kindPages kind = 1 + iota
	kindIndex
	kindIDs
	kindLog
	kindLine
	kindBlob
)

var tableCRC = crc32.MakeTable(crc32.Castagnoli)

type head struct {
	kind         kind
	layout       uint64
	count, extra uint64
}

func (h head) write(w io.Writer) error {
	b := make([]byte, 0, headBytes)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.kind))
	b = binary.LittleEndian.AppendUint64(b, h.layout)
	b = binary.LittleEndian.AppendUint64(b, h.count)
	b = binary.LittleEndian.AppendUint64(b, h.extra)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, tableCRC))
	b = binary.LittleEndian.AppendUint32(b, 0)
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("table: write head: %w", err)
	}
	return nil
}

// readHead reads the head of a table of a kind and layout.
func readHead(r io.Reader, k kind, layout uint64) (head, error) {
	var b [headBytes]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return head{}, fmt.Errorf("table: read head: %w", err)
	}
	h := head{
		kind:   kind(binary.LittleEndian.Uint32(b[4:])),
		layout: binary.LittleEndian.Uint64(b[8:]),
		count:  binary.LittleEndian.Uint64(b[16:]),
		extra:  binary.LittleEndian.Uint64(b[24:]),
	}
	switch {
	case string(b[:4]) != magic, binary.LittleEndian.Uint32(b[32:]) != crc32.Checksum(b[:32], tableCRC), [4]byte(b[36:]) != [4]byte{}:
		return head{}, damaged("the head of a table")
	case h.kind != k:
		return head{}, fmt.Errorf("%w: kind %d where %d should stand", ErrForeign, h.kind, k)
	case h.layout != layout:
		return head{}, fmt.Errorf("%w: layout %016x, ours is %016x", ErrForeign, h.layout, layout)
	}
	return h, nil
}

func pageCRC(length uint32, b []byte) uint32 {
	var n [4]byte
	binary.LittleEndian.PutUint32(n[:], length)
	return crc32.Update(crc32.Checksum(n[:], tableCRC), tableCRC, b)
}

func writePage(w io.Writer, b []byte) error {
	var pre [8]byte
	binary.LittleEndian.PutUint32(pre[:], uint32(len(b)))
	binary.LittleEndian.PutUint32(pre[4:], pageCRC(uint32(len(b)), b))
	if _, err := w.Write(pre[:]); err != nil {
		return fmt.Errorf("table: write page: %w", err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("table: write page: %w", err)
	}
	return nil
}

// readPage fills into with a page that must be just as long.
func readPage(r io.Reader, into []byte) error {
	var pre [8]byte
	if _, err := io.ReadFull(r, pre[:]); err != nil {
		return fmt.Errorf("table: read page: %w", err)
	}
	length := binary.LittleEndian.Uint32(pre[:])
	if uint64(length) != uint64(len(into)) {
		return damaged("a page of %d bytes where %d should stand", length, len(into))
	}
	if _, err := io.ReadFull(r, into); err != nil {
		return fmt.Errorf("table: read page: %w", err)
	}
	if binary.LittleEndian.Uint32(pre[4:]) != pageCRC(length, into) {
		return damaged("a page's CRC")
	}
	return nil
}

// WriteBlob writes bytes of the caller's making between tables.
func WriteBlob(w io.Writer, b []byte) error {
	if err := (head{kind: kindBlob, count: uint64(len(b))}).write(w); err != nil {
		return err
	}
	return writePage(w, b)
}

// ReadBlob reads what WriteBlob wrote.
func ReadBlob(r io.Reader) ([]byte, error) {
	h, err := readHead(r, kindBlob, 0)
	if err != nil {
		return nil, err
	}
	if h.count > maxBlob {
		return nil, damaged("a blob of %d bytes", h.count)
	}
	b := make([]byte, h.count)
	return b, readPage(r, b)
}
