package operator

import (
	"context"
	"errors"
	"fmt"

	"mlango/smpp"
)

// Write is an SMS that a subscriber sends to a number of the service, a long one in
// parts, by any bind to the SMSC. smpp.ErrUnknown: it may have arrived.
func (o *Operator) Write(ctx context.Context, from, to, text string) error {
	list := *o.centre.sms.Load()
	if len(list) == 0 {
		return ErrNoService
	}
	turn := o.centre.turn.Add(1)
	s := list[int(turn)%len(list)]
	for _, part := range smpp.SplitSMS(text, uint8(turn)) {
		m := &smpp.Message{Kind: smpp.DeliverSM, Source: smpp.Address{TON: tonInternational, NPI: npiISDN, Addr: from}, Dest: smpp.Address{Addr: to}}
		part.Put(m)
		resp, err := s.Deliver(ctx, m)
		status := smpp.StatusName(resp.Status)
		switch {
		case errors.Is(err, smpp.ErrUnknown):
			status = "no answer"
		case err != nil:
			status = "not sent"
		}
		o.tell(Event{Kind: EventMO, SystemID: s.SystemID(), From: from, To: to, Text: text, Status: status})
		switch {
		case err != nil:
			return fmt.Errorf("operator: write: %w", err)
		case resp.Status != smpp.StatusOK:
			return fmt.Errorf("%w: %w", ErrRefused, resp.Status)
		}
	}
	return nil
}

// Again tells whether an SMS that Write could not hand over should be tried again: the
// other side said that it cannot take it now, or did not answer.
func Again(err error) bool {
	for _, passing := range []error{smpp.ErrUnknown, smpp.StatusThrottled, smpp.StatusMsgQueueFull, smpp.StatusTempAppError} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
