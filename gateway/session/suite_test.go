package session

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"mlango/menus"
)

// clock is a test's own time.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Unix(1_800_000_000, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var aKey = Key{Operator: "safari", MSISDN: "254722000001", Session: "1f"}

func aSession(hop uint64) *Session {
	return &Session{
		Hop: hop, Position: 3, Repeat: [16]byte{1, 2}, Started: 1_700_000_000_000, Bundle: [32]byte{7},
		State: menus.State{Screen: 2, Stack: []uint16{0, 1}, Vars: []menus.Value{{Set: true, Int: 50000}, {Set: true, Text: "254722000002"}, {}},
			Language: "sw", Visit: 9, Note: "a note"},
		Screen: "Tuma pesa", Secret: true, Account: 12, Frozen: true, Lost: true, Unseen: true, Resumes: Resumes{Session: "1e", Hop: 7}, Approval: "mama/inv-1",
		Quote:   Quote{Kind: 1, To: 2, Amount: 50000, Fee: 1300, Payee: "254722000002", Currency: [3]byte{'K', 'E', 'S'}, First: [16]byte{5}},
		Pending: Pending{Token: [8]byte{1}, Order: [16]byte{2}, Expires: 3, Check: true},
	}
}

// suite is what every store must do. fresh makes an empty store; pass lets time
// go by on its clock.
func suite(t *testing.T, fresh func(t *testing.T) (store Store, pass func(time.Duration))) {
	ctx := context.Background()
	t.Run("nothing is there", func(t *testing.T) {
		s, _ := fresh(t)
		if _, err := s.Load(ctx, aKey); !errors.Is(err, ErrNone) {
			t.Fatal(err)
		}
		if _, err := s.Save(ctx, aKey, 4, false, aSession(5), TTL); !errors.Is(err, ErrNone) {
			t.Fatal(err)
		}
		if err := s.Drop(ctx, aKey); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("what was saved comes back", func(t *testing.T) {
		s, _ := fresh(t)
		save(t, s, 0, false, aSession(1))
		for _, load := range []func(context.Context, Key) (*Session, error){s.Load, s.Reload} {
			got, err := load(ctx, aKey)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, aSession(1))
		}
		other := aKey
		other.Session = "20"
		if _, err := s.Load(ctx, other); !errors.Is(err, ErrNone) {
			t.Fatal("another session's key found it")
		}
	})
	t.Run("compare and set", func(t *testing.T) {
		s, _ := fresh(t)
		compareAndSet(t, s)
	})
	t.Run("time ends it", func(t *testing.T) {
		s, pass := fresh(t)
		if _, err := s.Save(ctx, aKey, 0, false, aSession(1), 200*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		pass(400 * time.Millisecond)
		if _, err := s.Reload(ctx, aKey); !errors.Is(err, ErrNone) {
			t.Fatal(err)
		}
		save(t, s, 0, false, aSession(1))
	})
	t.Run("a dial follows another", func(t *testing.T) {
		s, pass := fresh(t)
		follows(t, s, pass)
	})
	t.Run("too big", func(t *testing.T) {
		s, _ := fresh(t)
		big := aSession(1)
		big.Screen = string(make([]byte, MaxScreen+1))
		if _, err := s.Save(ctx, aKey, 0, false, big, TTL); !errors.Is(err, ErrTooBig) {
			t.Fatal(err)
		}
	})
	t.Run("one writer wins each hop", func(t *testing.T) {
		s, _ := fresh(t)
		linear(t, s)
	})
}

// follows: a dial hears of the dialogue before it, of the same subscriber at the same
// operator only, while that is stored.
func follows(t *testing.T, s Store, pass func(time.Duration)) {
	ctx := context.Background()
	begin := func(key Key, x *Session, want string) *Before {
		t.Helper()
		stored, before, err := s.Begin(ctx, key, x, TTL)
		if err != nil || stored != nil {
			t.Fatal(stored, err)
		}
		if got := before != nil; got != (want != "") || got && before.Key != want {
			t.Fatalf("before is %+v, not %q", before, want)
		}
		return before
	}
	first, second := aKey, aKey
	second.Session = "20:x"
	begin(first, aSession(1), "")
	begin(first, aSession(1), "") // the same bytes: our answer was lost
	for _, other := range []Key{{"other", first.MSISDN, "20:x"}, {first.Operator, "254722000009", "20:x"}} {
		begin(other, aSession(1), "")
	}
	if _, err := s.Save(ctx, first, 1, false, aSession(2), 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	same(t, begin(second, aSession(1), first.Session).Session, aSession(2))
	late := aSession(1)
	late.Screen = "another"
	if stored, before, err := s.Begin(ctx, second, late, TTL); !errors.Is(err, ErrConflict) || before != nil {
		t.Fatal(before, err)
	} else {
		same(t, stored, aSession(1))
	}
	third := aKey
	third.Session = "21"
	begin(third, aSession(1), second.Session)
	if err := s.Drop(ctx, third); err != nil {
		t.Fatal(err)
	}
	begin(suffixed(third), aSession(1), "")
	pass(600 * time.Millisecond)
	if _, err := s.Reload(ctx, first); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
}

func suffixed(k Key) Key {
	k.Session += "x"
	return k
}

func save(t *testing.T, s Store, expect uint64, fresh bool, x *Session) {
	t.Helper()
	if stored, err := s.Save(context.Background(), aKey, expect, fresh, x, TTL); err != nil || stored != nil {
		t.Fatalf("save %d over %d: %v, %v", x.Hop, expect, stored, err)
	}
}

func compareAndSet(t *testing.T, s Store) {
	ctx := context.Background()
	save(t, s, 0, false, aSession(1))
	save(t, s, 1, false, aSession(2))
	late := aSession(2)
	late.Screen = "another"
	for _, expect := range []uint64{0, 1, 3} {
		stored, err := s.Save(ctx, aKey, expect, false, late, TTL)
		if !errors.Is(err, ErrConflict) {
			t.Fatalf("expecting %d: %v", expect, err)
		}
		same(t, stored, aSession(2))
	}
	save(t, s, 1, false, aSession(2)) // the same bytes again: our answer was lost
	save(t, s, 0, true, late)         // whatever is there
	if err := s.Drop(ctx, aKey); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(ctx, aKey); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
}

// linear has many writers raise the hop at once. The saves that succeeded must
// be a chain: one for each hop, none twice, none missing.
func linear(t *testing.T, s Store) {
	const writers, each = 8, 60
	ctx := context.Background()
	var mu sync.Mutex
	won := map[uint64]int{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			at := uint64(0)
			for range each {
				x := aSession(at + 1)
				x.Pending.Token = [8]byte{byte(w + 1)}
				stored, err := s.Save(ctx, aKey, at, false, x, TTL)
				switch {
				case err == nil:
					mu.Lock()
					won[x.Hop]++
					mu.Unlock()
					at = x.Hop
				case errors.Is(err, ErrConflict):
					at = stored.Hop
				default:
					t.Errorf("save: %v", err)
				}
			}
		})
	}
	wg.Wait()
	last, err := s.Reload(ctx, aKey)
	if err != nil {
		t.Fatal(err)
	}
	for hop := uint64(1); hop <= last.Hop; hop++ {
		if won[hop] != 1 {
			t.Fatalf("hop %d was saved %d times", hop, won[hop])
		}
	}
	if len(won) != int(last.Hop) {
		t.Fatalf("%d saves won, the last hop is %d", len(won), last.Hop)
	}
}
