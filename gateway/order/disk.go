package order

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"mlango/internal/disk"
)

// The order file: the magic, then records.
//
//	0        4        8      9
//	+--------+--------+------+------ … ---+
//	| length | crc32c | kind | body       |
//	| u32    | u32    | u8   | length     |
//	+--------+--------+------+------ … ---+
//
// The sum is over kind and body. Integers are big endian.
const (
	fileMagic  = "MLANGOQ1"
	recordHead = 9

	recOrder   byte = 1
	recPromise byte = 2
	recDone    byte = 3 // an id: its order is answered, its promise kept
)

var (
	errMagic        = errors.New("not a file of orders")
	tableCastagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// readRecords gives each whole record. A torn tail is where it ends; damage with a
// whole record behind it, wherever that begins, is passed over and counted.
func readRecords(b []byte, fn func(kind byte, body []byte)) (damaged int, err error) {
	if len(b) < len(fileMagic) {
		return 0, nil // torn while it was made
	}
	if string(b[:len(fileMagic)]) != fileMagic {
		return 0, errMagic
	}
	for b = b[len(fileMagic):]; len(b) >= recordHead; {
		if n, ok := record(b); ok {
			fn(b[8], b[recordHead:n])
			b = b[n:]
			continue
		}
		next := nextRecord(b)
		if next < 0 {
			return damaged, nil
		}
		damaged++
		b = b[next:]
	}
	return damaged, nil
}

// nextRecord is where the next whole record begins behind a damaged one, whose
// length may be what was damaged; -1 when none does.
func nextRecord(b []byte) int {
	for at := 1; at <= len(b)-recordHead; at++ {
		if kind := b[at+8]; kind < recOrder || kind > recDone {
			continue
		}
		if _, ok := record(b[at:]); ok {
			return at
		}
	}
	return -1
}

// record is the length of the first record, and whether its sum is right; a
// length that cannot be is zero.
func record(b []byte) (n int, ok bool) {
	if len(b) < recordHead {
		return 0, false
	}
	size := binary.BigEndian.Uint32(b)
	if size > MaxRecord || int(size) > len(b)-recordHead {
		return 0, false
	}
	n = recordHead + int(size)
	return n, crc32.Checksum(b[8:n], tableCastagnoli) == binary.BigEndian.Uint32(b[4:])
}

func appendRecord(dst []byte, kind byte, body []byte) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)))
	dst = append(dst, 0, 0, 0, 0, kind)
	dst = append(dst, body...)
	binary.BigEndian.PutUint32(dst[at+4:], crc32.Checksum(dst[at+8:], tableCastagnoli))
	return dst
}

// append writes one record. A half-written one is cut off again, or nothing may
// follow it.
func (f *File) append(kind byte, body []byte) error {
	if f.broken != nil {
		return f.broken
	}
	rec := appendRecord(make([]byte, 0, recordHead+len(body)), kind, body)
	if _, err := f.f.WriteAt(rec, f.size); err != nil {
		if cut := f.f.Truncate(f.size); cut != nil {
			f.broken = fmt.Errorf("order file: cut a half-written record: %w", cut)
		}
		return fmt.Errorf("order file: append: %w", err)
	}
	f.size += int64(len(rec))
	f.wrote++
	return nil
}

// wait returns when the first upto records are on the disk. One of those who
// wait syncs for all.
func (f *File) wait(upto uint64) error {
	for f.safe < upto && f.broken == nil {
		if f.syncing {
			f.synced.Wait()
			continue
		}
		f.syncing = true
		covers := f.wrote
		f.mu.Unlock()
		err := f.f.Sync()
		f.mu.Lock()
		f.syncing = false
		if err != nil {
			f.broken = fmt.Errorf("order file: fsync: %w", err)
		} else {
			f.safe = max(f.safe, covers)
		}
		f.synced.Broadcast()
	}
	if f.safe >= upto {
		return nil
	}
	return f.broken
}

// rewrite replaces the file by one with nothing but what is kept.
func (f *File) rewrite() error {
	b := []byte(fileMagic)
	for _, k := range f.kept {
		if k.order != nil {
			b = appendRecord(b, recOrder, k.order)
		}
		if k.promise != nil {
			b = appendRecord(b, recPromise, k.promise)
		}
	}
	fresh, err := writeFile(f.path()+".new", b)
	if err != nil {
		return err
	}
	if err := disk.Take(fresh, f.path()); err != nil {
		_ = fresh.Close() // the first error is the one to tell
		f.broken = fmt.Errorf("order file: which file a crash leaves is not known: %w", err)
		return f.broken
	}
	if f.f != nil {
		_ = f.f.Close() // everything that matters is in the new one
	}
	f.f, f.size, f.safe = fresh, int64(len(b)), f.wrote
	return nil
}

// writeFile makes a file whose bytes are on the disk.
func writeFile(path string, b []byte) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("rewrite: %w", err)
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, fmt.Errorf("rewrite: %w", err)
	}
	return f, nil
}
