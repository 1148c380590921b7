package smpp

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"time"
)

// Mode says in which directions messages flow on a bind.
type Mode uint8

// The three modes; transceiver is the zero value.
const (
	TRX Mode = iota // both directions
	TX              // ESME sends only
	RX              // ESME receives only
)

// String names the mode as configuration does.
func (m Mode) String() string {
	switch m {
	case TX:
		return "tx"
	case RX:
		return "rx"
	}
	return "trx"
}

// ErrUnknown says that a request was sent and no answer came: the other side
// may have acted on it.
var ErrUnknown = errors.New("smpp: sent, no answer came")

// ErrClosed says that the link is down or going down: the request was not sent.
var ErrClosed = errors.New("smpp: the link is down, nothing was sent")

// ErrDirection says that the bind's mode does not carry messages that way.
var ErrDirection = errors.New("smpp: the mode of this bind does not send messages, nothing was sent")

// Response is what the other side answered to a message. Status may be any
// status, also of a generic_nack; MessageID may be empty.
type Response struct {
	Status    Status
	MessageID string
}

// OnMessage is called for every message the peer sends and returns the status
// of the response, which leaves at once. It is called by the goroutine that
// reads the link, one message after the other in order of arrival: it must
// hand on and return, never wait. The message is the callee's to keep.
type OnMessage func(s *Session, m *Message) Status

// Tap sees every whole PDU of a bound session as it crosses the wire, header
// included; in says that the peer sent it. Binds, and so passwords, are not among
// them. It is called by whoever reads or writes, callers of Submit too: it copies what it keeps
// and does not wait.
type Tap func(s *Session, in bool, pdu []byte)

// Timers are the clocks of one link; zero means the default in brackets. The first four
// are the specification's (SMPP 3.4 §7.2).
type Timers struct {
	Init        time.Duration // the bind must be through [5 s]
	EnquireLink time.Duration // silence after which we ask whether the peer lives [30 s]
	Response    time.Duration // wait for a response, also to enquire_link [10 s]
	Inactivity  time.Duration // without a message either way we unbind; enquire_link is none [never]
	HalfPDU     time.Duration // a PDU that began must be complete [10 s]
	Write       time.Duration // the peer must take what we write [10 s]
}

// Config is one bind of an ESME.
type Config struct {
	Addr             string // host:port
	TLS              *tls.Config
	SystemID         string // at most 15 octets
	Password         string // at most 8 octets in the specification; 64 are sent as they are
	SystemType       string // at most 12 octets
	InterfaceVersion uint8  // 0 means 0x34
	AddressTON       uint8
	AddressNPI       uint8
	AddressRange     string // at most 40 octets
	Mode             Mode
	Window           int // our requests in flight, 1 to 1000; 0 means 10
	Timers           Timers
	OnMessage        OnMessage // nil refuses every message with a permanent error
	// OnAlert is called, like OnMessage, for every alert_notification; nil drops it.
	OnAlert func(s *Session, a Alert)
	Tap     Tap          // nil sees nothing
	Log     *slog.Logger // nil is silent
}

func (t Timers) withDefaults() Timers {
	for _, d := range []struct {
		at       *time.Duration
		standard time.Duration
	}{
		{&t.Init, defaultInit},
		{&t.EnquireLink, defaultEnquireLink},
		{&t.Response, defaultResponse},
		{&t.HalfPDU, defaultHalfPDU},
		{&t.Write, defaultWrite},
	} {
		if *d.at <= 0 {
			*d.at = d.standard
		}
	}
	return t
}

func windowOf(n int) int {
	switch {
	case n <= 0:
		return defaultWindow
	case n > maxWindow:
		return maxWindow
	}
	return n
}
