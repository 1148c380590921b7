package node

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Tell hears what became of an item, right after its command was applied and
// before the next one is. The answer may leave once Apply has returned.
type Tell[C any] func(caller C, cmd ledger.Command, res ledger.Result)

// Committed tells whether Apply has something to do.
func (c *Core[C]) Committed() bool { return len(c.commits) > 0 || len(c.again) > 0 }

// Apply books what is committed, in order, and tells those who asked. Committed
// is durable: an answer that follows it is true for ever.
func (c *Core[C]) Apply(tell Tell[C]) error {
	for len(c.commits) > 0 {
		m := c.commits[0]
		c.commits = c.commits[1:]
		for _, e := range m.GetEntries() {
			if err := c.apply(e, tell); err != nil {
				return err
			}
		}
		for _, answer := range m.GetResponses() {
			c.deliver(answer)
		}
		c.pump()
	}
	c.rejudge(tell)
	return nil
}

func (c *Core[C]) apply(e *raftpb.Entry, tell Tell[C]) error {
	if e.GetIndex() != c.applied+1 || e.GetType() != raftpb.EntryNormal {
		return fmt.Errorf("%w: entry %d, a %s, after %d", ErrEntry, e.GetIndex(), e.GetType(), c.applied)
	}
	b := c.mine(e, tell)
	var err error
	if b != nil {
		c.applyMine(b, tell)
	} else {
		err = c.applyOther(e)
	}
	if err != nil {
		return err
	}
	c.applied = e.GetIndex()
	c.tail.forget(c.applied)
	c.settled = c.settled || c.leads && e.GetTerm() == c.term
	return nil
}

// mine finds the batch that was proposed where e stands. One that another
// leader's entry has replaced was never committed and never will be.
func (c *Core[C]) mine(e *raftpb.Entry, tell Tell[C]) *batch[C] {
	for len(c.flight) > 0 && c.flight[0].index <= e.GetIndex() {
		b := c.flight[0]
		c.flight = c.flight[1:]
		if b.index == e.GetIndex() && b.term == e.GetTerm() {
			return b
		}
		for _, it := range b.items {
			tell(it.Caller, it.Command, it.refusal(ledger.Busy))
		}
		c.recycle(b)
	}
	return nil
}

// applyMine books a batch of this node's own: its commands need no decoding.
func (c *Core[C]) applyMine(b *batch[C], tell Tell[C]) {
	for i, cmd := range b.cmds {
		if i%ledger.WarmAtOnce == 0 {
			c.books.Warm(b.cmds[i:])
		}
		res, again := c.books.Apply(cmd, ledger.Place{Index: b.index, Offset: uint32(i)}, b.at)
		if again && b.items[i].Request != nil && b.items[i].judged < MaxJudged {
			c.again = append(c.again, b.items[i])
			continue
		}
		if _, ok := cmd.(ledger.Tick); ok {
			c.ticking = false
		}
		tell(b.items[i].Caller, cmd, res)
	}
	c.recycle(b)
}

// applyOther books an entry of another leader, or of this node before it was
// started.
func (c *Core[C]) applyOther(e *raftpb.Entry) error {
	entry, err := wire.DecodeEntry(e.GetData())
	if err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrEntry, e.GetIndex(), err)
	}
	for i, cmd := range entry.Commands {
		c.books.Apply(cmd, ledger.Place{Index: e.GetIndex(), Offset: uint32(i)}, entry.At)
	}
	c.now = max(c.now, entry.At)
	return nil
}

// rejudge puts what is to be judged once more into the entry in the making. Who
// does not lead judges nothing: the caller may ask again, under the same id.
func (c *Core[C]) rejudge(tell Tell[C]) {
	n := 0
	for ; n < len(c.again) && (c.Room() > 0 || !c.leads); n++ {
		it := c.again[n]
		if !c.leads {
			tell(it.Caller, it.Command, it.refusal(ledger.Busy))
		} else if why := c.Offer(it); why != ledger.OK {
			tell(it.Caller, it.Command, it.refusal(why))
		}
	}
	rest := copy(c.again, c.again[n:])
	clear(c.again[rest:])
	c.again = c.again[:rest]
}

// refusal is an answer that leaves no trace.
func (it *Item[C]) refusal(why ledger.Reject) ledger.Result {
	res := ledger.Result{Reject: why}
	if it.Request != nil {
		res.ID = it.Request.ID()
	}
	return res
}

// recycle keeps a batch's room for a later one.
func (c *Core[C]) recycle(b *batch[C]) {
	b.reset()
	if len(c.spare) < 2 {
		c.spare = append(c.spare, b)
	}
}
