//go:build house

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"mlango/simulator/stack"
)

// fate is what a misbehaving link may expect.
type fate uint8

const (
	answers fate = iota // the PDU is refused with a status, the link lives
	ignored             // no answer, the link lives
	closed              // the gateway closes the link
	stalls              // it waits; the test leaves the link
	deaf                // the test reads no more and goes on until the gateway closes the link
)

// badPDU is one way an operator's end goes wrong.
type badPDU struct {
	name string
	fate fate
	send func(seq uint32) []byte
}

// deliver is a deliver_sm of the stranger, whose hops must charge nothing.
func deliver(seq uint32, change func(*rawHop)) []byte {
	h := rawHop{number: person(1).MSISDN, op: opPSSR, session: 0x33, text: "*334#"}
	change(&h)
	return pdu(idDeliverSM, 0, seq, h.body())
}

// lying is a PDU whose command_length says something else.
func lying(seq, length uint32) []byte {
	p := deliver(seq, func(*rawHop) {})
	binary.BigEndian.PutUint32(p, length)
	return p
}

// tableBadPDUs are the rows over SMPP.
var tableBadPDUs = []badPDU{
	{"a length below the header", closed, func(seq uint32) []byte { return lying(seq, 8) }},
	{"a length of four gigabytes", closed, func(seq uint32) []byte { return lying(seq, 0xffffffff) }},
	{"a length just above the limit", closed, func(seq uint32) []byte { return lying(seq, 64<<10+1) }},
	{"junk", closed, func(uint32) []byte { return junk(4096) }},
	{"an HTTP request", closed, func(uint32) []byte { return []byte("POST /ussd/safari HTTP/1.1\r\nHost: x\r\n\r\n") }},
	{"half a PDU, then silence", stalls, func(seq uint32) []byte { return deliver(seq, func(*rawHop) {})[:30] }},
	{"an unknown command", answers, func(seq uint32) []byte { return pdu(0x00000099, 0, seq, []byte("what?")) }},
	{"a bind on a bind", answers, func(seq uint32) []byte { return pdu(idTransceiver, 0, seq, []byte("a\x00b\x00\x00\x34\x00\x00\x00")) }},
	{"a deliver_sm cut in an address", answers, func(seq uint32) []byte {
		return pdu(idDeliverSM, 0, seq, []byte("USSD\x00\x01\x012547"))
	}},
	{"a deliver_sm without a body", answers, func(seq uint32) []byte { return pdu(idDeliverSM, 0, seq) }},
	{"a text shorter than it says", answers, func(seq uint32) []byte {
		body := rawHop{number: person(1).MSISDN, op: opPSSR, text: "*334#", tlvs: []byte{}}.body()
		body[len(body)-6] = 200
		return pdu(idDeliverSM, 0, seq, body)
	}},
	{"strings without an end", answers, func(seq uint32) []byte {
		return pdu(idDeliverSM, 0, seq, bytes.Repeat([]byte("7"), 5000))
	}},
	{"a parameter longer than the PDU", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.tlvs = []byte{0x05, 0x01, 0xff, 0xff, 1} })
	}},
	{"a thousand parameters", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.tlvs = bytes.Repeat(tlv(0x1400, 1), 1000) })
	}},
	{"no session parameter", answers, func(seq uint32) []byte { return deliver(seq, func(h *rawHop) { h.tlvs = tlv(0x0501, opPSSR) }) }},
	{"a session parameter of one octet", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.tlvs = append(tlv(0x0501, opPSSR), tlv(0x1383, 9)...) })
	}},
	{"an op nobody knows", answers, func(seq uint32) []byte { return deliver(seq, func(h *rawHop) { h.op = 77 }) }},
	{"a coding nobody knows", answers, func(seq uint32) []byte { return deliver(seq, func(h *rawHop) { h.coding = 0xf5 }) }},
	{"a number that is none", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.number = "'; DROP TABLE--" })
	}},
	{"a dialled string that is none", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.text, h.dest = strings.Repeat("*", 250), "3;4" })
	}},
	{"a payload of sixty thousand digits", answers, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) {
			h.text, h.op = "", opAnswer
			h.tlvs = append(append(tlv(0x0501, opAnswer), tlv(0x1383, 0x33, 2)...), tlv(0x0424, bytes.Repeat([]byte("4"), 60_000)...)...)
		})
	}},
	{"an input of 254 digits to a dead session", ignored, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.op, h.unit, h.text = opAnswer, 4, strings.Repeat("4", 254) })
	}},
	{"the PIN for a dead session", ignored, func(seq uint32) []byte {
		return deliver(seq, func(h *rawHop) { h.op, h.unit, h.text = opAnswer, 4, stack.PIN })
	}},
	{"answers to nothing", ignored, func(uint32) []byte {
		return bytes.Repeat(pdu(idSubmitSM|answerBit, 0, 0x00abcdef, []byte("m\x00")), 2000)
	}},
	{"a refusal of nothing", ignored, func(uint32) []byte { return pdu(idNack, 3, 0x00abcdee) }},
	{"three hundred dials at once", ignored, dialStorm},
	{"a peer that asks and does not read", deaf, func(uint32) []byte { return bytes.Repeat(pdu(idEnquireLink, 0, 0x00200000), 1<<12) }},
}

// junk is noise that begins like no PDU, the same every time.
func junk(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.UintN(256))
	}
	b[0] = 0xde // no length anybody takes
	return b
}

// dialStorm are dials of so many subscribers at once; none has an account.
func dialStorm(uint32) []byte {
	var b bytes.Buffer
	for n := range 300 {
		h := rawHop{number: fmt.Sprintf("25479%07d", n), op: opPSSR, session: byte(n), text: "*334#"}
		b.Write(pdu(idDeliverSM, 0, uint32(0x00100000+n), h.body()))
	}
	return b.Bytes()
}

// spoil sends a row on a link of its own. A good session pays by the other links,
// and by the other door, before the bad one is looked at.
func (b *bad) spoil(row badPDU) {
	b.t.Helper()
	l := b.front.link()
	l.t = b.t
	seq := l.next()
	l.deaf.Store(row.fate == deaf)
	l.send(row.send(seq))
	b.pay()
	b.payByForm()
	switch row.fate {
	case deaf:
		l.goOn(row.send(seq))
		return
	case answers:
		if id, status, ok := l.answered(seq); !ok || status == 0 {
			b.t.Errorf("answered %#x with status %#x (link alive: %v)", id, status, ok)
		}
		l.enquires()
	case ignored:
		l.enquires()
	case closed:
		<-l.gone
	case stalls:
		_ = l.conn.Close()
		<-l.gone
	}
	b.front.back(l)
}

// enquires asks whether the gateway is there.
func (l *rawLink) enquires() {
	l.t.Helper()
	seq := l.next()
	l.send(pdu(idEnquireLink, 0, seq))
	if id, status, ok := l.answered(seq); !ok || id != idEnquireLink|answerBit || status != 0 {
		l.t.Errorf("enquire_link: %#x, status %#x (link alive: %v)", id, status, ok)
	}
}

// goOn sends until the gateway has had enough of a peer that does not read.
func (l *rawLink) goOn(more []byte) {
	l.t.Helper()
	defer l.conn.Close()
	_ = l.conn.SetWriteDeadline(time.Now().Add(rigPatience))
	for {
		if _, err := l.conn.Write(more); errors.Is(err, os.ErrDeadlineExceeded) {
			l.t.Fatal("the gateway owes without end")
		} else if err != nil {
			return
		}
	}
}
