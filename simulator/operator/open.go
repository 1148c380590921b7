package operator

import (
	"context"
	"crypto/tls"
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
	Delay    time.Duration                        // from an SMS to its fate and delivery receipt
	TLS      *tls.Config                          // ESMEs speak TLS; nil: they do not
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
	maxDue         = 1 << 16          // delivery receipts on their way; then SMS are answered "queue full"
	leastDelay     = time.Millisecond // so that a receipt follows its submit_sm_resp
	openPatience   = 10 * time.Minute // a receipt waits for a bind that takes it
	onFailure      = 0x02             // registered_delivery: only when it failed (SMPP 3.4 §5.2.17)
	receiptBits    = 0x03
	maxErrorCode   = 255 // of query_sm_resp: one octet (SMPP 3.4 §4.8.2)
	stateEnroute   = 1   // message_state (SMPP 3.4 §5.2.28)
	errorDelivered = "000"
	errorFailed    = "001"
	errorExpired   = "027" // absent subscriber, as GSM MAP numbers it (3GPP 29.002, AbsentSubscriber)
)

// How receipts spell the ends of an SMS (SMPP 3.4 appendix B).
const (
	statDelivered   = "DELIVRD"
	statExpired     = "EXPIRED"
	statDeleted     = "DELETED"
	statUndelivered = "UNDELIV"
	statRejected    = "REJECTD"
)

// What an Event tells of.
const (
	EventBind     = "bind"      // an ESME is bound
	EventRefused  = "refused"   // its bind was refused
	EventUnbind   = "unbind"    // its bind is over
	EventSMS      = "sms"       // it submitted one, and was answered with Status
	EventThrottle = "throttled" // it was answered ESME_RTHROTTLED
	EventQuery    = "query"     // it asked what became of one
	EventCancel   = "cancel"    // took one back
	EventReplace  = "replace"   // gave one another text
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

// take keeps an SMS of an open operator until its time comes.
func (c *centre) take(s *smpp.Session, h *handset, m *smpp.Message) smpp.Status {
	now := time.Now()
	due, expires, status := c.o.times(m.ScheduleTime, m.ValidityPeriod, now)
	switch {
	case status != smpp.StatusOK:
		return status
	case len(c.due) >= maxDue || h.crowded():
		return smpp.StatusMsgQueueFull
	case m.Replace == 1: // replace_if_present_flag (SMPP 3.4 §5.2.18)
		for _, old := range c.shelf.pending(s, smpp.Cancel{ServiceType: m.ServiceType, Source: m.Source, Dest: m.Dest}) {
			c.shelf.end(old, Fate{Stat: statDeleted, Err: errorDelivered})
		}
	}
	if !c.shelf.add(&stored{s: s, h: h, m: *m, came: now, due: due, expires: expires, fate: c.o.cfg.Open.fate()}) {
		return smpp.StatusMsgQueueFull
	}
	return smpp.StatusOK
}

// times are when an SMS's fate comes and when its validity ends, by its own fields
// (SMPP 3.4 §5.2.23, §5.2.24) or ours.
func (o *Operator) times(schedule, validity string, now time.Time) (due, expires time.Time, status smpp.Status) {
	due, expires = now, now.Add(ownValidity)
	if schedule != "" {
		at, ok := smpp.ReadTime(schedule, now)
		if !ok {
			return due, expires, smpp.StatusInvSchedule
		}
		if at.After(now) {
			due, expires = at, at.Add(ownValidity)
		}
	}
	if validity != "" {
		at, ok := smpp.ReadTime(validity, now)
		if !ok || !at.After(now) {
			return due, expires, smpp.StatusInvValidity
		}
		expires = at
	}
	return due.Add(max(o.cfg.Open.Delay, leastDelay)), expires, smpp.StatusOK
}

// settle takes the steps of all SMS, each at its time, until the end.
func (c *centre) settle() {
	for c.over.Err() == nil {
		d, wait, due := c.shelf.next(time.Now())
		if due {
			c.step(d)
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-c.shelf.wake:
		case <-c.over.Done():
		}
		t.Stop()
	}
}

// step gives an SMS its fate, or hands its receipt on.
func (c *centre) step(d dated) {
	if d.step == stepTell {
		select {
		case c.due <- d.k:
			c.shelf.told()
		case <-c.over.Done():
		}
		return
	}
	fate, ok := c.shelf.fateOf(d)
	switch {
	case !ok:
	case fate.Stat != statDelivered:
		c.shelf.end(d.k, fate)
	case !d.k.h.reach(func() { c.arrive(d.k, fate) }):
		c.shelf.end(d.k, Fate{Stat: statUndelivered, Err: errorFailed})
	default:
		c.shelf.later(d.k)
	}
}

// arrive brings an SMS to its handset, unless it was taken back meanwhile.
func (c *centre) arrive(k *stored, fate Fate) {
	if m, ok := c.shelf.end(k, fate); ok {
		c.o.accept(k.h, m)
	}
}

// bring sends the receipts, in their order, until the end.
func (c *centre) bring() {
	for {
		select {
		case k := <-c.due:
			select {
			case c.slots <- struct{}{}:
				c.reports.Go(func() { c.hand(k) })
			case <-c.over.Done():
				return
			}
		case <-c.over.Done():
			return
		}
	}
}

// hand brings a receipt until it is answered: the bind that sent the SMS may be gone,
// or not receive.
func (c *centre) hand(k *stored) {
	defer func() { <-c.slots }()
	r, zone := &smpp.Message{Kind: smpp.DeliverSM, Source: k.m.Dest, Dest: k.m.Source}, c.o.cfg.Zone
	smpp.Receipt{ID: k.m.MessageID, Stat: k.fate.Stat, Err: k.fate.Err, Submitted: k.came.In(zone), Done: k.done.In(zone)}.Put(r)
	ctx, cancel := context.WithTimeout(c.over, openPatience)
	defer cancel()
	names := c.o.traceNames(k.h, k.m.MessageID)
	for s := k.s; s != nil && ctx.Err() == nil; s = c.another(ctx, s) {
		c.o.traceReport(names, r)
		began := time.Now()
		resp, err := s.Deliver(ctx, r)
		c.o.traceTold(names, tableKind[smpp.DeliverSM], resp.Status, err, began)
		if err != nil && !errors.Is(err, smpp.ErrUnknown) {
			continue
		}
		status := "no answer"
		if err == nil {
			status = smpp.StatusName(resp.Status)
		}
		c.o.tell(Event{Kind: EventReceipt, SystemID: s.SystemID(), From: k.m.Dest.Addr, To: k.m.Source.Addr, ID: k.m.MessageID, Status: k.fate.Stat + " " + status})
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
