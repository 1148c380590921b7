// Package wire is the one encoding of requests, entries, results and notices: on
// the gRPC stream and inside the journal. FORMAT.md draws it.
package wire

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Limits of what is decoded. Every length is checked before anything is made.
const (
	HeadSize   = 16        // bytes before a record's own fields
	maxExt     = 1<<16 - 1 // bytes of a record's extensions
	MaxBands   = 64        // steps of a tariff
	MaxPerson  = 512       // bytes of a person's sealed name and number
	MaxOwner   = 64        // bytes of a consumer's or an owner's name
	MaxFrame   = 16 << 20  // bytes of records in one frame
	MaxPayload = 64 << 20  // bytes of an entry's payload
	MaxBatch   = 1 << 16   // commands of an entry
	version    = 1         // of every record so far
	entryHead  = 16        // bytes before an entry's commands
	minRecord  = HeadSize  // the shortest record
	minCommand = HeadSize  // a Tick
	extHead    = 3         // tag and length
	maxText    = 64        // no text is longer
	maxSealed  = maxText   // ledger.MaxSealed
	maxInner   = 1 << 14   // bytes of a command that is approved
)

// Error says what is wrong with bytes that should have been records, and where.
type Error struct {
	At   int // offset in what was given
	What string
}

// Error is the place and the fault.
func (e *Error) Error() string { return fmt.Sprintf("wire: byte %d: %s", e.At, e.What) }

// codec writes or reads one record; the same description of a type serves both
// directions, so they cannot drift apart. Writing changes nothing in the value:
// several goroutines may write the same one. After the first fault it does
// nothing.
type codec struct {
	b       []byte // writing: all zero from at on
	start   int    // where the record's head begins
	at      int    // the next byte
	end     int    // where the present part ends; after a fault everything has ended
	ext     int    // where the extensions begin; 0 before the fixed part has ended
	base    int    // reading: where the record stands in what was given
	writing bool
	err     error
}

func (c *codec) fail(what string) {
	if c.err == nil {
		c.err = &Error{At: c.base + c.at - c.start, What: what}
		c.end = -1
	}
}

// span gives the next n bytes to write into or read from, or nil. It is as short as the
// compiler asks of what it inlines.
func (c *codec) span(n int) (p []byte) {
	if c.at += n; c.at <= c.end {
		return c.b[c.at-n : c.at]
	}
	c.beyond()
	return
}

// beyond is the fault of a span past the end of the present part; that end is its place.
//
//go:noinline
func (c *codec) beyond() {
	if c.at = max(c.end, 0); c.writing {
		c.fail("longer than its kind has room for")
	} else {
		c.fail("cut short")
	}
}

// grow makes room for an extension of n bytes in what is written.
func (c *codec) grow(n int) {
	c.b = append(c.b, make([]byte, n)...)
	c.end = len(c.b)
}

func (c *codec) u8(v *uint8) {
	if p := c.span(1); p == nil {
		return
	} else if c.writing {
		p[0] = *v
	} else {
		*v = p[0]
	}
}

func (c *codec) u16(v *uint16) {
	if p := c.span(2); p == nil {
		return
	} else if c.writing {
		binary.LittleEndian.PutUint16(p, *v)
	} else {
		*v = binary.LittleEndian.Uint16(p)
	}
}

func (c *codec) u32(v *uint32) {
	if p := c.span(4); p == nil {
		return
	} else if c.writing {
		binary.LittleEndian.PutUint32(p, *v)
	} else {
		*v = binary.LittleEndian.Uint32(p)
	}
}

// num is eight bytes: amounts, accounts, instants, counters.
func num[T ~int64 | ~uint64](c *codec, v *T) {
	if p := c.span(8); p == nil {
		return
	} else if c.writing {
		binary.LittleEndian.PutUint64(p, uint64(*v))
	} else {
		*v = T(binary.LittleEndian.Uint64(p))
	}
}

// tiny is one byte of an enumeration.
func tiny[T ~uint8](c *codec, v *T) {
	u := uint8(*v)
	if c.u8(&u); !c.writing {
		*v = T(u)
	}
}

// raw is bytes of a fixed size.
func (c *codec) raw(v []byte) {
	if p := c.span(len(v)); p == nil {
		return
	} else if c.writing {
		copy(p, v)
	} else {
		copy(v, p)
	}
}

// flags is up to eight yes or no in one byte; the others must be no.
func (c *codec) flags(v ...*bool) {
	var b uint8
	for i, f := range v {
		if *f {
			b |= 1 << i
		}
	}
	c.u8(&b)
	if c.writing {
		return
	}
	if b>>len(v) != 0 {
		c.fail("unknown flag")
		return
	}
	for i, f := range v {
		*f = b&(1<<i) != 0
	}
}

// zero is n bytes kept for later; they must be zero.
func (c *codec) zero(n int) {
	p := c.span(n)
	if c.writing || isZero(p) {
		return
	}
	c.at -= len(p) - slices.IndexFunc(p, func(b byte) bool { return b != 0 })
	c.fail("a reserved byte is not zero")
}

// fixed ends the fixed part at size bytes after the record's start; what is left
// of it is reserved. Extensions follow.
func (c *codec) fixed(size int) {
	c.zero(c.start + size - c.at)
	if c.err == nil {
		c.ext, c.end = c.at, len(c.b)
	}
}
