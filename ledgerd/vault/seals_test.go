package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

const start = int64(1_800_000_000_000)

func rotate(t testing.TB, v *Vault, now int64, want bool) (current, next Seal) {
	t.Helper()
	changed, err := v.Rotate(now)
	if err != nil || changed != want {
		t.Fatalf("rotate at +%d: %v, %v", now-start, changed, err)
	}
	current, next, err = v.Seals(now)
	if err != nil {
		t.Fatal(err)
	}
	return current, next
}

func TestSealsRotateHourly(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if _, _, err := v.Seals(start); !errors.Is(err, ErrNoSeal) {
		t.Error("a seal before the first rotation")
	}
	first, second := rotate(t, v, start, true)
	if first.ID == 0 || second.ID == first.ID || first.Secret == second.Secret || first.Secret == [32]byte{} {
		t.Fatal("bad keys")
	}
	if first.From != start || first.Until != start+SealWindow || second.From != first.Until || first.Expires != first.Until+OrderLife+SealSlack {
		t.Fatalf("%+v", [2]int64{first.From, first.Until})
	}
	if c, n := rotate(t, v, first.Until-1, false); c != first || n != second {
		t.Error("changed inside the window")
	}
	c, third := rotate(t, v, first.Until, true)
	if c != second || third.ID <= second.ID {
		t.Error("the next key is not the current one after an hour")
	}
	if k, err := v.Seal(first.ID, first.Expires-1); err != nil || k != first {
		t.Error("the last order of the first key cannot be opened any more")
	}
	if _, err := v.Seal(first.ID, first.Expires); !errors.Is(err, ErrNoSeal) {
		t.Error("an expired key is handed out")
	}
	secret := onDisk(t, dir, first.Secret[:])
	rotate(t, v, first.Expires, true)
	if !secret || onDisk(t, dir, first.Secret[:]) {
		t.Error("an expired key is still on disk")
	}
	if _, err := v.Seal(first.ID, start); !errors.Is(err, ErrNoSeal) {
		t.Error("an expired key is still in memory")
	}
	if c, n := rotate(t, again(t, v), first.Expires, false); c != second || n != third {
		t.Error("other keys after a start")
	}
}

// onDisk tells whether the bytes are in any file of the folder.
func onDisk(t *testing.T, dir string, secret []byte) bool {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, secret) {
			return true
		}
	}
	return false
}

// TestTheOldFileIsWiped: the blocks of a replaced file are overwritten, which an
// open handle can see.
func TestTheOldFileIsWiped(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	first, _ := rotate(t, v, start, true)
	old, err := os.Open(filepath.Join(dir, sealsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	rotate(t, v, first.Expires, true)
	b := make([]byte, 4096)
	n, _ := old.ReadAt(b, 0)
	if n == 0 || !bytes.Equal(b[:n], make([]byte, n)) {
		t.Error("the old seals are still on the disk")
	}
}

func TestAfterALongSleep(t *testing.T) {
	v := open(t, t.TempDir())
	_, next := rotate(t, v, start, true)
	now := start + 40*SealWindow
	c, n := rotate(t, v, now, true)
	if c.From != now || n.From != c.Until || c.ID <= next.ID || len(v.seals.keys) != 2 {
		t.Errorf("%d keys, current from +%d", len(v.seals.keys), c.From-start)
	}
}

// TestAnyClock: whatever the clock does, a key is in use, the next is ready, no
// id comes twice, and no key lives past its end.
func TestAnyClock(t *testing.T) {
	v := open(t, t.TempDir())
	secrets := map[uint32][32]byte{}
	now := start
	rapid.Check(t, func(rt *rapid.T) {
		now += rapid.Int64Range(-SealWindow, 3*SealWindow).Draw(rt, "step")
		if _, err := v.Rotate(now); err != nil {
			rt.Fatal(err)
		}
		c, n, err := v.Seals(now)
		if err != nil || now >= c.Until || n.From != c.Until || len(v.seals.keys) > maxSeals {
			rt.Fatalf("at +%d: %d keys, %v", now-start, len(v.seals.keys), err)
		}
		for _, k := range v.seals.keys {
			if was, ok := secrets[k.ID]; (ok && was != k.Secret) || now >= k.Expires {
				rt.Fatal("a key that should not be")
			}
			secrets[k.ID] = k.Secret
		}
	})
}
