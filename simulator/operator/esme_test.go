package operator

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

const (
	anna = "254722000001"
	ben  = "254722000002"

	refusedCode = "*999#"
)

// esme is a gateway in a few lines: it binds twice and answers hops by a
// scripted menu.
type esme struct {
	t       testing.TB
	dialect *dialect.SMPP
	ussd    *smpp.Session
	sms     *smpp.Session
	menu    func(h dialect.Hop) *dialect.Reply // nil says nothing
	mu      sync.Mutex
	hops    []dialect.Hop
	receipt chan smpp.Receipt
	status  chan smpp.Status // of every screen's submit_sm_resp
}

// house is an operator with an esme bound to it.
func house(t testing.TB, cfg Config, menu func(dialect.Hop) *dialect.Reply) (*Operator, *esme) {
	t.Helper()
	cfg.Name, cfg.USSDSystemID, cfg.SMSSystemID, cfg.Password = "test", "u", "s", "secret"
	o, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- o.Serve(ln) }()
	d, err := dialect.OverSMPP("standard")
	if err != nil {
		t.Fatal(err)
	}
	e := &esme{t: t, dialect: d, menu: menu, receipt: make(chan smpp.Receipt, 16), status: make(chan smpp.Status, 1<<10)}
	e.ussd = e.bind(ln.Addr().String(), "u")
	e.sms = e.bind(ln.Addr().String(), "s")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := o.WaitBound(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		e.ussd.Abort()
		e.sms.Abort()
		_ = o.Close(ctx)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return o, e
}

func (e *esme) bind(addr, id string) *smpp.Session {
	e.t.Helper()
	s, err := smpp.Dial(context.Background(), smpp.Config{Addr: addr, SystemID: id, Password: "secret", Window: 1000, OnMessage: e.message})
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e *esme) message(s *smpp.Session, m *smpp.Message) smpp.Status {
	if r, ok := smpp.ParseReceipt(m); ok {
		e.receipt <- r
		return smpp.StatusOK
	}
	d := dialect.Message{Source: m.Source.Addr, Dest: m.Dest.Addr, Text: smpp.DecodeText(m.DataCoding, m.Content())}
	for _, t := range m.TLVs {
		d.TLVs = append(d.TLVs, dialect.TLV{Tag: uint16(t.Tag), Value: t.Value})
	}
	h, err := e.dialect.DecodeHop(d)
	if err != nil || h.Code == refusedCode {
		return smpp.StatusThrottled
	}
	e.mu.Lock()
	e.hops = append(e.hops, h)
	e.mu.Unlock()
	r := e.menu(h)
	if r == nil || h.Op == dialect.Abort {
		return smpp.StatusOK
	}
	go e.reply(s, h, *r)
	return smpp.StatusOK
}

func (e *esme) reply(s *smpp.Session, h dialect.Hop, r dialect.Reply) {
	d, err := e.dialect.EncodeReply(h, "334", r)
	if err != nil {
		e.t.Error(err)
		return
	}
	m := &smpp.Message{ServiceType: d.ServiceType, Source: smpp.Address{Addr: d.Source}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: d.Dest}}
	m.DataCoding, m.Text = smpp.EncodeText(d.Text)
	for _, t := range d.TLVs {
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.Tag(t.Tag), Value: t.Value})
	}
	resp, err := s.Submit(context.Background(), m)
	if err != nil {
		return
	}
	select {
	case e.status <- resp.Status:
	default: // nobody counts
	}
}

// text sends an SMS in as many parts as it needs.
func (e *esme) text(to, text string, registered uint8) []smpp.Response {
	e.t.Helper()
	var all []smpp.Response
	for _, p := range smpp.SplitSMS(text, 7) {
		m := &smpp.Message{Source: smpp.Address{TON: 5, Addr: "M-WALLET"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: to}, RegisteredDelivery: registered}
		p.Put(m)
		resp, err := e.sms.Submit(context.Background(), m)
		if err != nil {
			e.t.Fatal(err)
		}
		all = append(all, resp)
	}
	return all
}

func (e *esme) seen() []dialect.Hop {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]dialect.Hop(nil), e.hops...)
}

// wallet is a menu of three screens: a choice, a PIN, the end.
func wallet(h dialect.Hop) *dialect.Reply {
	switch {
	case h.Op == dialect.Begin && strings.Count(h.Code, "*") > 1:
		return &dialect.Reply{Text: "Enter PIN", Secret: true}
	case h.Op == dialect.Begin:
		return &dialect.Reply{Text: "M-Wallet\n1. Send"}
	case h.Text == "1":
		return &dialect.Reply{Text: "Enter PIN", Secret: true}
	case h.Op == dialect.Abort || h.Op == dialect.Notified:
		return nil // nobody looks
	default:
		return &dialect.Reply{Text: "Done", End: true}
	}
}
