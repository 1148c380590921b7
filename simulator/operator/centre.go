package operator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// centre is the USSD centre and the SMSC: the other side binds to it as ESME,
// once for each.
type centre struct {
	o       *Operator
	dialect *dialect.SMPP
	server  *smpp.Server
	turn    atomic.Uint32
	slots   chan struct{}  // delivery receipts under way
	reports sync.WaitGroup // that bring them
	mu      sync.Mutex     // guards changes of the two below
	ussd    atomic.Pointer[[]*smpp.Session]
	sms     atomic.Pointer[[]*smpp.Session]
	shelf   *shelf          // SMS of an open operator
	due     chan *stored    // those whose receipts leave
	changed chan struct{}   // closed and made anew when a bind comes or goes
	over    context.Context // of the bind that we make ourselves
	stop    context.CancelFunc
}

func newCentre(o *Operator) (*centre, error) {
	d, err := dialect.OverSMPP(o.cfg.Dialect)
	if err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	c := &centre{o: o, dialect: d, changed: make(chan struct{}), slots: make(chan struct{}, maxReceipts)}
	c.over, c.stop = context.WithCancel(context.Background())
	c.ussd.Store(&[]*smpp.Session{})
	c.sms.Store(&[]*smpp.Session{})
	server := smpp.ServerConfig{
		SystemID: o.cfg.Name, Auth: c.auth, OnBind: c.bound, OnClose: c.gone,
		OnMessage: c.message, MaxConns: maxBinds, Window: o.cfg.Window, Log: o.cfg.Log,
	}
	if op := o.cfg.Open; op != nil {
		if len(op.Allow) > 0 {
			server.Allow = smpp.AllowPrefixes(op.Allow...)
		}
		server.Manage = c.managed()
		c.shelf, c.due = newShelf(), make(chan *stored, maxDue)
		c.reports.Go(c.settle)
		c.reports.Go(c.bring)
	}
	c.server = smpp.NewServer(server)
	return c, nil
}

func (c *centre) auth(systemID, password string) smpp.Status {
	if op := c.o.cfg.Open; op != nil {
		if op.Auth(systemID, password) {
			return smpp.StatusOK
		}
		c.o.tell(Event{Kind: EventRefused, SystemID: systemID, Status: smpp.StatusName(smpp.StatusInvPassword)})
		return smpp.StatusInvPassword
	}
	known := systemID == c.o.cfg.USSDSystemID || systemID == c.o.cfg.SMSSystemID
	if !known || !smpp.SameSecret(password, c.o.cfg.Password) {
		return smpp.StatusInvPassword
	}
	return smpp.StatusOK
}

// set is the list a bind stands in.
func (c *centre) set(s *smpp.Session) *atomic.Pointer[[]*smpp.Session] {
	if s.SystemID() == c.o.cfg.USSDSystemID {
		return &c.ussd
	}
	return &c.sms
}

// sets are the lists a bind stands in: at an open operator both, if it receives.
func (c *centre) sets(s *smpp.Session) []*atomic.Pointer[[]*smpp.Session] {
	switch {
	case c.o.cfg.Open == nil:
		return []*atomic.Pointer[[]*smpp.Session]{c.set(s)}
	case s.Mode() == smpp.TX:
		return nil
	}
	return []*atomic.Pointer[[]*smpp.Session]{&c.ussd, &c.sms}
}

func (c *centre) bound(s *smpp.Session) {
	for _, set := range c.sets(s) {
		c.change(set, func(list []*smpp.Session) []*smpp.Session { return append(slices.Clone(list), s) })
	}
	c.o.tell(Event{Kind: EventBind, SystemID: s.SystemID(), Mode: s.Mode().String(), Remote: s.Remote().String()})
}

func (c *centre) gone(s *smpp.Session, err error) {
	for _, set := range c.sets(s) {
		c.change(set, func(list []*smpp.Session) []*smpp.Session {
			return slices.DeleteFunc(slices.Clone(list), func(t *smpp.Session) bool { return t == s })
		})
	}
	e := Event{Kind: EventUnbind, SystemID: s.SystemID(), Mode: s.Mode().String(), Remote: s.Remote().String(), Status: "orderly"}
	if err != nil {
		e.Status = err.Error()
	}
	c.o.tell(e)
}

// change replaces the list of a set and wakes whoever waits for binds.
func (c *centre) change(at *atomic.Pointer[[]*smpp.Session], edit func([]*smpp.Session) []*smpp.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := edit(*at.Load())
	at.Store(&list)
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait returns once every set that is needed has a bind: over HTTP no hop goes
// through the USSD centre.
func (c *centre) wait(ctx context.Context) error {
	for {
		c.mu.Lock()
		changed := c.changed
		ussd, sms := len(*c.ussd.Load()) > 0, len(*c.sms.Load()) > 0
		ready := (ussd || c.o.cfg.Aggregator != "") && (sms || c.o.cfg.SMSSystemID == c.o.cfg.USSDSystemID || c.o.cfg.SMSAPI != "")
		c.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("operator: wait for the gateway's binds: %w", ctx.Err())
		}
	}
}

// open numbers the dialogue and ties it to a bind.
func (c *centre) open(h *handset) {
	h.dial.session = c.dialect.SessionKey(h.dial.number, c.o.cfg.ShortCode)
	h.dial.bind = c.next()
}

// next is a bind for USSD, in turn; nil when none is up.
func (c *centre) next() *smpp.Session {
	list := *c.ussd.Load()
	if len(list) == 0 {
		return nil
	}
	return list[int(c.turn.Add(1))%len(list)]
}

// pick is the dialogue's bind, or another when that one is down.
func (c *centre) pick(s *smpp.Session) *smpp.Session {
	if s != nil {
		select {
		case <-s.Done():
		default:
			return s
		}
	}
	return c.next()
}

// carry sends a hop as deliver_sm. One that was sent and not answered may have
// arrived: its screen decides.
func (c *centre) carry(ctx context.Context, p *hop) error {
	m, err := c.encode(p)
	if err != nil {
		return err
	}
	if c.o.trace != nil {
		c.o.traceHop(p, c.o.wordsOf(c.o.hopKind(m), m))
	}
	s := c.pick(p.bind)
	if s == nil {
		return ErrNoService
	}
	c.o.tell(Event{Kind: EventHop, SystemID: s.SystemID(), From: p.msisdn, To: m.Dest.Addr, Text: p.plain(), Status: tableHops[p.op]})
	say := s.Deliver
	if c.o.cfg.Target != "" {
		say = s.Submit
	}
	began := time.Now()
	resp, err := say(ctx, m)
	c.o.traceTold([]string{c.o.TraceName(p.msisdn, p.session)}, c.o.hopKind(m), resp.Status, err, began)
	switch {
	case errors.Is(err, smpp.ErrUnknown):
		return nil
	case err != nil && ctx.Err() != nil:
		return ErrNoAnswer
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNoService, err)
	case resp.Status != smpp.StatusOK:
		return fmt.Errorf("%w: %w", ErrRefused, resp.Status)
	}
	return nil
}

// serve accepts binds until close, and makes the USSD centre's own where the
// service is bound to.
func (c *centre) serve(ln net.Listener) error {
	if c.o.cfg.Target != "" {
		go c.bindThere()
	}
	if op := c.o.cfg.Open; op != nil && op.TLS != nil {
		ln = tls.NewListener(ln, op.TLS)
	}
	return c.server.Serve(&faultyListener{ln, c.o})
}
