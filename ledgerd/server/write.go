package server

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"mlango/internal/stop"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/judge"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/node"
)

// asker is who waits for an item.
type asker struct {
	id uint64
	to answerer
}

// reply is an answer that waits until its whole group is applied.
type reply struct {
	asker
	res   ledger.Result
	epoch uint64
}

// court is the judge before these books. It reads them without their lock: only
// the writer changes them, and only the writer judges.
type court struct {
	judge *judge.Judge
	book  *ledger.Book
}

// Request makes a command of a request.
func (b court) Request(r *ledger.Request, now int64) ledger.Command {
	return b.judge.Request(b.book, r, now)
}

// write is the single writer: it drives the node between the inbox, the disk's
// loop and the clock. It returns when the inbox is closed and nobody waits any
// more, or when the node must end.
func (s *Server) write() error {
	go s.disk.run()
	defer close(s.disk.in)
	heart, rotate := time.NewTicker(beatEvery), time.NewTicker(rotateEvery)
	defer heart.Stop()
	defer rotate.Stop()
	for {
		if over, err := s.turn(); over || err != nil {
			return err
		}
		var err error
		select {
		case <-s.inbox.wake:
		case err = <-s.disk.done:
			err = s.wrote(err)
		case err = <-s.snaps.done:
			err = s.kept(err)
		case <-heart.C:
			s.beat()
			err = s.sound()
		case <-rotate.C:
			err = s.rotate()
		}
		if err != nil {
			return err
		}
	}
}

// turn does what can be done now: give the disk its next group, apply what is
// durable and answer, judge what waits. It tells whether the writer's work is over.
func (s *Server) turn() (over bool, err error) {
	s.lookAtRoom()
	s.enter(s.core.Ready(s.clock.now()))
	if err := s.apply(); err != nil {
		return false, err
	}
	s.offer()
	s.enter(s.core.Ready(s.clock.now()))
	return s.inbox.over() && (s.core.Idle() || s.stuck), nil
}

// offer hands the node what waits, as much as its next entry and one turn take, and
// refuses what is too old.
func (s *Server) offer() {
	room := min(s.core.Room(), maxTurn)
	if s.low.Load() {
		room = maxBacklog
	}
	if room == 0 {
		return
	}
	s.taken = s.inbox.take(s.taken[:0], room)
	now := time.Now()
	for i, it := range s.taken {
		switch {
		case s.low.Load():
			s.refuseLow(it)
		case it.req != nil && now.Sub(it.arrived) > maxBacklogAge:
			s.refuse(it, ledger.Overloaded)
		case s.core.Room() == 0:
			s.inbox.putBack(s.taken[i:])
			clear(s.taken)
			return
		default:
			if why := s.core.Offer(node.Item[asker]{Request: it.req, Command: it.cmd, Caller: asker{it.id, it.to}}); why != ledger.OK {
				s.refuse(it, why)
			}
		}
	}
	clear(s.taken)
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

// enter gives the disk the next group.
func (s *Server) enter(rd node.Ready) {
	if rd.Write == nil {
		return
	}
	if rd.Write.Commands() {
		stop.At(stop.AfterJudge)
	}
	s.writing, s.since = rd.Write, time.Now()
	s.stats.entries.Add(uint64(len(rd.Write.Entries)))
	for _, e := range rd.Write.Entries {
		s.snaps.bytes += uint64(len(e.Payload))
	}
	s.disk.in <- rd.Write
	runtime.Gosched() // the disk's loop first: answers can wait for it, not it for them
}

// wrote hears what became of the group. A full disk is no failure: the group
// waits, and so do those who are in it; everyone else is refused.
func (s *Server) wrote(err error) error {
	if errors.Is(err, journal.ErrLowDisk) {
		s.stuck = true
		s.noRoom(err)
		return nil
	}
	if err != nil {
		return err
	}
	s.stuck, s.writing = false, nil
	s.stats.syncs.Add(1)
	s.stats.syncTime.Add(uint64(time.Since(s.since)))
	s.core.Persisted()
	return nil
}

// beat is the node's pulse, and that of whatever cannot wait for an item: a group
// for which there was no room, requests that grow too old.
func (s *Server) beat() {
	s.core.Beat(s.clock.now())
	if s.stuck && s.writing != nil {
		s.stuck = false
		s.disk.in <- s.writing
	}
	for _, it := range s.inbox.takeOld(time.Now().Add(-maxBacklogAge)) {
		s.refuse(it, ledger.Overloaded)
	}
}

// apply books what is committed, then tells the feeds, then answers: durable
// first, applied second, answered third, always.
func (s *Server) apply() error {
	if !s.core.Committed() {
		return nil
	}
	s.mu.Lock()
	err := s.core.Apply(s.tell)
	s.upto = s.core.Applied()
	s.journal.Commit(s.upto)
	s.feeds.freshLanes(s.book)
	s.mu.Unlock()
	if err = errors.Join(err, s.sound()); err != nil {
		return fmt.Errorf("server: apply: %w", err)
	}
	if len(s.replies) > 0 {
		stop.At(stop.AfterApply)
	}
	if err := s.forgetErased(); err != nil {
		return err
	}
	s.stats.look(s.core)
	s.bell.ring()
	if len(s.replies) > 0 {
		stop.At(stop.BeforeAnswer)
	}
	for _, t := range s.replies {
		if t.to != nil {
			t.to.answer(t.id, t.res, t.epoch)
		}
	}
	clear(s.replies)
	s.replies = s.replies[:0]
	s.keep()
	return nil
}

// tell hears each result as it is booked.
func (s *Server) tell(who asker, cmd ledger.Command, res ledger.Result) {
	t := reply{asker: who, res: res}
	cmd = ledger.Bare(cmd)
	if g, ok := cmd.(ledger.Grant); ok && res.Reject == ledger.OK {
		t.epoch = s.granted(g, who.to)
	}
	if c, ok := cmd.(ledger.SetConsumer); ok && res.Reject == ledger.OK && !c.On {
		s.retired(c.Consumer)
	}
	if e, ok := cmd.(ledger.ErasePerson); ok && res.Reject == ledger.OK {
		s.erased = append(s.erased, e.Account)
	}
	s.stats.commands.Add(1)
	s.snaps.since++
	s.replies = append(s.replies, t)
}

// forgetErased destroys the keys of those whose erasure is journaled, whether who
// asked still waits or not. A vault that cannot do it ends the node: the next start
// reads the erasure and tries again.
func (s *Server) forgetErased() error {
	for _, n := range s.erased {
		if err := Forget(s.vault, n); err != nil {
			return fmt.Errorf("server: account %d is erased from the books, and its key is not destroyed yet: %w", n, err)
		}
		s.people.Drop(n)
	}
	s.erased = s.erased[:0]
	return nil
}

// rotate makes seal keys that are due and destroys those whose orders expired.
func (s *Server) rotate() error {
	changed, err := s.vault.Rotate(s.clock.now())
	if err != nil {
		return fmt.Errorf("server: rotate seal keys: %w", err)
	}
	if changed {
		s.judge.ForgetSeals()
		s.log.Info("seal keys rotated")
	}
	return nil
}
