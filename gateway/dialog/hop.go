// Package dialog is one hop of a session: claim it, step the menu, answer its
// asks, place the order, save, reply.
package dialog

import (
	"time"

	"mlango/gateway/order"
)

// Op is what the operator's network says with a hop.
type Op uint8

// The ops.
const (
	Begin Op = iota + 1
	Input
	Abort // the subscriber or the network ended the dialogue
)

// Hop is one input of a subscriber, as any door delivers it. It owns its bytes.
type Hop struct {
	Operator string // configured name
	Session  string // the operator's session key, at most session.MaxKey bytes
	MSISDN   string // E.164 digits
	Op       Op
	Code     string // on Begin: the dialled string, *334*1*0722…#
	Text     string // on Input: what was typed; in a cumulative dialect all of it
	// Position is where this hop stands in the operator's dialogue: 0 on Begin,
	// then rising by one. In a cumulative dialect it is the number of parts.
	Position uint32
	// Modulo is where positions wrap; 0 is never. In a dialect that does not number
	// its hops Position is 0 and Modulo 1: then a hop that says what the last one
	// said is its repeat only until a subscriber could have typed it (RepeatLeast).
	Modulo     uint32
	Opened     bool   // on Begin: nobody dialled, we put the screen there
	Approval   string // then: the request that the subscriber is asked to approve, by its name; empty: none
	Cumulative bool   // Text is every input so far, joined by *
	Arrived    time.Time
	Deadline   time.Time // absolute: a truthful screen leaves before it
	Units      Units     // what the operator's handsets can show
}

// Units says how long a screen may be.
type Units struct {
	Septets int // GSM 7-bit, 182 by MAP, 160 at some operators
	UCS2    int // 80 by MAP
}

// Reply is the answer to a hop.
type Reply struct {
	Text   string
	End    bool
	Secret bool // the screen asks for a PIN (its_reply_type 3)
	// Silent: send nothing, the dialogue is gone (the answer to an Abort).
	Silent bool
	// Repeated: the saved screen of the last hop once more. An operator that refuses
	// it has shown it before; its dialogue goes on.
	Repeated bool
	// Refused is a word for metrics when the hop was refused: dead, order, full…
	Refused string

	ends *order.Promise // the order whose outcome this screen is; see Dialog.Shown
}
