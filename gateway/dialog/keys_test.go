package dialog

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerclient"
)

// safe hands out keys as a test says.
type safe struct {
	Ledger
	keys  ledgerclient.Keys
	err   error
	asked int
}

func (s *safe) Keys(context.Context) (ledgerclient.Keys, error) {
	s.asked++
	return s.keys, s.err
}

func sealKey(id uint32, from, expires time.Time) ledgerclient.SealKey {
	return ledgerclient.SealKey{ID: id, From: from.UnixMilli(), Expires: expires.UnixMilli()}
}

func TestSealKeyIsTheNewestThatLivesLongEnough(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := &safe{keys: ledgerclient.Keys{Seal: []ledgerclient.SealKey{
		sealKey(1, now.Add(-2*time.Hour), now.Add(-time.Hour)), sealKey(2, now.Add(-time.Hour), now.Add(5*time.Minute)),
		sealKey(3, now.Add(-time.Minute), now.Add(time.Hour)), sealKey(4, now.Add(time.Hour), now.Add(2*time.Hour)),
	}}}
	k := newKeyring(s)
	for at, want := range map[time.Time]uint32{now: 3, now.Add(-2 * time.Minute): 2, now.Add(61 * time.Minute): 4} {
		key, err := k.seal(context.Background(), at, at.Add(2*time.Minute).UnixMilli())
		if err != nil || key.ID != want {
			t.Fatalf("at %v: key %d, %v; want %d", at, key.ID, err, want)
		}
	}
	if _, err := k.seal(context.Background(), now.Add(3*time.Hour), now.Add(4*time.Hour).UnixMilli()); !errors.Is(err, errNoSeal) {
		t.Fatal(err)
	}
}

func TestSealKeyThatRanOutIsFetchedAnew(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := &safe{keys: ledgerclient.Keys{Seal: []ledgerclient.SealKey{sealKey(1, now, now.Add(time.Minute))}}}
	k := newKeyring(s)
	if _, err := k.get(context.Background(), now); err != nil {
		t.Fatal(err)
	}
	s.keys.Seal = append(s.keys.Seal, sealKey(2, now, now.Add(time.Hour)))
	key, err := k.seal(context.Background(), now, now.Add(2*time.Minute).UnixMilli())
	if err != nil || key.ID != 2 || s.asked != 2 {
		t.Fatal(key.ID, err, s.asked)
	}
}

func TestOldKeysAreRefreshedBehindTheHop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &safe{}
		k := newKeyring(s)
		s.err = ledgerclient.ErrUnavailable
		if _, err := k.get(context.Background(), time.Now()); err == nil {
			t.Fatal("keys out of nowhere")
		}
		s.err = nil
		first, err := k.get(context.Background(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(refreshEach + time.Second)
		if again, err := k.get(context.Background(), time.Now()); err != nil || again != first {
			t.Fatal("a hop waited for new keys", err)
		}
		synctest.Wait()
		if again, _ := k.get(context.Background(), time.Now()); again == first || s.asked != 3 {
			t.Fatal("the keys were not refreshed", s.asked)
		}
	})
}

func TestMACsDiffer(t *testing.T) {
	r := &ring{}
	r.IDKey = [32]byte{1}
	seen := map[string]string{}
	for name, hop := range map[string]Hop{
		"a": {Op: Input, Text: "12"}, "b": {Op: Input, Code: "1", Text: "2"}, "c": {Op: Input, Code: "12"}, "d": {Op: Begin, Text: "12"},
		"e": {Op: Input, Text: "12", Position: 1},
	} {
		mac := r.repeat(&hop)
		if other, known := seen[string(mac[:])]; known {
			t.Fatalf("%s and %s look the same", name, other)
		}
		seen[string(mac[:])] = name
		if mac != r.repeat(&hop) {
			t.Fatal("a hop does not look like itself")
		}
	}
	hop := Hop{Operator: "o", Session: "s", MSISDN: jane}
	if r.order(&hop, 1, 1) == r.order(&hop, 1, 2) || r.order(&hop, 1, 1) == r.order(&hop, 2, 1) {
		t.Fatal("two wishes have one id")
	}
	if id := r.order(&hop, 1_800_000_000_000, 1); id.Time() != 1_800_000_000_000 || id != r.order(&hop, 1_800_000_000_000, 1) {
		t.Fatal("an id does not say its session's start")
	}
	if other := (&ring{}); other.order(&hop, 1, 1) == r.order(&hop, 1, 1) {
		t.Fatal("the id does not depend on the key")
	}
}
