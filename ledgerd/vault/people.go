package vault

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
)

// The people file: a header of 64 bytes, then one record of 64 bytes a person.
// A record is
//
//	0  account   8
//	8  before    8   records that were durable when this one was written
//	16 state     4   recordKey or recordGone
//	20 key       32  zeros when gone
//	52 zeros     8
//	60 CRC32C    4   of the bytes before it
//
// 64 divides a disk's sector, so a record is never torn in the middle, and
// erasing one in place leaves the old key or none.
const (
	peopleMagic  = "MLVPEOP1"
	peopleHeader = 64
	personSize   = 64

	recordKey  = 1
	recordGone = 2
)

var (
	// ErrNoPerson says that the account has no key yet; AddPeople makes one.
	ErrNoPerson = errors.New("vault: no key for this account")
	// ErrForgotten says that the person behind the account was erased.
	ErrForgotten = errors.New("vault: this person was forgotten")
	// ErrFailed says that an earlier write to the vault failed. What is on disk is
	// then unknown: nothing more is written, and a new start reads it again.
	ErrFailed = errors.New("vault: an earlier write failed")
)

var tableCRC = crc32.MakeTable(crc32.Castagnoli)

// people are the keys of people, in memory and in their file.
type people struct {
	file *os.File
	path string
	at   map[uint64]uint32 // account → its record's number
	keys [][32]byte        // by record number; all zero when gone
	err  error             // once set, nothing is written any more
}

// createPeople makes an empty file, durable.
func createPeople(path string) error {
	head := make([]byte, peopleHeader)
	copy(head, peopleMagic)
	binary.LittleEndian.PutUint32(head[60:], crc32.Checksum(head[:60], tableCRC))
	return replaceFile(path, head)
}

// openPeople reads every record. A torn end, which nobody was told is durable, is
// cut; anything else that is wrong stops the start.
func openPeople(path string) (*people, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	p := &people{file: f, path: path, at: map[uint64]uint32{}}
	if err := p.load(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

// add makes keys for accounts that have none and syncs them once for all.
func (p *people) add(accounts []uint64) error {
	if p.err != nil {
		return p.err
	}
	before := len(p.keys)
	buf := make([]byte, 0, len(accounts)*personSize)
	defer clear(buf[:cap(buf)])
	var fresh []uint64
	for _, account := range accounts {
		n, ok := p.at[account]
		if ok && int(n) < before && p.keys[n] == [32]byte{} {
			p.undo(fresh, before)
			return fmt.Errorf("%w: account %d", ErrForgotten, account)
		}
		if ok {
			continue
		}
		var key [32]byte
		_, _ = rand.Read(key[:]) // never fails: see crypto/rand
		buf = appendPerson(buf, account, uint64(before), recordKey, key)
		p.at[account] = uint32(len(p.keys))
		p.keys = append(p.keys, key)
		fresh = append(fresh, account)
	}
	if len(buf) == 0 {
		return nil
	}
	if err := p.write(buf, before); err != nil {
		p.undo(fresh, before)
		return err
	}
	return nil
}

// undo takes keys that did not become durable out of memory.
func (p *people) undo(fresh []uint64, before int) {
	for _, account := range fresh {
		delete(p.at, account)
	}
	clear(p.keys[before:])
	p.keys = p.keys[:before]
}

// forget overwrites the account's key in its place and syncs.
func (p *people) forget(account uint64) error {
	if p.err != nil {
		return p.err
	}
	n, ok := p.at[account]
	if !ok {
		return fmt.Errorf("%w: account %d", ErrNoPerson, account)
	}
	if p.keys[n] == [32]byte{} {
		return nil
	}
	gone := appendPerson(nil, account, uint64(n), recordGone, [32]byte{})
	if err := p.write(gone, int(n)); err != nil {
		return err
	}
	p.keys[n] = [32]byte{}
	return nil
}

// key is the account's key.
func (p *people) key(account uint64) ([32]byte, error) {
	n, ok := p.at[account]
	if !ok {
		return [32]byte{}, fmt.Errorf("%w: account %d", ErrNoPerson, account)
	}
	if p.keys[n] == [32]byte{} {
		return [32]byte{}, fmt.Errorf("%w: account %d", ErrForgotten, account)
	}
	return p.keys[n], nil
}

// write puts records at record number n and makes them durable. A failure is for
// good: after it nobody knows what the disk holds.
func (p *people) write(b []byte, n int) error {
	_, err := p.file.WriteAt(b, recordAt(n))
	if err == nil {
		err = p.file.Sync()
	}
	if err != nil {
		p.err = fmt.Errorf("%w: people: %w", ErrFailed, err)
		return p.err
	}
	return nil
}

func (p *people) close() error {
	if p.err == nil {
		p.err = ErrClosed
	}
	clear(p.keys)
	p.keys, p.at = nil, nil
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("vault: close: %w", err)
	}
	return nil
}

// recordAt is where record n begins.
func recordAt(n int) int64 { return peopleHeader + int64(n)*personSize }

func appendPerson(b []byte, account, before uint64, state uint32, key [32]byte) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, account)
	b = binary.LittleEndian.AppendUint64(b, before)
	b = binary.LittleEndian.AppendUint32(b, state)
	b = append(b, key[:]...)
	b = append(b, make([]byte, 8)...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], tableCRC))
}
