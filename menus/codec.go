package menus

import (
	"encoding/binary"
	"errors"
	"strings"
)

// stateVersion is the first byte of an encoded state.
const stateVersion = 2

// The bits of an encoded value's head, and of the state's flags.
const (
	bitSet     = 1
	bitInt     = 2
	bitText    = 4
	bitWaiting = 1
	bitRest    = 2
	bitOffer   = 4
	bitKept    = 8
)

// ErrState says that bytes are no encoded state.
var ErrState = errors.New("menus: not an encoded state")

// Clone copies a state with its slices.
func (st *State) Clone() State {
	c := *st
	c.Stack = append([]uint16(nil), st.Stack...)
	c.Vars = append([]Value(nil), st.Vars...)
	return c
}

// AppendState encodes a state: version, flags, screen, visit, tries, refused, asked, from, next, language,
// note, stack, variables, and where the flags say so the rest of an end; numbers are varints, texts have their length before.
func AppendState(dst []byte, st *State) []byte {
	var flags byte
	if st.Waiting {
		flags |= bitWaiting
	}
	if st.Rest != "" {
		flags |= bitRest
	}
	if st.Offer {
		flags |= bitOffer
	}
	if st.Kept != 0 {
		flags |= bitKept
	}
	dst = append(dst, stateVersion, flags)
	dst = binary.AppendUvarint(dst, uint64(st.Screen))
	dst = binary.AppendUvarint(dst, uint64(st.Visit))
	dst = append(dst, st.Tries, st.Refused)
	dst = binary.AppendUvarint(dst, uint64(st.Asked))
	dst = binary.AppendUvarint(dst, uint64(st.From))
	dst = binary.AppendUvarint(dst, uint64(st.Next))
	dst = appendText(dst, st.Language)
	dst = appendText(dst, st.Note)
	dst = append(dst, byte(len(st.Stack)))
	for _, screen := range st.Stack {
		dst = binary.AppendUvarint(dst, uint64(screen))
	}
	dst = append(dst, byte(len(st.Vars)))
	for i := range st.Vars {
		dst = appendValue(dst, &st.Vars[i])
	}
	if st.Kept != 0 {
		dst = append(dst, st.Kept)
	}
	if st.Rest != "" {
		dst = appendText(dst, st.Rest)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendValue(dst []byte, v *Value) []byte {
	var head byte
	if v.Set {
		head |= bitSet
	}
	if v.Int != 0 {
		head |= bitInt
	}
	if v.Text != "" {
		head |= bitText
	}
	dst = append(dst, head)
	if head&bitInt != 0 {
		dst = binary.AppendVarint(dst, v.Int)
	}
	if head&bitText != 0 {
		dst = appendText(dst, v.Text)
	}
	return dst
}

// DecodeState reads what AppendState wrote; anything else is ErrState. The state
// owns its bytes.
func DecodeState(b []byte) (State, error) {
	r := reader{rest: b}
	if r.byte() != stateVersion {
		return State{}, ErrState
	}
	flags := r.byte()
	st := State{Waiting: flags&bitWaiting != 0, Offer: flags&bitOffer != 0, Screen: uint16(r.uint(1 << 16)), Visit: uint32(r.uint(1 << 32)), Tries: r.byte(), Refused: r.byte(),
		Asked: uint16(r.uint(1 << 16)), From: uint16(r.uint(1 << 16)), Next: uint16(r.uint(1 << 16))}
	st.Language = r.text(MaxLanguage)
	st.Note = r.text(MaxNote)
	if n := r.count(MaxStack); n > 0 {
		st.Stack = make([]uint16, n)
		for i := range st.Stack {
			st.Stack[i] = uint16(r.uint(1 << 16))
		}
	}
	if n := r.count(MaxVars); n > 0 {
		st.Vars = make([]Value, n)
		for i := range st.Vars {
			r.value(&st.Vars[i])
		}
	}
	if flags&bitKept != 0 {
		st.Kept = r.byte()
	}
	if flags&bitRest != 0 {
		st.Rest = r.text(MaxTextBytes)
	}
	if r.bad || len(r.rest) != 0 || flags&^(bitWaiting|bitRest|bitOffer|bitKept) != 0 || (st.Kept != 0) != (flags&bitKept != 0) || (st.Rest != "") != (flags&bitRest != 0) {
		return State{}, ErrState
	}
	return st, nil
}

// reader takes fields off the front; the first that is wrong spoils the rest.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *reader) uint(below uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v >= below {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) count(most int) int {
	n := int(r.byte())
	if n > most {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return n
}

func (r *reader) text(most int) string {
	n := int(r.uint(uint64(most) + 1))
	if n > len(r.rest) {
		r.bad = true
		return ""
	}
	s := strings.ToValidUTF8(string(r.rest[:n]), "?") // it is shown; what was stored amiss is not passed on
	r.rest = r.rest[n:]
	return s
}

func (r *reader) value(v *Value) {
	head := r.byte()
	if head > bitSet|bitInt|bitText {
		r.bad = true
	}
	v.Set = head&bitSet != 0
	if head&bitInt != 0 {
		i, n := binary.Varint(r.rest)
		if n <= 0 {
			r.bad = true
			return
		}
		v.Int, r.rest = i, r.rest[n:]
	}
	if head&bitText != 0 {
		v.Text = r.text(MaxVar)
	}
}
