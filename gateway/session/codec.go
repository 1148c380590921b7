package session

import (
	"encoding/binary"
	"errors"
	"fmt"

	"mlango/menus"
)

// A session as bytes, the same in memory and in Redis. The hop stands at a fixed
// place, so that a script can compare it without decoding the rest.
//
//	0       1       9          13      14       30       38       70
//	+-------+-------+----------+-------+--------+--------+--------+----------------
//	| form  | hop   | position | flags | repeat | started| bundle | saved dial account kind flags screen …
//	| 1     | u64   | u32      | u8    | 16     | i64    | 32     | varints, texts
//	+-------+-------+----------+-------+--------+--------+--------+----------------
//
// then, where the flags say so, the quote, the pending mark and the sealed secrets, then the menu's
// state to the end. Integers are big endian or Go's varints.
const (
	formByte = 5
	formOld  = 4 // without the second flags and a bill's reference: sessions begun before an upgrade go on
	hopAt    = 1
	hopEnd   = 9
	fixed    = 70
)

// The flags.
const (
	flagEnd = 1 << iota
	flagSecret
	flagLocked
	flagNoPIN
	flagFrozen
	flagQuote
	flagPending
	flagCheck
)

// The second flags.
const (
	moreLost = 1 << iota
	moreUnseen
	moreResumes
	moreKept
	moreApproval
)

var (
	// ErrTooBig says that a session does not fit into MaxBytes.
	ErrTooBig = errors.New("session: larger than its limit")
	errForm   = errors.New("session: bytes of another form")
	errCut    = errors.New("session: bytes end too early")
)

// Encode is the session as bytes, at most MaxBytes of them.
func Encode(s *Session) ([]byte, error) {
	if len(s.Screen) > MaxScreen {
		return nil, fmt.Errorf("encode screen of %d bytes: %w", len(s.Screen), ErrTooBig)
	}
	b := make([]byte, 0, 512)
	b = append(b, formByte)
	b = binary.BigEndian.AppendUint64(b, s.Hop)
	b = binary.BigEndian.AppendUint32(b, s.Position)
	b = append(b, s.flags())
	b = append(b, s.Repeat[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Started))
	b = append(b, s.Bundle[:]...)
	b = binary.AppendVarint(b, s.Saved-s.Started)
	b = binary.BigEndian.AppendUint32(b, s.Dial)
	b = append(binary.AppendUvarint(b, s.Account), s.Kind, s.more())
	if s.Resumes != (Resumes{}) {
		b = binary.AppendUvarint(appendText(b, s.Resumes.Session), s.Resumes.Hop)
	}
	if s.Approval != "" {
		b = appendText(b, s.Approval)
	}
	b = appendText(b, s.Screen)
	b = s.Quote.append(b)
	b = s.Pending.append(b)
	b = s.Kept.append(b, s.Started)
	b = menus.AppendState(b, &s.State)
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("encode %d bytes: %w", len(b), ErrTooBig)
	}
	return b, nil
}

// Decode reads what Encode wrote; whatever else is an error.
func Decode(b []byte) (*Session, error) {
	if len(b) < fixed || len(b) > MaxBytes || b[0] != formByte && b[0] != formOld {
		return nil, errForm
	}
	s := &Session{
		Hop:      binary.BigEndian.Uint64(b[hopAt:]),
		Position: binary.BigEndian.Uint32(b[9:]),
		Repeat:   [16]byte(b[14:30]),
		Started:  int64(binary.BigEndian.Uint64(b[30:])),
		Bundle:   [32]byte(b[38:70]),
	}
	flags := b[13]
	s.setFlags(flags)
	r := reader{b: b[fixed:]}
	s.Saved = s.Started + r.varint()
	s.Dial = r.number()
	s.Account = r.uvarint()
	s.Kind = r.byte()
	var more byte
	if b[0] != formOld {
		more = s.setMore(&r)
	}
	s.Screen = r.text(MaxScreen)
	if flags&flagQuote != 0 {
		s.Quote.read(&r)
		if b[0] != formOld {
			s.Quote.Ref = r.text(MaxRef)
		}
	}
	if flags&flagPending != 0 {
		s.Pending.read(&r)
		s.Pending.Check = flags&flagCheck != 0
	}
	if more&moreKept != 0 {
		s.Kept.read(&r, s.Started)
	}
	if r.bad {
		return nil, errCut
	}
	st, err := menus.DecodeState(r.b)
	if err != nil {
		return nil, fmt.Errorf("session: menu state: %w", err)
	}
	s.State = st
	return s, nil
}

func (s *Session) flags() (f byte) {
	for _, on := range []struct {
		is   bool
		flag byte
	}{
		{s.End, flagEnd}, {s.Secret, flagSecret}, {s.Locked, flagLocked}, {s.NoPIN, flagNoPIN},
		{s.Frozen, flagFrozen}, {s.Quote != (Quote{}), flagQuote}, {s.Pending != (Pending{}), flagPending},
		{s.Pending.Check, flagCheck},
	} {
		if on.is {
			f |= on.flag
		}
	}
	return f
}

func (s *Session) more() (f byte) {
	if s.Lost {
		f |= moreLost
	}
	if s.Unseen {
		f |= moreUnseen
	}
	if s.Resumes != (Resumes{}) {
		f |= moreResumes
	}
	if !s.Kept.None() {
		f |= moreKept
	}
	if s.Approval != "" {
		f |= moreApproval
	}
	return f
}

func (s *Session) setMore(r *reader) (f byte) {
	f = r.byte()
	s.Lost, s.Unseen = f&moreLost != 0, f&moreUnseen != 0
	if f&moreResumes != 0 {
		s.Resumes = Resumes{Session: r.text(MaxKey), Hop: r.uvarint()}
	}
	if f&moreApproval != 0 {
		s.Approval = r.text(MaxAsked)
	}
	return f
}

func (s *Session) setFlags(f byte) {
	s.End, s.Secret = f&flagEnd != 0, f&flagSecret != 0
	s.Locked, s.NoPIN, s.Frozen = f&flagLocked != 0, f&flagNoPIN != 0, f&flagFrozen != 0
}

func (q *Quote) append(b []byte) []byte {
	if *q == (Quote{}) {
		return b
	}
	b = append(b, q.Kind)
	b = binary.AppendUvarint(b, q.To)
	b = binary.AppendVarint(b, q.Amount)
	b = binary.AppendVarint(b, q.Fee)
	b = appendText(b, q.Payee)
	b = append(b, q.Currency[:]...)
	b = append(b, q.First[:]...)
	return appendText(b, q.Ref)
}

func (q *Quote) read(r *reader) {
	q.Kind = r.byte()
	q.To = r.uvarint()
	q.Amount, q.Fee = r.varint(), r.varint()
	q.Payee = r.text(MaxPayee)
	copy(q.Currency[:], r.take(len(q.Currency)))
	copy(q.First[:], r.take(len(q.First)))
}

func (p *Pending) append(b []byte) []byte {
	if *p == (Pending{}) {
		return b
	}
	b = append(b, p.Token[:]...)
	b = append(b, p.Order[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(p.Expires))
}

func (p *Pending) read(r *reader) {
	copy(p.Token[:], r.take(len(p.Token)))
	copy(p.Order[:], r.take(len(p.Order)))
	if t := r.take(8); t != nil {
		p.Expires = int64(binary.BigEndian.Uint64(t))
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
