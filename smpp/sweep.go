package smpp

import (
	"context"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// sweeps counts a link's time in turns of one timer, so that neither a PDU nor a
// request reads the clock.
type sweeps struct {
	every                   time.Duration
	count                   uint32 // of sweeps
	quiet                   uint32 // sweeps without a PDU from the peer
	idle                    uint32 // sweeps without a message either way
	afterEnquire, afterSend uint32 // EnquireLink and Response, in sweeps
	afterIdle               uint32 // Inactivity, 0 for never
}

func (s *Session) startSweeps() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == StateClosed {
		return
	}
	w := &s.sweeps
	w.every = max(min(s.timers.EnquireLink, s.timers.Response)/sweepParts, leastSweep)
	w.afterEnquire = uint32((s.timers.EnquireLink + w.every - 1) / w.every)
	w.afterSend = uint32((s.timers.Response + w.every - 1) / w.every)
	w.afterIdle = uint32((s.timers.Inactivity + w.every - 1) / w.every)
	s.timer = time.AfterFunc(w.every, s.sweep)
}

// sweep gives up requests that got no answer, asks a silent peer whether it
// lives, and cuts one that does not say so.
func (s *Session) sweep() {
	s.mu.Lock()
	if s.state == StateClosed {
		s.mu.Unlock()
		return
	}
	w := &s.sweeps
	w.count++
	w.quiet++
	if s.heard.Swap(false) {
		w.quiet = 0
	}
	if w.idle++; s.moved.Swap(false) || len(s.calls) > 0 {
		w.idle = 0
	}
	for seq, c := range s.calls {
		if w.count-c.sweep > w.afterSend {
			delete(s.calls, seq)
			s.finish(c, outcome{err: ErrUnknown})
		}
	}
	ask, silent := w.quiet == w.afterEnquire, w.quiet > w.afterEnquire+w.afterSend
	if ask {
		s.out = appendBare(s.out, header{id: pdu.EnquireLinkID, seq: s.nextSeq()})
		s.pdusOut.Add(1)
	}
	if w.afterIdle > 0 && w.idle == w.afterIdle {
		go s.retire()
	}
	s.timer.Reset(w.every)
	s.mu.Unlock()
	switch {
	case silent:
		s.end(errSilent)
	case ask:
		s.wakeWriter()
	}
}

// retire unbinds a link on which nothing happens.
func (s *Session) retire() {
	ctx, cancel := context.WithTimeout(context.Background(), s.timers.Response)
	defer cancel()
	_ = s.Close(ctx) // who does not unbind is cut
}
