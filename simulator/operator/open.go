package operator

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"mlango/smpp"
)

// Open makes an operator that any ESME may bind to: each bind that receives serves USSD
// and takes SMS and receipts, whatever its system_id.
type Open struct {
	Auth     func(systemID, password string) bool // who may bind
	Allow    []netip.Prefix                       // from where; none: from everywhere
	Throttle int                                  // messages a second; above it ESME_RTHROTTLED; 0: no limit
	Fates    []Fate                               // of SMS; none: all are delivered
	Delay    time.Duration                        // from an SMS to its delivery receipt
	OnEvent  func(Event)                          // called for all that happens, by any goroutine: it does not wait
}

// Fate is what becomes of a share of the SMS.
type Fate struct {
	Stat string // as receipts spell it: DELIVRD, EXPIRED, UNDELIV
	Err  string // the network's error in three digits
	Part float64
}

// Limits of an open operator.
const (
	maxDue         = 1 << 16          // delivery receipts whose time has not come; then SMS are answered "queue full"
	leastDelay     = time.Millisecond // so that a receipt follows its submit_sm_resp
	openPatience   = 10 * time.Minute // a receipt waits for a bind that takes it
	onFailure      = 0x02             // registered_delivery: only when it failed (SMPP 3.4 §5.2.17)
	receiptBits    = 0x03
	statDelivered  = "DELIVRD"
	errorDelivered = "000"
)

// What an Event tells of.
const (
	EventBind     = "bind"      // an ESME is bound
	EventRefused  = "refused"   // its bind was refused
	EventUnbind   = "unbind"    // its bind is over
	EventSMS      = "sms"       // it submitted one, and was answered with Status
	EventThrottle = "throttled" // it was answered ESME_RTHROTTLED
	EventReceipt  = "receipt"   // a delivery receipt was answered with Status
	EventMO       = "mo"        // so was an SMS of a subscriber
	EventHop      = "hop"       // a handset's key goes to it
	EventScreen   = "screen"    // and its screen was answered with Status
)

// Event is one thing that happened between an open operator and an ESME.
type Event struct {
	At             time.Time
	Kind           string
	SystemID, Mode string
	Remote         string // host:port of a bind
	From, To       string // addresses
	Text           string // what was said; empty where it may be a PIN
	ID             string // message_id
	Status         string // command_status by name, of a receipt its stat before it
}

// tell tells what happened.
func (o *Operator) tell(e Event) {
	if op := o.cfg.Open; op != nil && op.OnEvent != nil {
		e.At = time.Now()
		op.OnEvent(e)
	}
}

// tableHops is what a hop says, in a word.
var tableHops = map[hopOp]string{opBegin: "dials", opInput: "presses", opAbort: "hangs up", opNotified: "has read"}

// plain is a hop's text, unless it may be a PIN.
func (p *hop) plain() string {
	if p.hidden {
		return ""
	}
	return p.text
}

// due is a receipt on its way.
type due struct {
	at   time.Time
	s    *smpp.Session
	m    *smpp.Message
	fate Fate
}

// fate draws what becomes of an SMS.
func (op *Open) fate() Fate {
	r := rand.Float64()
	for _, f := range op.Fates {
		if r -= f.Part; r < 0 {
			return f
		}
	}
	return Fate{Stat: statDelivered, Err: errorDelivered}
}

// take takes an SMS of an open operator: delivered or not, the receipt follows.
func (c *centre) take(s *smpp.Session, h *handset, m *smpp.Message) smpp.Status {
	fate := c.o.cfg.Open.fate()
	wants := m.RegisteredDelivery&receiptBits == wantsReceipt || m.RegisteredDelivery&receiptBits == onFailure && fate.Stat != statDelivered
	if wants && len(c.due) >= maxDue {
		return smpp.StatusMsgQueueFull
	}
	news := func() {
		if fate.Stat == statDelivered {
			c.o.accept(h, m)
		}
		if wants {
			select {
			case c.due <- due{time.Now().Add(max(c.o.cfg.Open.Delay, leastDelay)), s, m, fate}:
			case <-c.over.Done():
			}
		}
	}
	if fate.Stat != statDelivered {
		news()
	} else if !h.reach(news) {
		return smpp.StatusMsgQueueFull
	}
	return smpp.StatusOK
}

// bring sends the receipts that are due, in their order, until the end: the delay is
// the same for all.
func (c *centre) bring() {
	for {
		select {
		case d := <-c.due:
			if !c.rest(time.Until(d.at)) {
				return
			}
			select {
			case c.slots <- struct{}{}:
				c.reports.Go(func() { c.hand(d) })
			case <-c.over.Done():
				return
			}
		case <-c.over.Done():
			return
		}
	}
}

// rest waits; false when the end came.
func (c *centre) rest(wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.over.Done():
		return false
	}
}

// hand brings a receipt until it is answered: the bind that sent the SMS may be gone,
// or not receive.
func (c *centre) hand(d due) {
	defer func() { <-c.slots }()
	r := &smpp.Message{Kind: smpp.DeliverSM, Source: d.m.Dest, Dest: d.m.Source}
	smpp.Receipt{ID: d.m.MessageID, Stat: d.fate.Stat, Err: d.fate.Err, Submitted: d.at.Add(-c.o.cfg.Open.Delay), Done: d.at}.Put(r)
	ctx, cancel := context.WithTimeout(c.over, openPatience)
	defer cancel()
	for s := d.s; s != nil && ctx.Err() == nil; s = c.another(ctx, s) {
		resp, err := s.Deliver(ctx, r)
		if err != nil && !errors.Is(err, smpp.ErrUnknown) {
			continue
		}
		status := "no answer"
		if err == nil {
			status = smpp.StatusName(resp.Status)
		}
		c.o.tell(Event{Kind: EventReceipt, SystemID: s.SystemID(), From: d.m.Dest.Addr, To: d.m.Source.Addr, ID: d.m.MessageID, Status: d.fate.Stat + " " + status})
		if err == nil && resp.Status == smpp.StatusOK {
			c.o.counts.receipts.Add(1)
		}
		return
	}
}

// SameSecret compares two secrets in a time that tells nothing about them.
func SameSecret(a, b string) bool { return smpp.SameSecret(a, b) }

// Final tells whether a receipt of that stat is an SMS's last.
func Final(stat string) bool { return smpp.Receipt{Stat: stat}.Final() }
