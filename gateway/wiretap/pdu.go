package wiretap

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"time"

	"mlango/smpp"
)

// The commands a trace knows (SMPP 3.4 §5.1.2.1).
const (
	idSubmit  smpp.CommandID = 0x00000004
	idDeliver smpp.CommandID = 0x00000005
	idData    smpp.CommandID = 0x00000103
	idNack    smpp.CommandID = 0x80000000
	response  smpp.CommandID = 0x80000000
	pduHeader                = 16
)

// esm_class of a delivery receipt (SMPP 3.4 §5.2.12).
const (
	esmType    = 0x3c
	esmReceipt = 0x04
)

// wait is a request whose answer belongs to the trace: on which link, who asked,
// under which number.
type wait struct {
	session *smpp.Session
	in      bool
	seq     uint32
}

// PDU takes in what a bind's tap sees; see smpp.Tap. ours says that we bound to the
// operator, and so are the client of the connection.
func (w *Wiretap) PDU(operator, bind string, ours bool, s *smpp.Session, in bool, pdu []byte) {
	w.each(func(t *Trace, now time.Time) {
		p := piece{at: now, operator: operator, bind: bind, in: in, byClient: ours != in}
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.takes(&p, s, pdu) {
			return
		}
		here, there := addrPort(s.Local()), addrPort(s.Remote())
		if p.client, p.server = there, here; ours {
			p.client, p.server = here, there
		}
		t.keep(p)
	})
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
}

// takes tells whether a PDU is the subscriber's, and masks it into p; t.mu is held.
func (t *Trace) takes(p *piece, s *smpp.Session, pdu []byte) bool {
	id := smpp.CommandID(binary.BigEndian.Uint32(pdu[4:]))
	w := wait{s, !p.in, binary.BigEndian.Uint32(pdu[12:])}
	if id&response != 0 {
		asked, ours := t.waits[w]
		if !ours {
			return false
		}
		delete(t.waits, w)
		p.took, p.octets = p.at.Sub(asked), append([]byte(nil), pdu...)
		return true
	}
	f, ok := fieldsOf(id, pdu)
	if !ok || !f.is(pdu, t.number) {
		return false
	}
	w.in = p.in
	if len(t.waits) < maxWaits {
		t.waits[w] = p.at
	}
	p.octets = append([]byte(nil), pdu...)
	f.mask(p.octets, p.in, t.hushed(), t.number)
	return true
}

// field is where one stands in a PDU.
type field struct{ from, to int }

func (f field) of(pdu []byte) []byte { return pdu[f.from:f.to] }

// fields are the places of a message's fields that name people or hold text.
type fields struct {
	source, dest field
	esm, coding  byte
	texts        []field // short_message and message_payload
	others       []field // the values of every other optional parameter
	ussd         bool    // ussd_service_op is there
}

// fieldsOf finds them in a submit_sm, deliver_sm or data_sm (SMPP 3.4 §4.4.1,
// §4.6.1, §4.7.1); ok is false for every other PDU, and for one that is cut or lies.
func fieldsOf(id smpp.CommandID, pdu []byte) (f fields, ok bool) {
	if id != idSubmit && id != idDeliver && id != idData {
		return f, false
	}
	at := pduHeader
	octets := func(n int) field {
		from := at
		at = min(at+n, len(pdu)+1)
		return field{min(from, len(pdu)), min(at, len(pdu))}
	}
	cstring := func() field {
		from := at
		for at < len(pdu) && pdu[at] != 0 {
			at++
		}
		at++
		return field{min(from, len(pdu)), min(at-1, len(pdu))}
	}
	cstring() // service_type
	octets(2)
	f.source = cstring()
	octets(2)
	f.dest = cstring()
	rest := octets(3)
	if at > len(pdu) {
		return f, false
	}
	f.esm, f.coding = pdu[rest.from], pdu[rest.from+2]
	if id != idData {
		cstring() // schedule_delivery_time
		cstring() // validity_period
		rest = octets(5)
		if at > len(pdu) {
			return f, false
		}
		f.coding = pdu[rest.from+2]
		f.texts = append(f.texts, octets(int(pdu[rest.from+4])))
	}
	for at+4 <= len(pdu) {
		tag, n := smpp.Tag(binary.BigEndian.Uint16(pdu[at:])), int(binary.BigEndian.Uint16(pdu[at+2:]))
		at += 4
		if value := octets(n); tag == smpp.TagMessagePayload {
			f.texts = append(f.texts, value)
		} else {
			f.others, f.ussd = append(f.others, value), f.ussd || tag == smpp.TagUSSDServiceOp
		}
	}
	return f, at == len(pdu)
}

// is tells whether the message is to or from a subscriber.
func (f *fields) is(pdu []byte, number string) bool {
	return strings.TrimPrefix(string(f.source.of(pdu)), "+") == number || strings.TrimPrefix(string(f.dest.of(pdu)), "+") == number
}

// mask blanks in place: numbers everywhere, and of what a subscriber typed all that
// may be a secret.
func (f *fields) mask(pdu []byte, in, hushed bool, number string) {
	for _, address := range []field{f.source, f.dest} {
		maskDial(address.of(pdu), 1)
		maskNumbers(address.of(pdu))
	}
	wide := 1
	if f.coding == codingUCS2 {
		wide = 2
	}
	receipt := f.esm&esmType == esmReceipt && !f.ussd // the doors take it for a hop, whatever esm_class says
	for _, text := range f.texts {
		switch octets := text.of(pdu); {
		case receipt:
			maskOne(octets, number) // its ids are long numbers too
		case in:
			maskTyped(octets, wide, hushed)
		default:
			maskNumbers(octets)
		}
	}
	for _, value := range f.others {
		maskNumbers(value.of(pdu))
	}
}
