//go:build house

package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlango/smpp"
)

// What the other end of a link says in SMPP 3.4 (§5.1.2.1).
const (
	idNack        = 0x80000000
	idSubmitSM    = 0x00000004
	idDeliverSM   = 0x00000005
	idEnquireLink = 0x00000015
	idTransceiver = 0x00000009
	answerBit     = 0x80000000
	pduHeader     = 16
	maxFrontPDU   = 1 << 20
)

// front stands between the gateway and its operator. The first USSD bind and all
// SMS binds lead on to the operator; the test speaks on the other USSD binds, as
// it likes.
type front struct {
	t    testing.TB
	ln   net.Listener
	raw  chan *rawLink
	mu   sync.Mutex
	real string // the operator's own port
	good bool   // a USSD bind leads to the operator
}

func newFront(t testing.TB) *front {
	t.Helper()
	ln, err := net.Listen("tcp", newPort(t))
	if err != nil {
		t.Fatal(err)
	}
	f := &front{t: t, ln: ln, raw: make(chan *rawLink, 64)}
	t.Cleanup(func() { _ = ln.Close() })
	return f
}

// serve leads binds to the operator at addr, or to the test.
func (f *front) serve(addr string) {
	f.real = addr
	go func() {
		for {
			conn, err := f.ln.Accept()
			if err != nil {
				return
			}
			go f.lead(conn)
		}
	}()
}

func (f *front) lead(conn net.Conn) {
	bind, err := readPDU(conn)
	if err != nil {
		_ = conn.Close()
		return
	}
	ussd := bytes.HasPrefix(bind[pduHeader:], append([]byte(demoUSSD), 0))
	if ussd && !f.first() {
		l := &rawLink{t: f.t, conn: conn, screens: make(chan []byte, 1024), answers: make(chan []byte, 1<<16), gone: make(chan struct{})}
		l.send(pdu(idTransceiver|answerBit, 0, seqOf(bind), []byte("FAR\x00")))
		go l.read()
		f.raw <- l
		return
	}
	f.pass(conn, bind)
	if ussd {
		f.mu.Lock()
		f.good = false
		f.mu.Unlock()
	}
}

// first tells whether no USSD bind leads to the operator yet; then this one does.
func (f *front) first() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.good
	f.good = true
	return first
}

// pass carries bytes both ways until either side is gone.
func (f *front) pass(conn net.Conn, bind []byte) {
	defer conn.Close()
	far, err := net.Dial("tcp", f.real)
	if err != nil {
		return
	}
	defer far.Close()
	if _, err := far.Write(bind); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(conn, far)
		_ = conn.Close()
	}()
	_, _ = io.Copy(far, conn)
}

// link is a USSD bind that leads to the test.
func (f *front) link() *rawLink {
	f.t.Helper()
	for {
		select {
		case l := <-f.raw:
			if l.alive() {
				return l
			}
		case <-time.After(rigPatience):
			f.t.Fatal("the gateway brought no other bind")
		}
	}
}

// back returns a link that somebody else may use.
func (f *front) back(l *rawLink) {
	if l.alive() {
		f.raw <- l
	}
}

// rawLink is the operator's end of a bind, byte by byte.
type rawLink struct {
	t       testing.TB
	conn    net.Conn
	mu      sync.Mutex // guards writes
	seq     uint32
	screens chan []byte // submit_sm, answered already
	answers chan []byte // whatever answers us
	deaf    atomic.Bool // reads no more
	gone    chan struct{}
}

// read answers what the gateway asks, so that it stays, until the link is gone.
func (l *rawLink) read() {
	defer close(l.gone)
	for !l.deaf.Load() {
		p, err := readPDU(l.conn)
		if err != nil {
			_ = l.conn.Close()
			return
		}
		switch id := binary.BigEndian.Uint32(p[4:]); {
		case id&answerBit != 0:
			l.answers <- p
		case id == idSubmitSM:
			l.send(pdu(id|answerBit, 0, seqOf(p), []byte("m\x00")))
			select {
			case l.screens <- p:
			default: // nobody looks at so many
			}
		default:
			l.send(pdu(id|answerBit, 0, seqOf(p)))
		}
	}
}

// send writes bytes; a link that is gone takes none.
func (l *rawLink) send(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.conn.Write(b)
}

// next is a sequence number nobody used.
func (l *rawLink) next() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	return l.seq
}

