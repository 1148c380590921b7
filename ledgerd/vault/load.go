package vault

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// person is one record as read.
type person struct {
	account uint64
	before  uint64
	state   uint32
	key     secret
}

// load reads the records from the file's start. What the header says is durable must
// hold, every record of it: a key that somebody was promised. Past that a record that was
// never written whole begins the torn end of the last batch, unless a good one after it
// was written when it was durable.
func (p *people) load(src io.Reader) error {
	r := bufio.NewReaderSize(src, 1<<16)
	if err := p.loadHeader(r); err != nil {
		return err
	}
	var buf [personSize]byte
	defer clear(buf[:])
	bad := -1
	for n := 0; ; n++ {
		_, err := io.ReadFull(r, buf[:])
		over := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		switch {
		case over && uint64(n) < p.durable:
			return damaged(p.path, recordAt(n), fmt.Sprintf("it ends here, with %d of %d people; bring the vault back from a copy", n, p.durable))
		case errors.Is(err, io.EOF) && bad < 0:
			return nil
		case over:
			return p.truncate(bad, n)
		case err != nil:
			return fmt.Errorf("vault: read %s: %w", p.path, err)
		}
		rec, good := parsePerson(buf[:])
		switch {
		case !good && (uint64(n) < p.durable || !unfinished(buf[:])):
			return damaged(p.path, recordAt(n), "a person's record does not hold; bring the vault back from a copy")
		case !good && bad < 0:
			bad = n
		case good && bad >= 0 && rec.before > uint64(bad):
			return damaged(p.path, recordAt(bad), "a person's record does not hold, and good ones follow it")
		case good && bad < 0:
			if err := p.loaded(n, rec); err != nil {
				return err
			}
		}
	}
}

// unfinished tells whether a record never reached the disk as a whole: where its
// checksum is to be, at its end, are zeros.
func unfinished(b []byte) bool { return binary.LittleEndian.Uint32(b[60:]) == 0 }

func (p *people) loadHeader(r io.Reader) error {
	var head [peopleHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return damaged(p.path, 0, "it is too short")
	}
	sum := binary.LittleEndian.Uint32(head[60:])
	if string(head[:len(peopleMagic)]) != peopleMagic || crc32.Checksum(head[:60], tableCRC) != sum {
		return damaged(p.path, 0, "it does not begin as this version writes it")
	}
	p.durable = binary.LittleEndian.Uint64(head[8:])
	return nil
}

// loaded takes a good record into memory.
func (p *people) loaded(n int, rec person) error {
	if rec.before > uint64(n) {
		return damaged(p.path, recordAt(n), "a record is not in its place")
	}
	if twice, _ := p.find(rec.account); twice != nil {
		return damaged(p.path, recordAt(n), fmt.Sprintf("account %d has two keys", rec.account))
	}
	p.add(rec.account, rec.key)
	return nil
}

// truncate takes a torn end off: from the first bad record if there is one, else from
// the piece of a record at the very end.
func (p *people) truncate(bad, n int) error {
	if p.err != nil { // for reading only
		return nil
	}
	if bad < 0 {
		bad = n
	}
	if err := p.file.Truncate(recordAt(bad)); err != nil {
		return fmt.Errorf("vault: cut the torn end of %s: %w", p.path, err)
	}
	if err := p.file.Sync(); err != nil {
		return fmt.Errorf("vault: cut the torn end of %s: %w", p.path, err)
	}
	return nil
}

// parsePerson reads one record; good tells whether its checksum and its shape
// hold.
func parsePerson(b []byte) (rec person, good bool) {
	if crc32.Checksum(b[:60], tableCRC) != binary.LittleEndian.Uint32(b[60:]) {
		return person{}, false
	}
	rec = person{
		account: binary.LittleEndian.Uint64(b), before: binary.LittleEndian.Uint64(b[8:]),
		state: binary.LittleEndian.Uint32(b[16:]), key: secret(b[20:52]),
	}
	switch {
	case binary.LittleEndian.Uint64(b[52:]) != 0:
		return person{}, false
	case rec.state == recordKey:
		return rec, rec.key != secret{}
	case rec.state == recordGone:
		return rec, rec.key == secret{}
	}
	return person{}, false
}
