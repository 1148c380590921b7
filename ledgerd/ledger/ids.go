// Package ledger is the books: double-entry rules in integer minor units. It is
// pure: no clock, disk, network or randomness. Time comes in as a number of
// milliseconds since the Unix epoch, and everything it decides comes out as a
// value.
package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// ID names one wish for ever: 48 bits of the session's start in milliseconds,
// then 80 bits of a keyed MAC (rule 4 of the house). The same wish has the same
// ID on any gateway and after any retry.
type ID [16]byte

// NewID joins the session's start (milliseconds since the Unix epoch, 48 bits
// are kept) and the MAC.
func NewID(startMS int64, mac [10]byte) ID {
	var id ID
	var t [8]byte
	binary.BigEndian.PutUint64(t[:], uint64(startMS))
	copy(id[:6], t[2:])
	copy(id[6:], mac[:])
	return id
}

// Time is the instant inside the id, in milliseconds since the Unix epoch.
func (id ID) Time() int64 {
	var t [8]byte
	copy(t[2:], id[:6])
	return int64(binary.BigEndian.Uint64(t[:]))
}

// Leg is the id of what belongs to a wish and has an answer of its own: leg n of a
// Linked, from 0. It has the same time, and as unguessable a rest.
func (id ID) Leg(n uint8) ID {
	id[len(id)-1] += n
	return id
}

// IsZero tells whether the id was never made.
func (id ID) IsZero() bool { return id == ID{} }

// String is the id in 32 hexadecimal digits, as shown by tools.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ErrBadID says that a text is not 32 hexadecimal digits.
var ErrBadID = errors.New("ledger: an id is 32 hexadecimal digits")

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 32 {
		return id, ErrBadID
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, ErrBadID
	}
	return id, nil
}

// Account is an account's number. It says nothing about a person: MSISDN, till
// and paybill numbers are aliases that can be re-pointed.
type Account uint64

// Token finds an alias without naming it: a keyed hash made by the vault. The
// zero token means "none".
type Token [16]byte

// Amount is money in minor units (cents).
type Amount int64

// Currency is an ISO 4217 code, such as KES.
type Currency [3]byte

// String is the three letters.
func (c Currency) String() string { return string(c[:]) }

// Language is an ISO 639-1 code in two lower-case letters; zero means "not set".
type Language [2]byte

// String is the two letters, or nothing when not set.
func (l Language) String() string {
	if l == (Language{}) {
		return ""
	}
	return string(l[:])
}

// Place is where a command stands: shard, journal index, offset in the entry's
// batch. It is the same number everywhere.
type Place struct {
	Unit   uint16
	Index  uint64
	Offset uint32
}

// Receipt is the number people read out: 10 characters of 0-9A-Z, the first
// three year, month and day.
type Receipt [10]byte

// String is the ten characters, or nothing when there is no receipt.
func (r Receipt) String() string {
	if r == (Receipt{}) {
		return ""
	}
	return string(r[:])
}
