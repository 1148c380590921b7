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
// The header is
//
//	0  magic     8
//	8  durable   8   records that somebody was told are durable: none of them may be missing
//	16 zeros     44
//	60 CRC32C    4   of the bytes before it
//
// A record is
//
//	0  account   8
//	8  before    8   records that were durable when this one was written
//	16 state     4   recordKey or recordGone
//	20 key       32  zeros when gone
//	52 zeros     8
//	60 CRC32C    4   of the bytes before it
//
// 64 divides a disk's sector, so neither is ever torn in the middle, and erasing a
// record in place leaves the old key or none. A batch of records is written and
// synced, then the header, and only then is anybody told.
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
	file     *os.File
	path     string
	durable  uint64 // as the header says
	register        // in the order of the records
	err      error  // once set, nothing is written any more
}

// createPeople makes an empty file, durable.
func createPeople(path string) error {
	return replaceFile(path, peopleHead(0))
}

func peopleHead(durable uint64) []byte {
	head := make([]byte, peopleHeader)
	copy(head, peopleMagic)
	binary.LittleEndian.PutUint64(head[8:], durable)
	binary.LittleEndian.PutUint32(head[60:], crc32.Checksum(head[:60], tableCRC))
	return head
}

// openPeople reads every record. A torn end past what the header says is durable, of
// which nobody was told, is cut; anything else that is wrong stops the start with its
// place. What is whole past it may be in use from now on, so it is made durable.
func openPeople(path string, write bool) (*people, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	p, flag := &people{path: path}, os.O_RDWR
	if !write {
		p.err, flag = ErrReadOnly, os.O_RDONLY
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	p.file = f
	if write {
		err = forgetCached(f)
	}
	if err == nil {
		err = p.load(f)
	}
	if err == nil && write && p.durable < uint64(p.n) {
		if err = f.Sync(); err == nil { // first, or a power cut may keep the promise and lose what was promised
			err = p.assure()
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

// grow makes keys for accounts that have none and syncs them once for all.
func (p *people) grow(accounts []uint64) error {
	if p.err != nil {
		return p.err
	}
	before := p.n
	buf := make([]byte, 0, len(accounts)*personSize)
	defer clear(buf[:cap(buf)])
	random := make([]byte, len(accounts)*len(secret{}))
	defer clear(random)
	_, _ = rand.Read(random) // never fails: see crypto/rand
	for i, account := range accounts {
		e, _ := p.find(account)
		if e != nil && e.key == (secret{}) {
			p.cut(before)
			return fmt.Errorf("%w: account %d", ErrForgotten, account)
		}
		if e == nil {
			key := secret(random[i*len(secret{}):])
			buf = appendPerson(buf, account, uint64(before), recordKey, key)
			p.add(account, key)
		}
	}
	if len(buf) == 0 {
		return nil
	}
	err := p.write(buf, before)
	if err == nil {
		err = p.assure()
	}
	if err != nil {
		p.cut(before) // a key that is not durable must not be used
		return err
	}
	return nil
}

// forget overwrites the account's key in its place and syncs.
func (p *people) forget(account uint64) error {
	if p.err != nil {
		return p.err
	}
	e, n := p.find(account)
	if e == nil {
		return fmt.Errorf("%w: account %d", ErrNoPerson, account)
	}
	if e.key == (secret{}) {
		return nil
	}
	if err := p.write(appendPerson(nil, account, uint64(n), recordGone, secret{}), n); err != nil {
		return err
	}
	e.key = secret{}
	return nil
}

// key is the account's key.
func (p *people) key(account uint64) (secret, error) {
	e, _ := p.find(account)
	if e == nil {
		return secret{}, fmt.Errorf("%w: account %d", ErrNoPerson, account)
	}
	if e.key == (secret{}) {
		return secret{}, fmt.Errorf("%w: account %d", ErrForgotten, account)
	}
	return e.key, nil
}

// write puts records at record number n and makes them durable. A failure is for
// good: after it nobody knows what the disk holds.
func (p *people) write(b []byte, n int) error { return p.put(b, recordAt(n)) }

// assure has the header say that all records are durable.
func (p *people) assure() error {
	err := p.put(peopleHead(uint64(p.n)), 0)
	if err == nil {
		p.durable = uint64(p.n)
	}
	return err
}

func (p *people) put(b []byte, at int64) error {
	_, err := p.file.WriteAt(b, at)
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
	p.err = ErrClosed
	p.cut(0)
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("vault: close: %w", err)
	}
	return nil
}

// recordAt is where record n begins.
func recordAt(n int) int64 { return peopleHeader + int64(n)*personSize }

func appendPerson(b []byte, account, before uint64, state uint32, key secret) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, account)
	b = binary.LittleEndian.AppendUint64(b, before)
	b = binary.LittleEndian.AppendUint32(b, state)
	b = append(b, key[:]...)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], tableCRC))
}
