package operator

import (
	"context"
	"time"

	"mlango/smpp"
)

// rebindPause is between two attempts of the USSD centre to bind.
const rebindPause = 100 * time.Millisecond

// bindThere keeps the USSD centre bound at the service until the end: there the
// roles are turned, hops go as submit_sm and screens come as deliver_sm.
func (c *centre) bindThere() {
	for c.over.Err() == nil {
		s, err := smpp.Dial(c.over, smpp.Config{
			Addr: c.o.cfg.Target, SystemID: c.o.cfg.USSDSystemID, Password: c.o.cfg.Password,
			Window: c.o.cfg.Window, OnMessage: c.message, Log: c.o.cfg.Log,
		})
		if err == nil {
			c.change(&c.ussd, func([]*smpp.Session) []*smpp.Session { return []*smpp.Session{s} })
			c.stay(s)
			c.change(&c.ussd, func([]*smpp.Session) []*smpp.Session { return []*smpp.Session{} })
		}
		select {
		case <-time.After(rebindPause):
		case <-c.over.Done():
		}
	}
}

// stay returns when the bind is over.
func (c *centre) stay(s *smpp.Session) {
	select {
	case <-s.Done():
	case <-c.over.Done():
		ctx, cancel := context.WithTimeout(context.Background(), abortPatience)
		defer cancel()
		_ = s.Close(ctx) // else it is cut
	}
}
