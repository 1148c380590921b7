// Package operator is the far side of the house: a mobile network with its USSD
// centre, its SMSC and as many virtual handsets as a run needs. It is made to
// misbehave on request.
package operator

import (
	"context"
	"errors"
	"time"
)

// Limits of the network. Nothing here grows with what the other side sends.
const (
	MaxHandsets   = 4 << 20           // virtual handsets of one operator
	MaxInbox      = 64                // SMS a handset keeps; the oldest goes first
	MaxInput      = 160               // bytes of a dialled code or of one input
	MaxParts      = 32                // parts of one long SMS
	maxUnjoined   = 8                 // long SMS of a handset that still miss a part
	maxBinds      = 64                // connections of the other side
	defaultReply  = 10 * time.Second  // the network's timer for a screen
	defaultIdle   = 180 * time.Second // a dialogue ends when nothing is pressed
	partsKept     = 5 * time.Minute   // a long SMS missing a part is forgotten
	abortPatience = time.Second       // to tell the other side of a hang-up
)

// What a network answers instead of a screen. A handset shows all of them as
// "connection problem or invalid MMI code".
var (
	ErrNumber    = errors.New("operator: not a subscriber number in E.164 digits")
	ErrInput     = errors.New("operator: the input is empty or too long")
	ErrNoSession = errors.New("operator: no session is open on this handset")
	ErrNoSignal  = errors.New("operator: the handset is out of the network's reach")
	ErrBusy      = errors.New("operator: the handset waits for a screen")
	ErrFull      = errors.New("operator: no room for another handset")
	ErrNoService = errors.New("operator: nobody is bound to serve USSD")
	ErrRefused   = errors.New("operator: the service refused the hop")
	ErrNoAnswer  = errors.New("operator: no screen came in time")
)

// Screen is what a handset shows after a dial or a press.
type Screen struct {
	Session string // the session key: the gateway derives the same, and the ledger keeps it as the origin's
	Text    string
	Open    bool // the dialogue goes on
	Secret  bool // the screen asks for a PIN: do not echo what is typed
	Elapsed time.Duration
}

// SMS is one text on a handset; a long one is joined first.
type SMS struct {
	ID   string // the message id of the first part's submit_sm_resp
	To   string // MSISDN
	From string
	Text string
	At   time.Time // the last part arrived, by the operator's clock
}

// Network is the face of an operator to whoever holds its handsets. A handset
// does one thing at a time; different handsets are independent.
type Network interface {
	// Dial opens a dialogue; one that is open is hung up first.
	Dial(ctx context.Context, msisdn, code string) (Screen, error)
	// Press answers the screen that is shown.
	Press(ctx context.Context, msisdn, input string) (Screen, error)
	// Hangup ends the dialogue on both sides; without one it does nothing.
	Hangup(ctx context.Context, msisdn string) error
	// Inbox is what a handset has received, newest last.
	Inbox(msisdn string) []SMS
}

// Counts is what happened on the network since it began.
type Counts struct {
	Hops          uint64 // sent to the service, repeats included
	Screens       uint64 // shown on a handset
	Late          uint64 // screens for a dialogue or hop that is over: dropped
	Repeated      uint64 // of Late: byte for byte the screen already shown
	Contradicting uint64 // of Late: another text for a hop that has its screen
	SMS           uint64 // whole ones, in an inbox
	Throttled     uint64 // submit_sm answered "throttled" on request
	NoAnswer      uint64 // hops whose screen did not come in time
	Receipts      uint64 // delivery receipts that the other side took
}
