package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// suite is what every store holds to. open gives two views of one empty store, as two
// gateways have; pass lets a time go by.
func suite(t *testing.T, open func(t *testing.T) (a, b Store, pass func(time.Duration))) {
	for name, f := range map[string]func(t *testing.T, a, b Store, pass func(time.Duration)){
		"swaps": suiteSwaps, "leases": suiteLeases, "one of many wins": suiteRace, "limits": suiteLimits,
	} {
		t.Run(name, func(t *testing.T) {
			a, b, pass := open(t)
			f(t, a, b, pass)
		})
	}
}

func suiteSwaps(t *testing.T, a, b Store, _ func(time.Duration)) {
	ctx, one, two := t.Context(), []byte("one\n\x00"), []byte{}
	for i, s := range []struct {
		was, now []byte
		want     error
		stands   []byte
	}{
		{one, two, ErrConflict, nil}, // nothing stands there
		{nil, nil, nil, nil},         // taking away what is not there
		{nil, one, nil, one},
		{nil, one, ErrConflict, one},
		{two, one, ErrConflict, one},
		{one, two, nil, two},
		{one, one, ErrConflict, two},
		{two, nil, nil, nil},
		{two, one, ErrConflict, nil},
		{nil, two, nil, two},
	} {
		if err := a.Swap(ctx, "fleet", s.was, s.now); !errors.Is(err, s.want) {
			t.Fatalf("%d: %v, want %v", i, err, s.want)
		}
		got, err := b.Get(ctx, "fleet")
		if s.stands == nil && !errors.Is(err, ErrNone) || s.stands != nil && (err != nil || !bytes.Equal(got, s.stands)) {
			t.Fatalf("%d: %q, %v; want %q", i, got, err, s.stands)
		}
	}
	if _, err := a.Get(ctx, "fleet/x"); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
}

func suiteLeases(t *testing.T, a, b Store, pass func(time.Duration)) {
	ctx := t.Context()
	put := func(key, value string, lease time.Duration) {
		if err := a.Announce(ctx, key, []byte(value), lease); err != nil {
			t.Fatal(err)
		}
	}
	want := func(prefix, want string) {
		t.Helper()
		all, err := b.Announced(ctx, prefix)
		if err != nil || fmt.Sprintf("%s", all) != want {
			t.Fatalf("%s: %s, %v; want %s", prefix, all, err, want)
		}
	}
	want("gateway/", "map[]")
	put("gateway/gw1", "1", 300*time.Millisecond)
	put("gateway/gw2", "2", time.Hour)
	put("counts/7/gw1", "3", time.Hour)
	want("gateway/", "map[gateway/gw1:1 gateway/gw2:2]")
	want("counts/7/", "map[counts/7/gw1:3]")
	put("gateway/gw2", "4", time.Hour)
	pass(400 * time.Millisecond)
	want("gateway/", "map[gateway/gw2:4]")
	put("gateway/gw1", "5", time.Hour)
	want("gateway/", "map[gateway/gw1:5 gateway/gw2:4]")
}

func suiteRace(t *testing.T, a, b Store, _ func(time.Duration)) {
	ctx := t.Context()
	const each = 10
	var wg sync.WaitGroup
	for _, s := range []Store{a, b} {
		for range 2 {
			wg.Go(func() {
				for done := 0; done < each; {
					was, err := s.Get(ctx, "fleet")
					if errors.Is(err, ErrNone) {
						was = nil
					} else if err != nil {
						continue
					}
					if s.Swap(ctx, "fleet", was, append(bytes.Clone(was), 'x')) == nil {
						done++
					}
				}
			})
		}
	}
	wg.Wait()
	if got, err := a.Get(ctx, "fleet"); err != nil || len(got) != 4*each {
		t.Fatalf("%d changes stand, %v; want %d", len(got), err, 4*each)
	}
}

func suiteLimits(t *testing.T, a, _ Store, _ func(time.Duration)) {
	ctx := t.Context()
	for _, key := range []string{"", "..", "a/../b", "/a", "a/", "A", "a+b", "a@1", strings.Repeat("a", MaxKey+1)} {
		if err := a.Swap(ctx, key, nil, []byte("x")); !errors.Is(err, ErrTooBig) {
			t.Errorf("%q: %v", key, err)
		}
		if err := a.Announce(ctx, key, nil, time.Hour); !errors.Is(err, ErrTooBig) {
			t.Errorf("%q: %v", key, err)
		}
	}
	big := make([]byte, MaxValue+1)
	if err := a.Swap(ctx, "big", nil, big); !errors.Is(err, ErrTooBig) {
		t.Error(err)
	}
	if err := a.Swap(ctx, "big", nil, big[:MaxValue]); err != nil {
		t.Error(err)
	}
}
