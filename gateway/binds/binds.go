// Package binds keeps the SMPP connections to each operator: pool, two
// priorities (USSD before SMS), throttle, failover. It knows by which operators an
// SMS goes, and lets an aggregator's HTTP SMS API stand in a bind's place.
package binds

import (
	"context"
	"errors"

	"mlango/smpp"
)

// Priority orders what waits for a window: USSD goes before SMS.
type Priority uint8

// The two priorities.
const (
	USSD Priority = iota
	SMS
)

// Set names a group of binds of an operator.
type Set string

// The two sets: the USSD centre and the SMSC. A bind to one that is both is
// configured as SetBoth and is in each set; no message is ever of SetBoth.
const (
	SetUSSD Set = "ussd"
	SetSMS  Set = "sms"
	SetBoth Set = "both"
)

// Response is what the other side answered to a submit_sm, and by which bind it
// went.
type Response struct {
	Status    smpp.Status
	MessageID string
	Bind      string
}

// ErrNoBind says that no bind of the set is up: the PDU was not sent.
var ErrNoBind = errors.New("binds: no bind is up, nothing was sent")

// ErrUnknown says that the PDU was sent and no answer came: it may have arrived.
var ErrUnknown = errors.New("binds: sent, no answer came")

// Receiver is called for every deliver_sm and data_sm an operator sends; the
// status it returns is the response's. It must not block: it hands on.
type Receiver func(operator string, set Set, bind string, m *smpp.Message) smpp.Status

// Tap sees every PDU of every bind as smpp.Tap does, and whose bind it is.
type Tap func(operator, bind string, s *smpp.Session, in bool, pdu []byte)

// Sender is what edge and confirm need of a pool.
type Sender interface {
	// Send submits m on any good bind of the operator's set, waiting for a place
	// in its window until ctx ends. bind, when not empty, asks for that bind.
	Send(ctx context.Context, operator string, set Set, bind string, prio Priority, m *smpp.Message) (Response, error)
}
