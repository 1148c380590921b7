package smpp

import (
	"errors"
	"os"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// lease is whose the reading of a link is. It is the reader's goroutine's, but handing
// every answer from there to the caller who waits for it costs half as much as the
// exchange itself. So who sends one request after the other reads his answers too; all
// else that comes he leaves to the reader. Session.mu guards the lease.
//
// While a request is in flight somebody reads; when none is, a PDU of the peer's waits
// two leaseTicks at most for the reader to be back.
type lease struct {
	holder holder
	turns  uint32        // how often a caller took it
	back   chan struct{} // a caller gave it back to the reader

	// alone counts answers to lone requests in a row; below zero those there must be
	// before it begins. It is whoever reads'.
	alone int
}

type holder uint8

const (
	reader   holder = iota
	nobody          // the next who sends may have it
	caller          // who sent
	recalled        // a caller who is to give it back
)

// lent says whether reading is better left to callers from here on.
func (s *Session) lent() bool {
	return s.lease.alone >= leaseAfter && !s.in.ready()
}

// lend leaves reading to callers, and returns when a tick passes in which nobody began
// to, somebody did not end, or something came that is not for a caller; false when the
// link is down.
func (s *Session) lend() bool {
	l := &s.lease
	tick := time.NewTicker(leaseTick)
	defer tick.Stop()
	for turns := s.offer(); ; {
		select {
		case <-tick.C:
		case <-l.back:
			return true
		case <-s.done:
			return false
		}
		s.mu.Lock()
		same := turns == l.turns
		turns = l.turns
		switch {
		case same && l.holder == nobody:
			l.holder = reader
			s.mu.Unlock()
			return true
		case same && l.holder == caller:
			l.holder = recalled
			s.mu.Unlock()
			return s.recall()
		}
		s.mu.Unlock()
	}
}

// offer lets go of reading, unless somebody waits for an answer already.
func (s *Session) offer() (turns uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lease.holder = nobody; len(s.calls) > 0 {
		s.lease.holder = reader
		s.lease.back <- struct{}{}
	}
	return s.lease.turns
}

// recall ends the wait of the caller who reads: the peer is too slow for a lease to pay.
func (s *Session) recall() bool {
	if err := s.conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		s.log.Warn("smpp: read deadline", "peer", s.peer, "err", err)
	}
	select {
	case <-s.lease.back:
	case <-s.done:
		return false
	}
	s.lease.alone = -leaseWary
	s.in.resume()
	return true
}

// amid says that an answer was not alone, or no answer.
func (l *lease) amid() { l.alone = min(l.alone, 0) }

// take gives reading to whoever has just queued a request, if nobody has it; s.mu is
// held.
func (l *lease) take() bool {
	if l.holder != nobody {
		return false
	}
	l.holder = caller
	l.turns++
	return true
}

// readFor reads answers until c has its own, and leaves the first PDU that is no answer
// to the reader.
func (s *Session) readFor(c *call) {
	ours := true
	for ours && len(c.done) == 0 {
		if ours = s.in.fill() == nil && forCaller(s.in.head()); ours {
			ours = s.readOne()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lease
	if ours && l.holder == caller && len(s.calls) == 0 && !s.in.ready() {
		l.holder = nobody
		return
	}
	l.holder = reader
	l.back <- struct{}{}
}

// forCaller says whether a PDU is an answer that ends no link.
func forCaller(h header) bool { return h.isResponse() && h.id != pdu.UnbindRespID }

// head is the header of the PDU that fill has brought.
func (f *frames) head() header { return parseHeader(f.buf[f.r:]) }

// resume lets the reader go on where a caller was called back: the deadline that ended
// his wait is not the PDU's.
func (f *frames) resume() {
	if errors.Is(f.failed, os.ErrDeadlineExceeded) {
		f.failed = nil
	}
	f.armed, f.timed = true, false
}
