package operator

import (
	"context"
	"fmt"
	"net"
	"time"

	"mlango/smpp"
)

// rebindPause is between two attempts of the USSD centre to bind.
const rebindPause = 100 * time.Millisecond

// bindThere keeps the USSD centre bound at the service until the end: there the
// roles are turned, hops go as submit_sm and screens come as deliver_sm.
func (c *centre) bindThere() {
	for c.over.Err() == nil {
		s, err := smpp.Dial(c.over, c.config())
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

// Reach tells whether somebody is at the service's address, and lets our USSD centre
// bind where it does so itself.
func (o *Operator) Reach(ctx context.Context, addr string) error {
	if o.cfg.Target == "" {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("operator: reach: %w", err)
		}
		return conn.Close()
	}
	s, err := smpp.Dial(ctx, o.centre.config())
	if err != nil {
		return fmt.Errorf("operator: reach: %w", err)
	}
	return s.Close(ctx)
}

// config is the bind of our USSD centre at the service.
func (c *centre) config() smpp.Config {
	return smpp.Config{
		Addr: c.o.cfg.Target, SystemID: c.o.cfg.USSDSystemID, Password: c.o.cfg.Password,
		Window: c.o.cfg.Window, OnMessage: c.message, Log: c.o.cfg.Log,
	}
}
