package order

import (
	"context"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// TestClaimedOrderIsSentThoughItsPromiseCameFirst: a subscriber reaches another
// gateway before that one claims what the dead one left. The hop adopts the promise;
// the order, once it is here, is sent long before it expires.
func TestClaimedOrderIsSentThoughItsPromiseCameFirst(t *testing.T) {
	for _, c := range []struct {
		name string
		says ledger.Reject
		told int
	}{{"made", ledger.OK, 0}, {"refused", ledger.NotEnoughFunds, 1}} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, &script{says: []any{c.says}, resolves: []any{c.says}}, func(t *testing.T, d *desk) {
				o := anOrder(7)
				o.Request.Transfer.Expires = time.Now().Add(time.Minute).UnixMilli()
				if early, err := d.Promise(context.Background(), o.Promise()); early != nil || err != nil {
					t.Fatalf("promise: %v %v", early, err)
				}
				d.store.claims = Left{Orders: []Order{o}, Promises: []Promise{o.Promise()}}
				d.run(t)
				rest(2 * ClaimEach)
				if n := d.ledger.does[o.Request.ID()]; n != 1 {
					t.Errorf("the order was sent %d times", n)
				}
				if d.Depth() != 0 || d.Promised() != 0 {
					t.Errorf("%d orders and %d promises are open", d.Depth(), d.Promised())
				}
				rest(2 * time.Minute)
				if heard := d.ears.all(); len(heard) != c.told {
					t.Errorf("the payer was told %v", heard)
				}
				if n := d.store.open(); n != 0 {
					t.Errorf("%d entries are kept", n)
				}
			})
		})
	}
}
