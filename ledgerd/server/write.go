package server

import (
	"errors"
	"fmt"
	"time"

	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// batch is one entry in the making. Its slices are used again for the next one.
type batch struct {
	items   []item           // what will be answered, in the entry's order
	cmds    []ledger.Command // what the entry says
	results []ledger.Result
	epochs  []uint64
	payload []byte
	at      int64
	again   []item // to be judged once more, in the next entry
}

// write is the single writer. A batch forms by itself: what comes while the disk
// is busy waits, and leaves together. It returns when the inbox is closed and
// empty, or when the node must end.
func (s *Server) write() error {
	rotate := time.NewTicker(rotateEvery)
	defer rotate.Stop()
	var b batch
	for {
		if len(b.again) == 0 {
			select {
			case <-s.inbox.wake:
			case <-rotate.C:
				if err := s.rotate(); err != nil {
					return err
				}
				continue
			}
		}
		over := s.gather(&b)
		if len(b.cmds) > 0 {
			if err := s.enter(&b); err != nil {
				return err
			}
		}
		if over && len(b.again) == 0 {
			return nil
		}
	}
}

// gather takes what waits, refuses what is too old, and judges the rest. It reads
// the books without their lock: nobody but this goroutine writes them.
func (s *Server) gather(b *batch) (over bool) {
	waiting := append([]item(nil), b.again...)
	waiting, over = s.inbox.take(waiting, maxBatch-len(waiting))
	clear(b.items)
	b.items, b.cmds, b.again = b.items[:0], b.cmds[:0], b.again[:0]
	b.at = s.clock.now()
	b.payload = wire.BeginEntry(b.payload[:0], b.at)
	now := time.Now()
	for _, it := range waiting {
		switch {
		case len(b.payload) >= maxBatchBytes:
			b.again = append(b.again, it)
		case it.req != nil && it.judged == 0 && now.Sub(it.arrived) > maxBacklogAge:
			s.refuse(it, ledger.Overloaded)
		default:
			s.admit(b, it)
		}
	}
	wire.EndEntry(b.payload, len(b.cmds))
	return over
}

// admit judges one item and writes it into the entry.
func (s *Server) admit(b *batch, it item) {
	cmd := it.cmd
	if it.req != nil {
		it.judged++
		cmd = s.judge.Request(s.book, it.req, b.at)
	}
	payload, err := wire.AppendCommand(b.payload, 0, cmd)
	if err != nil {
		s.refuse(it, ledger.CommandForbidden)
		return
	}
	b.payload = payload
	b.items = append(b.items, it)
	b.cmds = append(b.cmds, cmd)
}

// refuse answers without a trace in the books.
func (s *Server) refuse(it item, why ledger.Reject) {
	s.stats.refused.Add(1)
	res := ledger.Result{Reject: why}
	if it.req != nil {
		res.ID = it.req.ID()
	}
	if it.to != nil {
		it.to.answer(it.id, res, 0)
	}
}

// enter makes the batch durable, then applies it, then answers: in this order,
// always.
func (s *Server) enter(b *batch) error {
	stop.At(stop.AfterJudge)
	err := s.commit.propose(b.payload, b.at)
	if errors.Is(err, errNoRoom) {
		s.noRoom(b, err)
		return nil
	}
	if err != nil {
		return err
	}
	stop.At(stop.AfterAppend)
	places, err := s.commit.committed()
	if err != nil {
		return err
	}
	stop.At(stop.AfterSync)
	if len(places) != 1 {
		return fmt.Errorf("server: %d entries were committed, one was proposed", len(places))
	}
	if s.low.CompareAndSwap(true, false) {
		s.log.Info("there is room on the disk again, and everything is accepted")
	}
	s.apply(b, places[0])
	stop.At(stop.AfterApply)
	s.stats.entries.Add(1)
	s.stats.commands.Add(uint64(len(b.cmds)))
	s.bell.ring()
	stop.At(stop.BeforeAnswer)
	s.answer(b)
	return nil
}

// noRoom refuses a batch that the disk has no room for, and says so once, not for
// each. Acknowledgements nobody waits for are kept: they are not asked again.
func (s *Server) noRoom(b *batch, why error) {
	if !s.low.Swap(true) {
		s.log.Error("nothing is accepted until there is room on the disk", "error", why)
	}
	for i, it := range b.items {
		if a, ok := b.cmds[i].(ledger.Ack); ok {
			s.takeAck(a)
		}
		s.refuse(it, ledger.Overloaded)
	}
}

// Degraded names what keeps the node from its work although it runs.
func (s *Server) Degraded() []string {
	if s.low.Load() {
		return []string{"disk: too little room, nothing is accepted"}
	}
	return nil
}

// apply books the batch.
func (s *Server) apply(b *batch, at place) {
	b.results, b.epochs = b.results[:0], b.epochs[:0]
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, cmd := range b.cmds {
		res, again := s.book.Apply(cmd, ledger.Place{Index: at.index, Offset: uint32(i)}, b.at)
		epoch := uint64(0)
		if g, ok := cmd.(ledger.Grant); ok && res.Reject == ledger.OK {
			epoch = s.granted(g, b.items[i].to)
		}
		if again && b.items[i].judged < maxJudged {
			b.again = append(b.again, b.items[i])
			b.items[i].to = nil
		}
		b.results, b.epochs = append(b.results, res), append(b.epochs, epoch)
	}
	s.upto = at.index
	s.feeds.freshLanes(s.book)
}

// answer tells those who wait. A request that is judged again waits on.
func (s *Server) answer(b *batch) {
	for i, it := range b.items {
		if it.to != nil {
			it.to.answer(it.id, b.results[i], b.epochs[i])
		}
	}
}

// rotate makes seal keys that are due and destroys those whose orders expired.
func (s *Server) rotate() error {
	changed, err := s.vault.Rotate(s.clock.now())
	if err != nil {
		return fmt.Errorf("server: rotate seal keys: %w", err)
	}
	if changed {
		s.log.Info("seal keys rotated")
	}
	return nil
}
