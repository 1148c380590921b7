package server

import (
	"sync"
	"time"

	"mlango/ledgerd/ledger"
)

// acks are acknowledgements that wait to be journaled: the latest of each lane.
type acks struct {
	mu      sync.Mutex
	waiting map[ackLane]ledger.Ack
}

type ackLane struct {
	consumer string
	lane     ledger.Lane
}

func (a *acks) init() { a.waiting = map[ackLane]ledger.Ack{} }

// takeAck notes an acknowledgement, or refuses one that is not the lane's
// owner's. The books ask again when it is journaled.
func (s *Server) takeAck(c ledger.Ack) ledger.Reject {
	s.mu.RLock()
	cursor, known := s.book.Cursor(c.Consumer, c.Lane)
	s.mu.RUnlock()
	if !known || c.Epoch == 0 || cursor.Epoch != c.Epoch || c.Upto >= cursor.Next {
		return ledger.CommandForbidden
	}
	key := ackLane{c.Consumer, c.Lane}
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	old, there := s.acks.waiting[key]
	switch {
	case there && old.Epoch == c.Epoch && old.Upto > c.Upto:
		return ledger.OK // what is noted says more
	case !there && len(s.acks.waiting) >= maxAcks:
		return ledger.Overloaded
	}
	s.acks.waiting[key] = c
	return ledger.OK
}

// flushAcks journals what waits, a lane at most once in ackEvery.
func (s *Server) flushAcks() {
	every := time.NewTicker(ackEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			s.putAcks()
		case <-s.stop.Done():
			return
		}
	}
}

// putAcks hands the waiting acknowledgements to the writer; those for which there
// is no room wait for the next time.
func (s *Server) putAcks() {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	room := min(s.inbox.room(), len(s.acks.waiting))
	items := make([]item, 0, room)
	for key, c := range s.acks.waiting {
		if len(items) == room {
			break
		}
		items = append(items, item{cmd: c, arrived: time.Now()})
		delete(s.acks.waiting, key)
	}
	if len(items) == 0 || s.inbox.put(items...) {
		return
	}
	for _, it := range items { // somebody was faster
		c := it.cmd.(ledger.Ack)
		s.acks.waiting[ackLane{c.Consumer, c.Lane}] = c
	}
}
