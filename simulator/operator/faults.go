package operator

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
	"time"
)

// Faults is how the network misbehaves; the zero value is a good one.
type Faults struct {
	Duplicate int           // copies of every hop sent beside it, at the same moment
	RespDelay time.Duration // before a submit_sm_resp leaves
	RespDrop  int           // of so many submit_sm_resp one is never sent; 1 drops all
	Throttle  int           // submit_sm a second; above it the answer is "throttled"
}

// Bounds of faults.
const (
	maxDuplicate = 64
	maxRespDelay = time.Minute
	respHeader   = 16
	idSubmitResp = 0x80000004 // command_id of submit_sm_resp (SMPP 3.4 §5.1.2.1)
)

// SetFaults makes the network misbehave from now on, or with Faults{} no more.
func (o *Operator) SetFaults(f Faults) { o.fault.Store(f.bounded()) }

// SetFaultsFor does it for a while; faults that were set later stay.
func (o *Operator) SetFaultsFor(f Faults, d time.Duration) {
	set := f.bounded()
	o.fault.Store(set)
	time.AfterFunc(d, func() { o.fault.CompareAndSwap(set, &Faults{}) })
}

func (f Faults) bounded() *Faults {
	f.Duplicate = min(max(f.Duplicate, 0), maxDuplicate)
	f.RespDelay = min(max(f.RespDelay, 0), maxRespDelay)
	return &f
}

func (o *Operator) faults() Faults {
	if f := o.fault.Load(); f != nil {
		return *f
	}
	return Faults{}
}

// DropBinds cuts every connection of the other side at once, without unbind.
func (o *Operator) DropBinds() {
	for _, s := range o.centre.server.Sessions() {
		s.Abort()
	}
}

// send carries a hop, and its copies when a fault says so. The hop arrived when
// any of them did: the others may find a queue full of copies.
func (o *Operator) send(ctx context.Context, p *hop) error {
	n := 1 + o.faults().Duplicate
	o.counts.hops.Add(uint64(n))
	if n == 1 {
		return o.carrier.carry(ctx, p)
	}
	fates := make(chan error, n)
	for range n {
		go func() { fates <- o.carrier.carry(ctx, p) }()
	}
	err := <-fates
	for range n - 1 {
		if fate := <-fates; err != nil {
			err = fate
		}
	}
	return err
}

// throttle counts what came in the running second.
type throttle struct {
	mu     sync.Mutex
	second int64
	n      int
}

// allow tells whether one more is within limit a second; zero is no limit.
func (t *throttle) allow(limit int) bool {
	if limit <= 0 {
		return true
	}
	now := time.Now().Unix()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.second != now {
		t.second, t.n = now, 0
	}
	t.n++
	return t.n <= limit
}

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
	return &faultyConn{Conn: conn, o: l.o}, nil
}

// faultyConn looks at whole PDUs on their way out. mu keeps a late one from
// landing inside another.
type faultyConn struct {
	net.Conn
	o     *Operator
	mu    sync.Mutex
	count int
}

// Write sends b, which holds whole PDUs, but for what a fault keeps back.
func (c *faultyConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.o.faults()
	if f.RespDelay == 0 && f.RespDrop == 0 {
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

// one sends, delays or drops a PDU. The caller holds c.mu.
func (c *faultyConn) one(pdu []byte, f Faults) error {
	if len(pdu) < respHeader || binary.BigEndian.Uint32(pdu[4:]) != idSubmitResp {
		_, err := c.Conn.Write(pdu)
		return err
	}
	c.count++
	if f.RespDrop > 0 && c.count%f.RespDrop == 0 {
		return nil
	}
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
