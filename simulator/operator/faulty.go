package operator

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The PDUs that faults know (SMPP 3.4 §5.1.2.1).
const (
	respHeader    = 16
	idSubmit      = 0x00000004
	idDeliver     = 0x00000005
	idSubmitResp  = 0x80000004
	idDeliverResp = 0x80000005
)

// Limits of what is remembered of lost answers.
const (
	lastHeard  = 16      // answers before a link's end that nobody may have read: more than a window
	maxUnheard = 1 << 16 // message ids
)

// faultyListener hands out connections whose responses can be late or lost.
type faultyListener struct {
	net.Listener
	o *Operator
}

// Accept is the listener's, with faults.
func (l *faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if l.o.faults().Clash {
		conn = newClashing(conn)
	}
	return &faultyConn{Conn: conn, o: l.o}, nil
}

// swapPatience is how long a PDU waits for the one that goes before it.
const swapPatience = 50 * time.Millisecond

// faultyConn looks at whole PDUs on their way out. mu keeps a late one from
// landing inside another.
type faultyConn struct {
	net.Conn
	o     *Operator
	mu    sync.Mutex
	count uint64            // submit_sm_resp
	pdus  uint64            // all
	kept  []byte            // a PDU that goes after the next one
	dead  atomic.Bool       // half open: for good
	last  [lastHeard]string // message ids of the latest answers
	next  int
}

// Write sends b, which holds whole PDUs, but for what a fault keeps back.
func (c *faultyConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.o.faults()
	if c.halfOpen(&f) {
		return len(b), nil
	}
	if f.Slow > 0 {
		time.Sleep(f.Slow)
	}
	if !f.link() && c.kept == nil {
		for rest := b; len(rest) > 0; rest = rest[pduSize(rest):] {
			c.answered(rest[:pduSize(rest)])
		}
		return c.Conn.Write(b)
	}
	for rest := b; len(rest) > 0; {
		size := pduSize(rest)
		if err := c.one(rest[:size], f); err != nil {
			return 0, err
		}
		rest = rest[size:]
	}
	return len(b), nil
}

// Read is the link's; of a half open one nothing comes until it is closed.
func (c *faultyConn) Read(b []byte) (int, error) {
	for {
		f := c.o.faults()
		if f.Slow > 0 {
			time.Sleep(f.Slow)
		}
		n, err := c.Conn.Read(b)
		if f = c.o.faults(); err != nil || !c.halfOpen(&f) {
			return n, err
		}
	}
}

// halfOpen tells whether the link passes nothing any more: once begun it does not end.
func (c *faultyConn) halfOpen(f *Faults) bool {
	if f.HalfOpen {
		c.dead.Store(true)
	}
	return c.dead.Load()
}

// send writes a PDU, twice or after the next one when a fault says so. The caller
// holds c.mu.
func (c *faultyConn) send(pdu []byte, f Faults) error {
	c.pdus++
	if one(c.pdus, f.PDUSwap) && c.kept == nil {
		c.kept = append([]byte(nil), pdu...)
		time.AfterFunc(swapPatience, c.flush)
		return nil
	}
	out := pdu
	if one(c.pdus, f.PDUTwice) {
		out = append(append([]byte(nil), pdu...), pdu...)
	}
	if c.kept != nil {
		out, c.kept = append(append([]byte(nil), out...), c.kept...), nil
	}
	_, err := c.Conn.Write(out)
	return err
}

// flush sends what waits for a next PDU that does not come.
func (c *faultyConn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		return
	}
	_, _ = c.Conn.Write(c.kept) // the link may be gone by now
	c.kept = nil
}

// answered remembers whose answer is on its way, if the PDU is one.
func (c *faultyConn) answered(pdu []byte) {
	if id := submitted(pdu); id != "" {
		c.o.hear(id)
		c.last[c.next%lastHeard] = id
		c.next++
	}
}

// Close ends the link; the answers that left last may not have been read.
func (c *faultyConn) Close() error {
	c.mu.Lock()
	for _, id := range c.last {
		c.o.lose(id)
	}
	c.mu.Unlock()
	return c.Conn.Close()
}

// submitted is the message_id of a good submit_sm_resp, empty of anything else.
func submitted(pdu []byte) string {
	if len(pdu) <= respHeader || binary.BigEndian.Uint32(pdu[4:]) != idSubmitResp || binary.BigEndian.Uint32(pdu[8:]) != 0 {
		return ""
	}
	id, _, _ := bytes.Cut(pdu[respHeader:], []byte{0})
	return string(id)
}

// one sends, delays or drops a PDU, or ends the link. The caller holds c.mu.
func (c *faultyConn) one(pdu []byte, f Faults) error {
	if len(pdu) < respHeader || binary.BigEndian.Uint32(pdu[4:]) != idSubmitResp {
		return c.send(pdu, f)
	}
	c.count++
	switch {
	case one(c.count, f.Cut):
		_ = c.Conn.Close() // the session sees it at its next read
		return net.ErrClosed
	case one(c.count, f.RespDrop):
		return nil
	}
	c.answered(pdu)
	if one(c.count, f.RespTwice) {
		pdu = append(append([]byte(nil), pdu...), pdu...)
	}
	if f.RespDelay == 0 {
		return c.send(pdu, f)
	}
	late := append([]byte(nil), pdu...)
	time.AfterFunc(f.RespDelay, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, _ = c.Conn.Write(late) // the link may be gone by now
	})
	return nil
}

// pduSize is the length of the PDU at the head of b; what is none is sent as it is.
func pduSize(b []byte) int {
	if len(b) < 4 {
		return len(b)
	}
	size := int(binary.BigEndian.Uint32(b))
	if size < respHeader || size > len(b) {
		return len(b)
	}
	return size
}

// unheard are the SMS whose answer the other side has not had, or may not have.
type unheard struct {
	mu  sync.Mutex
	ids map[string]bool
}

// lose notes that the answer to an SMS was lost, or did not leave yet.
func (o *Operator) lose(id string) {
	o.dropped.mu.Lock()
	defer o.dropped.mu.Unlock()
	if o.dropped.ids == nil {
		o.dropped.ids = map[string]bool{}
	}
	if id != "" && len(o.dropped.ids) < maxUnheard {
		o.dropped.ids[id] = true
	}
}

// hear notes that it left.
func (o *Operator) hear(id string) {
	o.dropped.mu.Lock()
	defer o.dropped.mu.Unlock()
	delete(o.dropped.ids, id)
}

// Unheard tells whether the answer to an SMS was lost, or may have been: it was kept
// back, or its link ended right behind it. Who sends such an SMS again is right.
func (o *Operator) Unheard(id string) bool {
	o.dropped.mu.Lock()
	defer o.dropped.mu.Unlock()
	return o.dropped.ids[id]
}
