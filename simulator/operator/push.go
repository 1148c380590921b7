package operator

import (
	"context"
	"strconv"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// pushed shows a screen that the service opens, or notifies. False: this network
// takes none, the number is nobody's, or the handset is in a dialogue.
func (c *centre) pushed(s *smpp.Session, m *smpp.Message, h dialect.Hop, r dialect.Reply) bool {
	phone, err := c.o.table.get(h.MSISDN)
	if err != nil || r.End {
		return false
	}
	a := answer{text: r.Text, end: r.Notify, secret: r.Secret, pdu: m}
	p := c.o.ring(phone, s, h, a)
	if p == nil {
		return false
	}
	c.o.cfg.OnPush(h.MSISDN, a.screen(p, time.Now()))
	if r.Notify {
		go c.confirm(p)
	}
	return true
}

// ring makes the handset's dialogue of it; nil when it is busy.
func (o *Operator) ring(phone *handset, s *smpp.Session, h dialect.Hop, a answer) *hop {
	phone.mu.Lock()
	defer phone.mu.Unlock()
	d := &phone.dial
	if d.open || d.waiting || phone.away {
		return nil
	}
	number := d.number + 1
	if h.Session == "" {
		h.Session = o.centre.dialect.SessionKey(number, o.cfg.ShortCode) // ours to name
	} else if n, err := strconv.ParseUint(h.Session, 16, 32); err == nil {
		number = uint32(n) // the next dial is another
	}
	*d = dialogue{number: number, session: h.Session, unit: h.Position, open: !a.end, touched: time.Now(), bind: s}
	phone.last = shown{session: h.Session, unit: h.Position, text: a.text, secret: a.secret}
	o.counts.screens.Add(1)
	o.traceScreen(phone, a)
	p := phone.hop(opNotified, "")
	p.unit++
	return p
}

// confirm says that the handset showed a notification.
func (c *centre) confirm(p *hop) {
	ctx, cancel := context.WithTimeout(context.Background(), abortPatience)
	defer cancel()
	_ = c.carry(ctx, p) // as an abort: best effort
}
