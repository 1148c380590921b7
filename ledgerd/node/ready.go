package node

import (
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// Ready is what the loops have to do now.
type Ready struct {
	Write *Write            // to be made durable; then Persisted
	Send  []*raftpb.Message // to other voters
}

// Write is what must be durable next, with one sync: the group. Entries follow
// the last one written, or replace what was written from their first index on.
type Write struct {
	State   *State // when it changed: before the entries
	Entries []Entry
}

// Commands tells whether the write holds an entry of ours, not only raft's own.
func (w *Write) Commands() bool {
	for _, e := range w.Entries {
		if len(e.Payload) > 0 {
			return true
		}
	}
	return false
}

// Ready seals the entry in the making if the disk is free for it, and says what
// there is to do. What is judged while a write is under way waits, and leaves
// together: a batch forms by itself.
func (c *Core[C]) Ready(now int64) Ready {
	c.now = max(c.now, now)
	c.pump()
	if !c.Busy() {
		c.seal()
	}
	rd := Ready{Write: c.group(), Send: c.send}
	c.send = nil
	return rd
}

// pump takes from raft what it has to say.
func (c *Core[C]) pump() {
	for ; c.stirred && c.raft.HasReady(); c.stirred = true {
		rd := c.raft.Ready()
		if !raft.IsEmptyHardState(rd.HardState) {
			c.term = rd.GetTerm()
		}
		if rd.SoftState != nil {
			c.lead(rd.SoftState.RaftState == raft.StateLeader)
		}
		if n := len(rd.Entries); n > 0 {
			c.last = Entry{Index: rd.Entries[n-1].GetIndex(), Term: rd.Entries[n-1].GetTerm()}
		}
		for _, m := range rd.Messages {
			switch m.GetTo() {
			case raft.LocalAppendThread:
				c.waiting = append(c.waiting, m)
			case raft.LocalApplyThread:
				c.commits = append(c.commits, m)
			default:
				c.send = append(c.send, m)
			}
		}
	}
	c.stirred = false
}

// lead begins or ends our leadership. A new leader judges nothing before it has
// applied its own first entry, and with it all that was entered before.
// What was offered to one that leads no more goes back: nobody knows of it.
func (c *Core[C]) lead(now bool) {
	if now == c.leads {
		return
	}
	c.leads, c.settled = now, false
	c.again = append(c.again, c.open.items...)
	c.open.reset()
}

// group gathers everything that waits to be durable into one write. What needs no
// disk is answered to raft at once, as long as nothing before it is on its way.
func (c *Core[C]) group() *Write {
	for !c.Busy() && len(c.waiting) > 0 {
		w := c.merge(c.waiting)
		c.writing, c.waiting = c.waiting, c.writing[:0]
		if w.State != nil || len(w.Entries) > 0 {
			return w
		}
		c.Persisted()
	}
	return nil
}

// merge makes one write of raft's messages.
func (c *Core[C]) merge(list []*raftpb.Message) *Write {
	w := &Write{}
	for _, m := range list {
		if s := (State{Term: m.GetTerm(), Vote: m.GetVote()}); m.GetTerm() != 0 && s != c.saved {
			c.saved, w.State = s, &s
		}
		for _, e := range m.GetEntries() {
			for n := len(w.Entries); n > 0 && w.Entries[n-1].Index >= e.GetIndex(); n-- {
				w.Entries = w.Entries[:n-1] // a new leader replaced it before it was written
			}
			w.Entries = append(w.Entries, entryOf(e))
		}
	}
	return w
}

// Persisted says that the write that is under way is durable.
func (c *Core[C]) Persisted() {
	done := c.writing
	for _, m := range done {
		c.tail.append(m.GetEntries())
	}
	for _, m := range done {
		for _, answer := range m.GetResponses() {
			c.deliver(answer)
		}
	}
	clear(done)
	c.writing = done[:0]
	c.pump()
}

// deliver hands one of raft's own messages on: to this node or to another.
func (c *Core[C]) deliver(m *raftpb.Message) {
	if m.GetTo() != c.id {
		c.send = append(c.send, m)
		return
	}
	c.stirred = true
	_ = c.raft.Step(m) // a vote or an acknowledgement of our own; raft refuses none
}
