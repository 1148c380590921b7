package order

import (
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestDelayed: it is said while an order waits longer than the mark, and not before
// nor after.
func TestDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &script{says: []any{ledgerclient.ErrUnavailable}}
		d := NewDispatcher(&notebook{orders: map[ledger.ID]bool{}, promises: map[ledger.ID]bool{}}, l, &ears{}, Config{})
		defer d.Close()
		if d.Delayed() {
			t.Error("an empty queue is delayed")
		}
		ch, err := d.Place(t.Context(), anOrder(1))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(DelayedAfter - time.Second)
		if d.Delayed() {
			t.Errorf("delayed after %v", d.Oldest())
		}
		time.Sleep(2 * time.Second)
		if !d.Delayed() {
			t.Errorf("not delayed after %v", d.Oldest())
		}
		l.mu.Lock()
		l.says = []any{ledger.OK}
		l.mu.Unlock()
		<-ch
		time.Sleep(time.Second)
		if d.Delayed() {
			t.Error("delayed, and nothing waits")
		}
	})
}
