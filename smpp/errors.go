package smpp

import (
	"errors"
	"fmt"
)

// Why a link went down by our own decision.
var (
	errSilent    = errors.New("smpp: the peer fell silent")
	errSlow      = errors.New("smpp: the peer does not read what we write")
	errUnbound   = errors.New("smpp: unbound")
	errAborted   = errors.New("smpp: link cut by our side")
	errNoBind    = errors.New("smpp: no bind in time")
	errAddress   = errors.New("smpp: address not allowed")
	errHurry     = errors.New("smpp: too many connections a second of one address that do not bind")
	errCrowded   = errors.New("smpp: too many connections")
	errBadLength = errors.New("smpp: command_length is a lie")
)

// BindError is the SMSC's refusal of a bind.
type BindError struct{ Status Status }

// Error says the status in words.
func (e *BindError) Error() string { return "smpp: bind refused: " + e.Status.Error() }

// badPDU is a PDU that cannot be read; status is the answer it gets.
type badPDU struct {
	status Status
	what   string
}

func (e *badPDU) Error() string { return "smpp: " + e.what + ": " + e.status.Error() }

func tooLong(field string, n, most int) error {
	return fmt.Errorf("%w: %s has %d octets, at most %d go", ErrBadMessage, field, n, most)
}