func (l *rawLink) alive() bool {
	select {
	case <-l.gone:
		return false
	default:
		return true
	}
}

// answered waits for the answer to a number and returns its command and status;
// ok is false when the gateway closed the link instead.
func (l *rawLink) answered(seq uint32) (id, status uint32, ok bool) {
	l.t.Helper()
	for {
		select {
		case p := <-l.answers:
			if seqOf(p) == seq {
				return binary.BigEndian.Uint32(p[4:]), binary.BigEndian.Uint32(p[8:]), true
			}
		case <-l.gone:
			return 0, 0, false
		case <-time.After(rigPatience):
			l.t.Fatal("the gateway neither answers nor closes the link")
		}
	}
}

// statuses waits for the answers to numbers, in whatever order they come.
func (l *rawLink) statuses(seqs []uint32) (all []uint32) {
	l.t.Helper()
	for range seqs {
		select {
		case p := <-l.answers:
			if !slices.Contains(seqs, seqOf(p)) {
				l.t.Errorf("an answer to %d, which nobody asked", seqOf(p))
			}
			all = append(all, binary.BigEndian.Uint32(p[8:]))
		case <-time.After(rigPatience):
			l.t.Fatal("the gateway does not answer a copy")
		}
	}
	return all
}

// hop delivers one and returns the status of its answer.
func (l *rawLink) hop(h rawHop) uint32 {
	l.t.Helper()
	seq := l.next()
	l.send(pdu(idDeliverSM, 0, seq, h.body()))
	id, status, ok := l.answered(seq)
	if !ok || id != idDeliverSM|answerBit {
		l.t.Fatalf("the hop %+v was answered with %x (link alive: %v)", h, id, ok)
	}
	return status
}

// screen waits for the next one and returns its text and whether it ends.
func (l *rawLink) screen() (text string, end bool) {
	l.t.Helper()
	select {
	case p := <-l.screens:
		return screenIn(l.t, p)
	case <-time.After(rigPatience):
		l.t.Fatal("no screen came")
	}
	return "", false
}

// rawHop is a deliver_sm as an operator sends it.
type rawHop struct {
	number  string
	dest    string // [334]
	op      byte
	session byte
	unit    byte
	text    string
	coding  byte
	tlvs    []byte // instead of the two of a hop, when not nil
}

// The ops of the standard dialect.
const (
	opPSSR   = 1
	opAnswer = 18
	opEnd    = 17
)

// body is the deliver_sm's (SMPP 3.4 §4.6.1).
func (h rawHop) body() []byte {
	if h.dest == "" {
		h.dest = "334"
	}
	b := []byte("USSD\x00\x01\x01" + h.number + "\x00\x00\x00" + h.dest + "\x00")
	b = append(b, 0, 0, 0, 0, 0, 0, 0, h.coding, 0, byte(len(h.text)))
	b = append(b, h.text...)
	if h.tlvs != nil {
		return append(b, h.tlvs...)
	}
	return append(b, append(tlv(0x0501, h.op), tlv(0x1383, h.session, h.unit<<1)...)...)
}

func tlv(tag uint16, value ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, tag)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(value))), value...)
}

func pdu(id, status, seq uint32, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(pduHeader+len(all)))
	for _, word := range []uint32{id, status, seq} {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	return append(b, all...)
}

func seqOf(p []byte) uint32 { return binary.BigEndian.Uint32(p[12:]) }

// readPDU reads one whole PDU.
func readPDU(r io.Reader) ([]byte, error) {
	head := make([]byte, pduHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head)
	if size < pduHeader || size > maxFrontPDU {
		return nil, io.ErrUnexpectedEOF
	}
	p := append(head, make([]byte, size-pduHeader)...)
	_, err := io.ReadFull(r, p[pduHeader:])
	return p, err
}

// screenIn is the text of a screen's submit_sm, and whether it is the last one.
func screenIn(t testing.TB, p []byte) (text string, end bool) {
	t.Helper()
	m, err := smpp.DecodeMessage(smpp.CommandID(idSubmitSM), p[pduHeader:])
	if err != nil {
		t.Fatalf("the gateway sent a submit_sm that is none: %v", err)
	}
	op, _ := m.TLV(smpp.TagUSSDServiceOp)
	return smpp.DecodeText(m.DataCoding, m.Content()), len(op) == 1 && op[0] == opEnd
}
