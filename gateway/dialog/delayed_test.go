package dialog

import (
	"testing"
	"testing/synctest"
	"time"

	"mlango/gateway/order"
)

// TestDialHearsOfDelays: while orders wait for their answers, whoever dials is told
// on the first screen, before any PIN; and no more once they have them.
func TestDialHearsOfDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		paid := w.phone("a").toPIN()
		w.ledger.set(func(f *fakeLedger) { f.delay = time.Minute })
		has(t, paid.press(thePI), true, "SMS follows")
		time.Sleep(order.DelayedAfter)
		other := w.phone("b")
		other.msisdn = peter
		has(t, other.dial("*334#"), false, "Payments are slow right now.\nM-Wallet")
		w.ledger.set(func(f *fakeLedger) { f.delay = 0 })
		time.Sleep(2 * time.Minute)
		third := w.phone("c")
		third.msisdn = peter
		if r := third.dial("*334#"); r.Text[:8] != "M-Wallet" {
			t.Errorf("nothing waits, and a dial hears %q", r.Text)
		}
		_ = w.orders.Close()
	})
}
