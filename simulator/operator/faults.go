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
	Throttle  int           // submit_sm a second; above it the answer is "throttled"

	Busy         int  // of so many SMS one is answered "throttled"
	Full         int  // of so many SMS one is answered "queue full"
	Cut          int  // of so many submit_sm_resp one ends its link in its place
	Clash        bool // our deliver_sm carry the number of their latest submit_sm; for links that come from now on
	ReceiptDrop  int  // of so many delivery receipts one is never sent
	ReceiptTwice int  // of so many one is sent twice
}

// Bounds of faults.
const (
	maxDuplicate = 64
	maxRespDelay = time.Minute
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

// one tells whether n is the one of so many; of none there is none.
func one(n uint64, of int) bool { return of > 0 && n%uint64(of) == 0 }
