package dialect

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"mlango/internal/conf"
)

// mask is a number that a file may write in hexadecimal, as documents do.
type mask uint32

// ReadConf reads 0x1383 or 4995.
func (m *mask) ReadConf(n conf.Node) {
	v, err := strconv.ParseUint(n.Text(), 0, 32)
	if !n.IsScalar() || err != nil {
		n.Fail(fmt.Sprintf("%q is no number of 32 bits", n.Text()), "write it as 0x1383")
		return
	}
	*m = mask(v)
}

// width is how many bits the mask has, shift how many stand below it.
func (m mask) width() int { return bits.OnesCount32(uint32(m)) }
func (m mask) shift() int { return bits.TrailingZeros32(uint32(m)) }

// whole tells whether the bits of the mask stand side by side.
func (m mask) whole() bool { return m != 0 && bits.Len32(uint32(m)) == m.width()+m.shift() }

// get reads the masked bits of v as a number, put writes them.
func (m mask) get(v uint32) uint32 { return v & uint32(m) >> m.shift() }
func (m mask) put(n uint32) uint32 { return n << m.shift() & uint32(m) }

// session is where a dialect says which dialogue a message belongs to: in the
// bits of one optional parameter, or nowhere, and then the two addresses do.
type session struct {
	Tag      mask `yaml:"tag"`      // 0: the addresses name the session
	Octets   int  `yaml:"octets"`   // of the parameter: 1, 2 or 4
	Key      mask `yaml:"key"`      // the bits that name the session
	Unit     mask `yaml:"unit"`     // the bits that count its units; 0: nothing is counted
	End      mask `yaml:"end"`      // the bit that says the session is over; 0: only the ops do
	Assigned bool `yaml:"assigned"` // the operator names also the sessions that we open
}

func (s *session) check(doc *conf.Doc) {
	if s.Tag == 0 {
		if *s != (session{}) {
			doc.Fail("session", "without a tag there are no octets and no bits", "name the tag, or keep tag: 0 alone")
		}
		return
	}
	if s.Tag > 0xffff {
		doc.Fail("session.tag", "a tag has 16 bits", "write it as 0x1383")
	}
	if s.Octets != 1 && s.Octets != 2 && s.Octets != 4 {
		doc.Fail("session.octets", "a session parameter has 1, 2 or 4 octets", "write 2 for its_session_info")
		return
	}
	room := mask(uint64(1)<<(8*s.Octets) - 1)
	switch {
	case !s.Key.whole():
		doc.Fail("session.key", "the bits of the key stand side by side", "write it as 0xff00")
	case s.Unit != 0 && !s.Unit.whole():
		doc.Fail("session.unit", "the bits of the unit stand side by side", "write it as 0x00fe")
	case s.End.width() > 1:
		doc.Fail("session.end", "one bit says the end", "write it as 0x0001")
	case s.Key&s.Unit|s.Key&s.End|s.Unit&s.End != 0:
		doc.Fail("session", "a bit stands in two of key, unit and end", "keep them apart")
	case (s.Key|s.Unit|s.End)&^room != 0:
		doc.Fail("session", fmt.Sprintf("a bit stands outside of %d octets", s.Octets), "mend octets, key, unit or end")
	}
}

// Modulo is where the units of a session wrap. It is 1 where they are not
// counted: every unit is 0 then.
func (d *SMPP) Modulo() uint32 { return 1 << d.Session.Unit.width() }

// Assigned tells whether the operator names the sessions that we open, so that
// their first screen leaves without a name.
func (d *SMPP) Assigned() bool { return d.Session.Assigned }

// SessionKey is the key of the n-th session between a subscriber and a service
// address. Keys repeat where the dialect has no room for all n.
func (d *SMPP) SessionKey(n uint32, service string) string {
	if d.Session.Tag == 0 {
		return addressKey(service)
	}
	return d.Session.name(d.Session.Key.get(d.Session.Key.put(n)))
}

// name writes a key as hexadecimal digits, as many as its bits need.
func (s *session) name(key uint32) string {
	const digits = "0123456789abcdef"
	var b [8]byte
	n := (s.Key.width() + 3) / 4
	for i := range n {
		b[i] = digits[key>>(4*(n-1-i))&15]
	}
	return string(b[:n])
}

// number reads a key that name wrote.
func (s *session) number(name string) (uint32, error) {
	key, err := strconv.ParseUint(name, 16, 32)
	if err != nil || s.name(uint32(key)) != name || s.Key.get(s.Key.put(uint32(key))) != uint32(key) {
		return 0, fmt.Errorf("%w: session key %q", ErrValue, name)
	}
	return uint32(key), nil
}

// addressKey is the session key where the addresses are it: the service code
// without what was dialled behind it.
func addressKey(service string) string {
	key, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(service, "*"), "#"), "*")
	return key
}

// read finds a message's session; service is the address that is not the
// subscriber's.
func (s *session) read(m *Message, service string) (key string, unit uint32, end bool, err error) {
	if s.Tag == 0 {
		if key = addressKey(service); key == "" || len(key) > MaxSession || strings.Trim(key, "0123456789") != "" {
			return "", 0, false, fmt.Errorf("%w: the service's address, which names the session", ErrMissing)
		}
		return key, 0, false, nil
	}
	b, err := m.tlv(uint16(s.Tag), s.Octets)
	if err != nil {
		return "", 0, false, err
	}
	var room [4]byte
	copy(room[4-len(b):], b)
	v := binary.BigEndian.Uint32(room[:])
	return s.name(s.Key.get(v)), s.Unit.get(v), v&uint32(s.End) != 0, nil
}

// append writes a hop's session as an optional parameter. A session without a
// name has none: the operator gives it one.
func (s *session) append(tlvs []TLV, h *Hop, end bool) ([]TLV, error) {
	if s.Tag == 0 || s.Assigned && h.Session == "" {
		return tlvs, nil
	}
	key, err := s.number(h.Session)
	if err != nil {
		return nil, err
	}
	v := s.Key.put(key) | s.Unit.put(h.Position)
	if end {
		v |= uint32(s.End)
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4), v)
	return append(tlvs, TLV{uint16(s.Tag), b[4-s.Octets:]}), nil
}
