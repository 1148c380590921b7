package server

import (
	"errors"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/node"
)

// lookAtRoom holds the disk's low mark before anything is proposed: what is
// proposed can only be waited for, what is not can still be refused.
func (s *Server) lookAtRoom() {
	if s.core.Busy() {
		return
	}
	if err := s.room(); errors.Is(err, journal.ErrLowDisk) {
		s.noRoom(err)
		return
	}
	if s.low.CompareAndSwap(true, false) {
		s.log.Info("there is room on the disk again, and everything is accepted")
	}
}

// noRoom refuses what was not proposed yet, and says so once, not for each.
func (s *Server) noRoom(why error) {
	if !s.low.Swap(true) {
		s.log.Error("nothing is accepted until there is room on the disk", "error", why)
	}
	s.core.Withdraw(func(it node.Item[asker]) {
		s.refuseLow(item{req: it.Request, cmd: it.Command, id: it.Caller.id, to: it.Caller.to})
	})
}

// refuseLow refuses an item for which there is no room. Acknowledgements nobody
// waits for are kept: they are not asked again.
func (s *Server) refuseLow(it item) {
	if a, ok := it.cmd.(ledger.Ack); ok {
		s.takeAck(a)
	}
	s.refuse(it, ledger.Overloaded)
}
