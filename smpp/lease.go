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
// else that comes he leaves to the reader.
//
// Either somebody reads, or somebody will within two leaseTicks.
type lease struct {
	holder holder        // Session.mu guards it, and turns
	turns  uint32        // how often a caller took it
	back   chan struct{} // a caller gave it back to the reader

	// alone counts answers to lone requests in a row; below zero those there must be
	// before it begins. It is whoever reads'.
	alone int
}

type holder uint8

const (
	heldByReader holder = iota
	heldByNobody        // the next who sends may have it
	heldByCaller
	heldRecalled // by a caller who is to give it back
)

// lent says whether reading is better left to callers from here on.
func (s *Session) lent() bool { return s.lease.alone >= leaseAfter && !s.in.ready() }

// amid says that an answer was not alone, or no answer.
func (l *lease) amid() { l.alone = min(l.alone, 0) }

// lend leaves reading to callers, and returns when a tick passes in which nobody began
// to, somebody did not end, or something came that is not for a caller; false when the
// link is down.
func (s *Session) lend() bool {
	tick := time.NewTimer(leaseTick) // a ticker that is late once is early the next time
	defer tick.Stop()
	for turns := s.offer(); ; tick.Reset(leaseTick) {
		select {
		case <-tick.C:
		case <-s.lease.back:
			return true
		case <-s.done:
			return false
		}
		idle, kept := s.look(&turns)
		if kept {
			return s.recall()
		}
		if idle {
			s.lease.alone = 0
			return true
		}
	}
}

// offer lets go of reading, unless somebody waits for an answer already.
func (s *Session) offer() (turns uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lease.holder = heldByNobody; len(s.calls) > 0 {
		s.lease.holder = heldByReader
		s.lease.back <- struct{}{}
	}
	return s.lease.turns
}

// look ends a lease that nobody took, or somebody kept, since there were so many turns.
// One that was given back meanwhile has its token in back.
func (s *Session) look(turns *uint32) (idle, kept bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lease
	same := l.turns == *turns
	*turns = l.turns
	switch idle, kept = same && l.holder == heldByNobody, same && l.holder == heldByCaller; {
	case idle:
		l.holder = heldByReader
	case kept:
		l.holder = heldRecalled
	}
	return idle, kept
}

// recall ends the wait of the caller who reads: the peer is too slow for a lease to pay.
func (s *Session) recall() bool {
	s.in.called.Store(true)
	_ = s.conn.SetReadDeadline(time.Unix(1, 0)) // fails on a link that is down, which done says
	select {
	case <-s.lease.back:
	case <-s.done:
		return false
	}
	s.lease.alone = -leaseWary
	s.in.resume()
	return true
}

// borrow gives reading to who has sent a request, if nobody has it.
func (s *Session) borrow() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lease
	if l.holder != heldByNobody {
		return false
	}
	l.holder = heldByCaller
	l.turns++
	return true
}

// readFor reads answers until c has its own, and leaves the first PDU that is no answer
// to the reader.
func (s *Session) readFor(c *call) {
	ours := false
	defer func() { s.giveBack(ours) }() // whatever a tap does
	for ours = true; ours && len(c.done) == 0; {
		if ours = s.in.fill() == nil && forCaller(s.in.head()); ours {
			s.readOne()
		}
	}
}

// giveBack ends a caller's turn. The reader goes on when there is anything to be read
// for: what is here, what is in flight, or what ended this turn.
func (s *Session) giveBack(ours bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lease
	if ours && l.holder == heldByCaller && len(s.calls) == 0 && !s.in.ready() {
		l.holder = heldByNobody
		return
	}
	l.holder = heldByReader
	l.back <- struct{}{}
}

// forCaller says whether a PDU is an answer that ends no link.
func forCaller(h header) bool { return h.isResponse() && h.id != pdu.UnbindRespID }

// head is the header of the PDU that fill has brought.
func (f *frames) head() header { return parseHeader(f.buf[f.r:]) }

// resume lets the reader go on where a caller was called back: the deadline that ended
// his wait is not the PDU's.
func (f *frames) resume() {
	f.called.Store(false)
	if errors.Is(f.failed, os.ErrDeadlineExceeded) {
		f.failed = nil
	}
	f.armed, f.timed = true, false
}
