package smpp

import (
	"context"
	"fmt"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Enquire asks whether the peer lives and waits for its answer, in a place of the
// window. Like Submit's, its error is ctx's, ErrClosed or ErrUnknown; a generic_nack is
// an answer too.
func (s *Session) Enquire(ctx context.Context) error {
	select {
	case c := <-s.free:
		return s.exchange(ctx, c, parcel{command: pdu.EnquireLinkID}).err
	case <-s.leaving:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("smpp: waiting for the window: %w", ctx.Err())
	}
}

// echoed gives an answer to who asked; the sweeps ask too, and wait for nothing but a
// sign of life.
func (s *Session) echoed(h header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.calls[h.seq]; ok && c.command == pdu.EnquireLinkID {
		delete(s.calls, h.seq)
		s.finish(c, outcome{})
	}
}
