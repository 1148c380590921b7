package operator

import (
	"context"
	"sync"
	"time"
)

// Faults is how the network misbehaves; the zero value is a good one.
type Faults struct {
	Duplicate int           // copies of every hop sent beside it, at the same moment
	RespDelay time.Duration // before a submit_sm_resp leaves
	RespDrop  int           // of so many submit_sm_resp one is never sent; 1 drops all
	Throttle  int           // SMS a second; above it the answer is "throttled"

	ThrottleUSSD bool // screens too: the SMSC and the USSD centre are one

	Busy         int  // of so many SMS one is answered "throttled"
	Full         int  // of so many SMS one is answered "queue full"
	Cut          int  // of so many submit_sm_resp one ends its link in its place
	Clash        bool // our deliver_sm carry the number of their latest submit_sm; for links that come from now on
	ReceiptDrop  int  // of so many delivery receipts one is never sent
	ReceiptTwice int  // of so many one is sent twice

	RespTwice     int           // of so many submit_sm_resp one is sent twice
	ReceiptSpread time.Duration // delivery receipts leave up to so much later, so that they overtake each other
	PDUTwice      int           // of so many PDUs to the other side one is sent twice, byte for byte
	PDUSwap       int           // of so many one is sent after the next
	Slow          time.Duration // before each read from a link, and each write to it
	HalfOpen      bool          // links that stand or come meanwhile stay open, and nothing passes on them any more
}

// link tells whether a link shows a fault.
func (f *Faults) link() bool {
	return f.RespDelay != 0 || f.RespDrop != 0 || f.Cut != 0 || f.RespTwice != 0 || f.PDUTwice != 0 || f.PDUSwap != 0
}

// Bounds of faults: who takes a wish for more refuses it, since more is not done.
const (
	MaxDuplicate = 64               // copies of a hop
	MaxDelay     = time.Minute      // of an answer or a receipt
	MaxSlow      = 10 * time.Second // of each read and write
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
	f.Duplicate = min(max(f.Duplicate, 0), MaxDuplicate)
	f.RespDelay = min(max(f.RespDelay, 0), MaxDelay)
	f.ReceiptSpread = min(max(f.ReceiptSpread, 0), MaxDelay)
	f.Slow = min(max(f.Slow, 0), MaxSlow)
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

// dawdle keeps a delivery receipt back for a while of its own.
func (o *Operator) dawdle() {
	if spread := o.faults().ReceiptSpread; spread > 0 {
		o.chance.Lock()
		d := time.Duration(o.random.Int64N(int64(spread)))
		o.chance.Unlock()
		o.centre.late(context.Background(), d)
	}
}

// late waits; false when ctx or the operator ended before.
func (c *centre) late(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-c.over.Done():
	}
	return false
}

// one tells whether n is the one of so many; of none there is none.
func one(n uint64, of int) bool { return of > 0 && n%uint64(of) == 0 }
