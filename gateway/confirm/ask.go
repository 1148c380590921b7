package confirm

import (
	"context"
	"time"

	"mlango/ledgerd/ledger"
)

// Asks gives the room, before it runs, what has the recipient of a notice asked to approve a
// payment; on an error it is tried again until the request's time is over.
func (c *Confirm) Asks(fn func(ctx context.Context, n *ledger.Notice) error) { c.asks = fn }

// ask has somebody asked to approve a payment. When the time of that is over it is nobody's
// any more: the ledger ends it.
func (c *Confirm) ask(ctx context.Context, o *Operator, n *ledger.Notice) delivery {
	for try := 0; c.asks != nil && time.Now().UnixMilli() <= n.Until; try++ {
		err := c.asks(ctx, n)
		if err == nil {
			c.cfg.Seen(o.Name, SeenAsked)
			break
		}
		c.cfg.Log.Warn("a subscriber could not be asked yet", "operator", o.Name, "request", n.ID.String(), "err", err)
		c.cfg.Seen(o.Name, SeenRetried)
		if !pause(ctx, backoff(try)) {
			return cut
		}
	}
	return taken
}
