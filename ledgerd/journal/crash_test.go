package journal

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// TestPowerCutAtEveryCall: at each write, sync and name of a life in which
// segments roll, are retired and used again, snapshots and votes are saved and
// entries taken back, the power fails. What was not synced is lost, or kept, or
// torn. What comes back is what was promised.
func TestPowerCutAtEveryCall(t *testing.T) {
	all := calls(t)
	for k := 1; k <= all; k++ {
		for seed := range uint64(4) {
			d := newDisk(seed*1000 + uint64(k))
			d.cutAt = k
			d.loss = loss(seed % 3) // torn in two ways, dropped, kept
			var w world
			if err := w.run(on(d), entries); !errors.Is(err, errCut) || errors.Is(err, errGoesOn) {
				t.Fatalf("call %d: %v", k, err)
			}
			d = d.powerCut()
			w.check(t, d)
			w.found(t, d)
		}
	}
	t.Logf("%d calls, each cut 4 times", all)
}

func TestKillAtEveryCall(t *testing.T) {
	for k, all := 1, calls(t); k <= all; k++ {
		d := newDisk(uint64(k))
		d.cutAt = k
		var w world
		_ = w.run(on(d), entries)
		d = d.restart()
		w.found(t, d)
		w.check(t, d.powerCut())
	}
}

func TestFailureAtEveryCall(t *testing.T) {
	for k, all := 1, calls(t); k <= all; k++ {
		for seed := range uint64(2) {
			d := newDisk(seed*1000 + uint64(k))
			d.failAt = k
			var w world
			if err := w.run(on(d), entries); err == nil || d.failed == "" || errors.Is(err, errGoesOn) {
				t.Fatalf("call %d (%s) failed and nobody noticed: %v", k, d.failed, err)
			}
			if seed%2 == 0 {
				d = d.restart() // the cache still shows what never arrived
				w.found(t, d)
				w.check(t, d.powerCut())
			} else {
				w.check(t, d.powerCut())
			}
		}
	}
}

// TestPowerCutDuringRecovery: the start after a crash is cut as well, at each of
// its own calls.
func TestPowerCutDuringRecovery(t *testing.T) {
	for k, all := 1, calls(t); k <= all; k += 3 {
		for m := 1; ; m++ {
			d := newDisk(uint64(k*100 + m))
			d.cutAt, d.loss = k, loss(k+m)%3
			var w world
			_ = w.run(on(d), entries)
			d = d.powerCut()
			d.cutAt = m
			j, err := Open(folder, on(d))
			if err == nil {
				_ = j.Close()
				break
			}
			w.check(t, d.powerCut())
		}
	}
}

// TestAnyHistory draws starts, groups, kills, power cuts and failing calls.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDisk(rapid.Uint64().Draw(rt, "seed"))
		var w world
		for range rapid.IntRange(1, 6).Draw(rt, "lives") {
			d.ops = 0
			switch at := rapid.IntRange(1, 200).Draw(rt, "at"); rapid.IntRange(0, 2).Draw(rt, "end") {
			case 0:
				d.cutAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.powerCut()
			case 1:
				d.failAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.restart()
			case 2:
				d.cutAt = at
				_ = w.run(on(d), len(w.appended)+rapid.IntRange(1, 60).Draw(rt, "entries"))
				d = d.restart()
			}
			w.check(rt, d)
		}
	})
}

// TestPowerCutDuringABackup: half a copy is never taken for a whole one, and the
// journal it was taken from does not notice.
func TestPowerCutDuringABackup(t *testing.T) {
	for k := 1; ; k++ {
		d := newDisk(uint64(k))
		d.loss = loss(k % 3)
		var w world
		if err := w.run(on(d), 60); err != nil {
			t.Fatal(err)
		}
		j, err := Open(folder, on(d))
		if err != nil {
			t.Fatal(err)
		}
		d.ops, d.cutAt = 0, k
		copied, cerr := j.Backup("copy")
		if cerr == nil {
			_, cerr = Restore("copy", 0, "again", on(d))
		}
		done := cerr == nil
		d = d.powerCut()
		w.check(t, d)
		if _, err := Restore("copy", 0, "other", on(d)); (err == nil) != (copied.Hash != [32]byte{} && wholeCopy(d)) {
			t.Fatalf("call %d: restored from a copy that %v: %v", k, cerr, err)
		}
		o := on(d)
		o.Existing = true
		if j, err := Open("again", o); err == nil && j.durable != (place{copied.Index, copied.Term, copied.Hash}) {
			t.Fatalf("call %d: half a restore is served: %v", k, cerr)
		}
		if done {
			return
		}
	}
}

// wholeCopy tells whether a backup says that it is whole.
func wholeCopy(d *fakeDisk) bool {
	_, copying := d.names["copy/"+copyingName]
	_, backup := d.names["copy/"+backupName]
	return backup && !copying
}
