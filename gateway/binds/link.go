package binds

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mlango/smpp"
)

// link is one connection: it binds, binds again when it is lost, and sends what
// its gate lets through.
type link struct {
	operator, name string
	set            Set
	window         int
	conf           smpp.Config
	gate           *gate
	receive        Receiver
	log            *slog.Logger

	mu      sync.Mutex
	session *smpp.Session // nil while down
	since   time.Time
	lastErr string

	sent, received           atomic.Uint64
	throttled, unknown, lost atomic.Uint64
}

func newLink(operator, name string, b Bind, receive Receiver, log *slog.Logger) (*link, error) {
	conf := smpp.Config{
		Addr: net.JoinHostPort(b.Host, strconv.Itoa(b.Port)), SystemID: b.SystemID, Password: b.Password,
		SystemType: b.SystemType, InterfaceVersion: uint8(b.InterfaceVersion), AddressRange: b.AddressRange,
		Mode: map[string]smpp.Mode{"tx": smpp.TX, "rx": smpp.RX}[b.Mode], Window: b.Window,
		Timers: smpp.Timers{EnquireLink: b.EnquireLink, Response: b.ResponseTimeout}, Log: log,
	}
	var err error
	if conf.TLS, err = b.TLS.config(b.Host); err != nil {
		return nil, err
	}
	l := &link{
		operator: operator, name: name, set: b.Set, window: b.Window, receive: receive,
		gate:  newGate(b.Window, b.PerSecond, b.Set == SetBoth),
		log:   log.With("operator", operator, "bind", name),
		since: time.Now(),
	}
	conf.OnMessage = l.onMessage
	l.conf = conf
	return l, nil
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
	s, err := smpp.Dial(ctx, l.conf)
	if err != nil {
		l.note(nil, err)
		return err
	}
	l.note(s, nil)
	l.gate.open()
	l.log.Info("bind is up", "addr", l.conf.Addr, "system_id", l.conf.SystemID)
	select {
	case <-s.Done():
	case <-ctx.Done():
		l.gate.shut()
		l.unbind(s)
		return nil
	}
	l.gate.shut()
	l.lost.Add(1)
	if err = s.Err(); err == nil {
		err = errUnbound
	}
	l.note(nil, err)
	return err
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
	l.note(nil, nil)
}

func (l *link) note(s *smpp.Session, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if (l.session == nil) != (s == nil) {
		l.since = time.Now()
	}
	l.session = s
	if err != nil {
		l.lastErr = err.Error()
	}
}

func (l *link) current() *smpp.Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// send waits for its turn and submits. errDown means that nothing was sent.
func (l *link) send(ctx context.Context, p Priority, m *smpp.Message) (Response, error) {
	if err := l.gate.enter(ctx, p); err != nil {
		return Response{}, err
	}
	s := l.current()
	if s == nil {
		l.gate.leave(p, false)
		return Response{}, errDown
	}
	r, err := s.Submit(ctx, m)
	busy := err == nil && throttled(r.Status)
	l.gate.leave(p, busy)
	l.count(err, busy)
	switch {
	case errors.Is(err, smpp.ErrClosed):
		return Response{}, errDown
	case errors.Is(err, smpp.ErrUnknown):
		return Response{}, ErrUnknown
	case err != nil:
		return Response{}, err
	}
	return Response(r), nil
}

func (l *link) count(err error, busy bool) {
	switch {
	case errors.Is(err, smpp.ErrUnknown):
		l.sent.Add(1)
		l.unknown.Add(1)
	case err == nil && busy:
		l.sent.Add(1)
		l.throttled.Add(1)
	case err == nil:
		l.sent.Add(1)
	}
}

// throttled says whether the operator asks us to slow down.
func throttled(s smpp.Status) bool {
	return s == smpp.StatusThrottled || s == smpp.StatusMsgQueueFull
}
