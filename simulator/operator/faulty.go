package operator

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
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

// faultyConn looks at whole PDUs on their way out. mu keeps a late one from
// landing inside another.
type faultyConn struct {
	net.Conn
	o     *Operator
	mu    sync.Mutex
	count uint64
	last  [lastHeard]string // message ids of the latest answers
	next  int
}

// Write sends b, which holds whole PDUs, but for what a fault keeps back.
func (c *faultyConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.o.faults()
	if f.RespDelay == 0 && f.RespDrop == 0 && f.Cut == 0 {
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
		_, err := c.Conn.Write(pdu)
		return err
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
	if f.RespDelay == 0 {
		_, err := c.Conn.Write(pdu)
		return err
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
