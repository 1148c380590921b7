package smpp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Dial connects and binds. The error wraps a *BindError when the SMSC refused.
func Dial(ctx context.Context, cfg Config) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.Timers.withDefaults().Init)
	defer cancel()
	var d interface {
		DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	} = &net.Dialer{}
	if cfg.TLS != nil {
		d = &tls.Dialer{Config: cfg.TLS}
	}
	conn, err := d.DialContext(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("smpp: dial %s: %w", cfg.Addr, err)
	}
	return Bind(ctx, conn, cfg)
}

// Bind is Dial over a connection that exists, which is its to close from now on.
func Bind(ctx context.Context, conn net.Conn, cfg Config) (*Session, error) {
	return bindOver(ctx, conn, cfg, nil)
}

// bindOver is Bind; before, if any, happens within the session timer and before
// the bind is sent.
func bindOver(ctx context.Context, conn net.Conn, cfg Config, before func(in *frames) error) (*Session, error) {
	t := cfg.Timers.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, t.Init)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	in := newFrames(conn, t.HalfPDU)
	peer, err := greet(conn, in, cfg, before)
	if inTime := stop(); err == nil && !inTime {
		err = errNoBind
	}
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", errNoBind, ctx.Err())
		}
		return nil, fmt.Errorf("smpp: bind to %s: %w", cfg.Addr, err)
	}
	s := newSession(conn, in, true, cfg.Mode, cfg.Window, t)
	s.peer, s.log, s.onMessage, s.onAlert, s.tap = peer, cfg.Log, cfg.OnMessage, cfg.OnAlert, cfg.Tap
	if s.onMessage == nil {
		s.onMessage = refuseAll
	}
	s.start()
	go s.read()
	return s, nil
}

func refuseAll(*Session, *Message) Status { return StatusPermAppError }

// greet sends the bind and waits for its answer, among what the SMSC may say
// before it.
func greet(conn net.Conn, in *frames, cfg Config, before func(in *frames) error) (peer string, err error) {
	b := bindPDU{
		systemID: cfg.SystemID, password: cfg.Password, systemType: cfg.SystemType,
		version: cfg.InterfaceVersion, ton: cfg.AddressTON, npi: cfg.AddressNPI,
		addressRange: cfg.AddressRange,
	}
	if b.version == 0 {
		b.version = defaultVersion
	}
	if err := b.check(); err != nil {
		return "", err
	}
	if before != nil {
		if err := before(in); err != nil {
			return "", err
		}
	}
	if _, err := conn.Write(appendBind(nil, cfg.Mode, 1, &b)); err != nil {
		return "", fmt.Errorf("write: %w", err)
	}
	for range maxHello {
		frame, err := in.next()
		if err != nil {
			return "", err
		}
		h := parseHeader(frame)
		if h.seq == 1 && answers(h, bindCommand(cfg.Mode)) {
			return parseBindResponse(h, frame[headerLen:])
		}
		if err := beforeBind(conn, h); err != nil {
			return "", err
		}
	}
	return "", errNoBind
}

// beforeBind answers what comes before a bind is through, either end.
func beforeBind(conn net.Conn, h header) error {
	if h.isResponse() {
		return nil
	}
	answer, ok := answerOther(h, StatusInvBindStatus)
	switch h.id {
	case pdu.SubmitSMID, pdu.DeliverSMID, pdu.DataSMID, pdu.UnbindID,
		pdu.QuerySMID, pdu.CancelSMID, pdu.ReplaceSMID, pdu.SubmitMultiID:
		answer.id, answer.status = h.id|responseBit, StatusInvBindStatus
	}
	if !ok {
		return nil
	}
	if _, err := conn.Write(appendBare(nil, answer)); err != nil {
		return fmt.Errorf("smpp: write: %w", err)
	}
	return nil
}
