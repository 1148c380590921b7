package wire

import "encoding/binary"

// Kind says what a record is. Its number is journaled and sent: never reuse one.
type Kind uint8

// The kinds of record. From KindOpenAccount on they are commands.
const (
	KindTransfer        Kind = 1
	KindCheck           Kind = 2
	KindResult          Kind = 3
	KindWho             Kind = 4 // asks for a profile
	KindProfile         Kind = 5
	KindAsk             Kind = 6
	KindQuote           Kind = 7
	KindNotice          Kind = 8
	KindGranted         Kind = 9 // the epoch of the notices that follow
	KindPerson          Kind = 10
	KindStatement       Kind = 11 // one line of an account's history
	KindView            Kind = 12 // an account as tools see it
	KindNumber          Kind = 13 // points a number to an account
	KindPINReset        Kind = 14 // clears a PIN
	KindToApprove       Kind = 15 // a payment that somebody is to be asked for
	KindOpenAccount     Kind = 32
	KindSetAlias        Kind = 33
	KindSetPIN          Kind = 34
	KindUnlockPIN       Kind = 35
	KindLockPIN         Kind = 36
	KindFreeze          Kind = 37
	KindSetLanguage     Kind = 38
	KindSetTariff       Kind = 39
	KindSetLimits       Kind = 40
	KindSetRepeatWindow Kind = 41
	KindMove            Kind = 42
	KindAnswer          Kind = 43
	KindResolve         Kind = 44
	KindGrant           Kind = 45
	KindAck             Kind = 46
	KindTick            Kind = 47
	KindSetTier         Kind = 48
	KindClose           Kind = 49
	KindErasePerson     Kind = 50
	KindChangePIN       Kind = 51
	KindPost            Kind = 52
	KindVoid            Kind = 53
	KindReverse         Kind = 54
	KindLinked          Kind = 55
	KindApproved        Kind = 56
	KindRequireTwo      Kind = 57
	KindSetConsumer     Kind = 58
	KindSetRules        Kind = 59
	KindClearPIN        Kind = 60
	KindAskPayment      Kind = 61
	KindEndAsk          Kind = 62
)

// sizeOf is the fixed part of each kind, its head included, in bytes.
var sizeOf = [256]int{
	KindTransfer: 128, KindCheck: 64, KindResult: 96, KindWho: 16, KindProfile: 32, KindAsk: 32,
	KindQuote: 64, KindNotice: 128, KindGranted: 24, KindPerson: 40, KindStatement: 80, KindView: 112, KindNumber: 32, KindPINReset: 24, KindToApprove: 56,
	KindOpenAccount: 48, KindSetAlias: 40, KindSetPIN: 72, KindUnlockPIN: 24, KindLockPIN: 24, KindClearPIN: 24,
	KindFreeze: 32, KindSetLanguage: 32, KindSetTariff: 40, KindSetLimits: 72,
	KindSetRepeatWindow: 24, KindMove: 128, KindAnswer: 80, KindResolve: 40, KindGrant: 24,
	KindAck: 40, KindTick: 16, KindSetTier: 40, KindClose: 24, KindErasePerson: 24, KindChangePIN: 128,
	KindPost: 64, KindVoid: 56, KindReverse: 72, KindLinked: 40, KindApproved: 24, KindRequireTwo: 16, KindSetConsumer: 24, KindSetRules: 32, KindAskPayment: 80, KindEndAsk: 40,
}

// Record is one record of a frame, not yet decoded.
type Record struct {
	Kind        Kind
	Correlation uint64 // pairs a question with its answer
	bytes       []byte // all of it
	at          int    // where it stands in the frame
}

// Next cuts the first record off b, which begins at offset at of the frame.
func Next(b []byte, at int) (r Record, rest []byte, err error) {
	if len(b) < minRecord {
		return r, nil, &Error{At: at, What: "a record's head is cut short"}
	}
	kind := Kind(b[0])
	switch {
	case sizeOf[kind] == 0:
		return r, nil, &Error{At: at, What: "unknown kind of record"}
	case b[1] != version:
		return r, nil, &Error{At: at + 1, What: "unknown version of a record"}
	case binary.LittleEndian.Uint32(b[4:]) != 0:
		return r, nil, &Error{At: at + 4, What: "a reserved byte is not zero"}
	}
	size := sizeOf[kind] + int(binary.LittleEndian.Uint16(b[2:]))
	if size > len(b) {
		return r, nil, &Error{At: at, What: "a record reaches past its frame"}
	}
	r = Record{Kind: kind, Correlation: binary.LittleEndian.Uint64(b[8:]), bytes: b[:size:size], at: at}
	return r, b[size:], nil
}

// Each calls fn for every record of a frame until one fails.
func Each(frame []byte, fn func(Record) error) error {
	for rest := frame; len(rest) > 0; {
		r, next, err := Next(rest, len(frame)-len(rest))
		if err != nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
		rest = next
	}
	return nil
}

// Count is how many records of a kind a frame has, up to the first that cannot be read.
func Count(frame []byte, kind Kind) (n int) {
	_ = Each(frame, func(r Record) error {
		if r.Kind == kind {
			n++
		}
		return nil
	})
	return n
}

// begin starts writing a record at the end of dst.
func begin(dst []byte, kind Kind, correlation uint64) codec {
	start, size := len(dst), sizeOf[kind]
	b := append(dst, make([]byte, size)...)
	head := b[start : start+HeadSize]
	head[0], head[1] = byte(kind), version
	binary.LittleEndian.PutUint64(head[8:], correlation)
	return codec{b: b, start: start, at: start + HeadSize, end: len(b), writing: true}
}

// done ends writing: on a fault dst comes back as it was.
func (c *codec) done() ([]byte, error) {
	ext := len(c.b) - c.ext
	if c.err == nil && ext > maxExt {
		c.fail("too many extensions")
	}
	if c.err != nil {
		return c.b[:c.start], c.err
	}
	binary.LittleEndian.PutUint16(c.b[c.start+2:], uint16(ext))
	return c.b, nil
}

// open starts reading a record that should be of a kind.
func (r Record) open(kind Kind) codec {
	c := codec{b: r.bytes, at: HeadSize, end: min(sizeOf[kind], len(r.bytes)), base: r.at}
	if r.Kind != kind {
		c.at = 0
		c.fail("another kind of record than expected")
	}
	return c
}

// close ends reading: nothing may be left.
func (c *codec) close() error {
	if c.err == nil && c.at != len(c.b) {
		c.fail("an unknown, repeated or misplaced extension")
	}
	return c.err
}

// SetCorrelation numbers a record that was written before its number was known.
func SetCorrelation(record []byte, correlation uint64) {
	binary.LittleEndian.PutUint64(record[8:], correlation)
}
