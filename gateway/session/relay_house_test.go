//go:build house

package session

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/redistest"
)

// heard is what a gateway was told.
type heard struct {
	mu   sync.Mutex
	list []string
}

func (h *heard) hear(b []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, string(b))
}

// until waits for so many.
func (h *heard) until(n int) []string {
	for {
		h.mu.Lock()
		list := slices.Clone(h.list)
		h.mu.Unlock()
		if len(list) >= n {
			return list
		}
		time.Sleep(time.Millisecond)
	}
}

// TestRelay: each hears what the others tell, in order, and not itself; who was away hears
// it when it is back, once; what is too long is not taken.
func TestRelay(t *testing.T) {
	client, _ := redistest.Start(t)
	log := slog.New(slog.DiscardHandler)
	up := func(name string, h *heard) (r *Relay, stop func()) {
		r = NewRelay(client, name, log)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- r.Run(ctx, h.hear) }()
		return r, func() {
			cancel()
			if err := <-over; err != nil {
				t.Error(err)
			}
		}
	}
	var one, two heard
	g1, stop1 := up("g1", &one)
	defer stop1()
	g2, stop2 := up("g2", &two)
	var want []string
	for n := range 1000 {
		want = append(want, fmt.Sprint("receipt ", n))
		if !g1.Tell([]byte(want[n])) {
			t.Fatal("it was not taken")
		}
	}
	if got := two.until(1000); !slices.Equal(got, want) {
		t.Errorf("heard %d: %v…", len(got), got[:3])
	}
	if !g2.Tell([]byte("back")) || g1.Tell([]byte(strings.Repeat("x", relayMost+1))) {
		t.Error("what is short is taken, what is long is not")
	}
	if got := one.until(1); got[0] != "back" {
		t.Errorf("%v", got)
	}
	for { // that it has read is noted behind the reading
		if at, err := client.Get(t.Context(), g2.seen).Result(); err == nil && at != "" {
			if n, _ := client.XRange(t.Context(), g2.stream, "("+at, "+").Result(); len(n) == 0 {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	stop2()
	g1.Tell([]byte("while it was away"))
	var again heard
	_, stop2 = up("g2", &again)
	defer stop2()
	if got := again.until(1); got[0] != "while it was away" {
		t.Errorf("back again it heard %v", got)
	}
}
