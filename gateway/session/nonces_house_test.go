//go:build house

package session

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlango/internal/redistest"
)

// TestNoncesAreTheFleets: of many gateways one takes a nonce; another operator has its
// own, and a time that is over takes it again.
func TestNoncesAreTheFleets(t *testing.T) {
	client, cmd := redistest.Start(t)
	fleet := []*Redis{openRedis(t, client, RedisConfig{}), openRedis(t, client, RedisConfig{})}
	var taken atomic.Int32
	var all sync.WaitGroup
	for n := range 32 {
		all.Go(func() {
			fresh, err := fleet[n%2].Spend(t.Context(), "safari", "nonce-01", time.Minute)
			if err != nil {
				t.Error(err)
			}
			if fresh {
				taken.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 {
		t.Errorf("taken %d times", taken.Load())
	}
	for _, c := range []struct {
		operator, nonce string
		want            bool
	}{{"other", "nonce-01", true}, {"safari", "nonce-02", true}, {"safari", "nonce-02", false}} {
		if fresh, err := fleet[0].Spend(t.Context(), c.operator, c.nonce, time.Minute); fresh != c.want || err != nil {
			t.Errorf("%s %s: %v, %v", c.operator, c.nonce, fresh, err)
		}
	}
	if fresh, err := fleet[0].Spend(t.Context(), "safari", "nonce-03", time.Millisecond); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	for fresh := false; !fresh; time.Sleep(time.Millisecond) { // until Redis let it go
		fresh, _ = fleet[1].Spend(t.Context(), "safari", "nonce-03", time.Minute)
	}
	_ = cmd.Process.Kill()
	if fresh, err := fleet[0].Spend(t.Context(), "safari", "nonce-04", time.Minute); fresh || !errors.Is(err, ErrDown) {
		t.Errorf("without Redis: %v, %v", fresh, err)
	}
}
