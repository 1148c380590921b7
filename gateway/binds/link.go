package binds

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"mlango/smpp"
)

// sender is what a link sends over: an *smpp.Session, or an *api.
type sender interface {
	Submit(ctx context.Context, m *smpp.Message) (smpp.Response, error)
	Done() <-chan struct{}
}

// link is one connection: it binds, binds again when it is lost, and sends what
// its gate lets through.
type link struct {
	operator, name string
	set            Set
	window         int
	conf           smpp.Config
	api            *api // in place of a connection, with conf's Addr and Mode
	standby        bool
	gate           *gate
	breakers       [2]*breaker // of each priority
	tally          Tally
	elsewhere      func(*link) bool // whether another bind takes what waits for this one
	receive        Receiver
	log            *slog.Logger

	mu      sync.Mutex
	session sender // nil while down
	phase   Phase
	since   time.Time
	lastErr string

	received, lost atomic.Uint64
}

func newLink(operator, name string, b Bind, receive Receiver, cfg Config) (*link, error) {
	conf := smpp.Config{
		Addr: net.JoinHostPort(b.Host, strconv.Itoa(b.Port)), SystemID: b.SystemID, Password: b.Password,
		SystemType: b.SystemType, InterfaceVersion: uint8(b.InterfaceVersion), AddressRange: b.AddressRange,
		Mode: map[string]smpp.Mode{"tx": smpp.TX, "rx": smpp.RX}[b.Mode], Window: b.Window,
		Timers: smpp.Timers{EnquireLink: b.EnquireLink, Response: b.ResponseTimeout, Inactivity: b.Inactivity}, Log: cfg.Log,
	}
	if cfg.Tap != nil {
		conf.Tap = func(s *smpp.Session, in bool, pdu []byte) { cfg.Tap(operator, name, s, in, pdu) }
	}
	var err error
	if conf.TLS, err = b.TLS.config(b.Host); err != nil {
		return nil, err
	}
	l := &link{
		operator: operator, name: name, set: b.Set, window: b.Window, standby: b.Standby, receive: receive,
		breakers: [2]*breaker{newBreaker(operator + "/" + name), newBreaker(operator + "/" + name)}, phase: Waiting,
		gate:  newGate(b.Window, b.PerSecond, b.Set == SetBoth),
		log:   cfg.Log.With("operator", operator, "bind", name),
		since: time.Now(),
	}
	conf.OnMessage = l.onMessage
	l.conf = conf
	if b.HTTP != "" {
		l.conf.Addr = b.URL
		l.api, err = newAPI(b)
	}
	return l, err
}

// onMessage hands on in the order of arrival.
func (l *link) onMessage(_ *smpp.Session, m *smpp.Message) smpp.Status {
	l.received.Add(1)
	return l.receive(l.operator, l.setOf(m), l.name, m)
}

// setOf tells USSD from SMS on a bind that is both.
func (l *link) setOf(m *smpp.Message) Set {
	if l.set != SetBoth {
		return l.set
	}
	if _, ok := m.TLV(smpp.TagUSSDServiceOp); ok || m.ServiceType == "USSD" {
		return SetUSSD
	}
	return SetSMS
}

// run keeps the bind up until ctx ends, then unbinds.
func (l *link) run(ctx context.Context) {
	if l.api != nil {
		l.runAPI(ctx)
		return
	}
	for step := 0; ctx.Err() == nil; step++ {
		began := time.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > provenLife {
			step = 0
		}
		if refused := (*smpp.BindError)(nil); errors.As(err, &refused) {
			step = max(step, refusedGap)
		}
		wait := pauseAfter(step)
		l.log.Warn("bind is down", "err", err, "again_in", wait.Round(time.Millisecond))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// pauseAfter doubles with every step; half of it is chance, so that a fleet does
// not come back all at once.
func pauseAfter(step int) time.Duration {
	d := mostPause
	if step < 16 {
		d = min(leastPause<<step, mostPause)
	}
	return d/2 + rand.N(d/2)
}

// once binds and stays until the link is lost or ctx ends.
func (l *link) once(ctx context.Context) error {
	l.note(Binding, nil, nil)
	s, err := smpp.Dial(ctx, l.conf)
	if err != nil {
		l.note(Waiting, nil, err)
		return err
	}
	l.note(Bound, s, nil)
	l.gate.open()
	l.log.Info("bind is up", "addr", l.conf.Addr, "system_id", l.conf.SystemID)
	l.stay(ctx, s)
	l.gate.shut()
	if ctx.Err() != nil {
		l.note(Unbinding, s, nil)
		l.unbind(s)
		return nil
	}
	l.lost.Add(1)
	if err = s.Err(); err == nil {
		err = errUnbound
	}
	l.note(Waiting, nil, err)
	return err
}

// stay returns when the link is lost or ctx ends. What waits for a bind that does
// not answer is sent elsewhere meanwhile.
func (l *link) stay(ctx context.Context, s sender) {
	tick := time.NewTicker(stallLook)
	defer tick.Stop()
	for {
		select {
		case <-s.Done():
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			if l.stalled() && l.elsewhere(l) {
				l.gate.empty()
			}
		}
	}
}

var errUnbound = errors.New("binds: the operator unbound")

// unbind lets answers come in first. It needs a context of its own: the one of
// run is over.
func (l *link) unbind(s *smpp.Session) {
	ctx, cancel := context.WithTimeout(context.Background(), unbindTime)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		l.log.Warn("unbind", "err", err)
	}
	l.note(Waiting, nil, nil)
}

// note takes down where the bind is in its life; s is nil while it is down.
func (l *link) note(phase Phase, s sender, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase != phase {
		l.since = time.Now()
	}
	l.phase, l.session = phase, s
	if err != nil {
		l.lastErr = onLine(err)
	}
}

// onLine is an error on one line of a terminal: what the other side shows of itself, as
// the names in its certificate, moves no cursor.
func onLine(err error) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, err.Error())
}

func (l *link) current() sender {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}
