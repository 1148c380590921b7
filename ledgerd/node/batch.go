package node

import (
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Item is one thing to be journaled: a request to be judged, or a command.
type Item[C any] struct {
	Request *ledger.Request
	Command ledger.Command // when Request is nil
	Caller  C

	judged int // how often
}

// batch is one entry in the making, or on its way through the journal.
type batch[C any] struct {
	items   []Item[C]        // in the entry's order
	cmds    []ledger.Command // what the entry says
	payload []byte
	at      int64
	index   uint64 // where it was proposed, once it is
	term    uint64
}

// reset empties a batch; its room is used again.
func (b *batch[C]) reset() {
	clear(b.items)
	clear(b.cmds)
	*b = batch[C]{items: b.items[:0], cmds: b.cmds[:0], payload: b.payload[:0]}
}

// Room is how many more items the entry in the making takes: none before the node
// leads.
func (c *Core[C]) Room() int {
	if !c.Leads() || len(c.open.payload) >= MaxBatchBytes {
		return 0
	}
	return MaxBatch - len(c.open.items)
}

// Offer judges an item and puts it into the entry in the making. Any other answer
// than OK refuses it, and it leaves no trace. There must be room.
func (c *Core[C]) Offer(it Item[C]) ledger.Reject {
	cmd := it.Command
	if it.Request != nil {
		it.judged++
		cmd = c.judge.Request(it.Request, c.now)
	}
	b := c.open
	if len(b.payload) == 0 {
		b.payload = wire.BeginEntry(b.payload, c.now)
	}
	payload, err := wire.AppendCommand(b.payload, 0, cmd)
	if err != nil {
		return ledger.CommandForbidden
	}
	b.payload = payload
	b.items = append(b.items, it)
	b.cmds = append(b.cmds, cmd)
	return ledger.OK
}

// Withdraw takes back everything that was offered and not yet proposed: nobody
// but this node's memory knows of it.
func (c *Core[C]) Withdraw(fn func(Item[C])) {
	for _, it := range c.open.items {
		fn(it)
	}
	for _, it := range c.again {
		fn(it)
	}
	c.open.reset()
	clear(c.again)
	c.again = c.again[:0]
}

// seal proposes the entry in the making, at the time it is now.
func (c *Core[C]) seal() {
	b := c.open
	if len(b.cmds) == 0 || !c.leads {
		return
	}
	b.at = c.now
	wire.BeginEntry(b.payload[:0], b.at) // in place: the time is the sealing's
	wire.EndEntry(b.payload, len(b.cmds))
	c.stirred = true
	if err := c.raft.Propose(b.payload); err != nil {
		c.again = append(c.again, b.items...) // raft takes nothing now, and has no trace of it
		b.reset()
		return
	}
	c.pump()
	b.index, b.term = c.last.Index, c.last.Term
	c.flight = append(c.flight, b)
	c.open = &batch[C]{}
	if n := len(c.spare); n > 0 {
		c.open, c.spare = c.spare[n-1], c.spare[:n-1]
	}
}
