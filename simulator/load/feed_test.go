package load

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// frail is a village whose ledger dies after every few entries. It serves its
// journal again from wherever it is asked to.
type frail struct {
	*village
	mu      sync.Mutex
	journal [][]ledger.Command
	breaks  int
	forgets bool // what it had written last is another entry after a break
	stays   bool // it does not come back
}

var errDied = errors.New("the ledger died")

// Entries breaks after three entries that were not read before.
func (f *frail) Entries(ctx context.Context, from uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stays && f.breaks > 0 {
		return errDied
	}
	for i := from; i <= uint64(len(f.journal)); i++ {
		head := [32]byte{byte(i), byte(i >> 8)}
		if f.forgets {
			head[31] = byte(f.breaks)
		}
		if err := fn(i, time.Now().UnixMilli(), head, f.journal[i-1]); err != nil {
			return err
		}
	}
	for range 3 {
		select {
		case cmds := <-f.feed:
			f.journal = append(f.journal, cmds)
			n := len(f.journal)
			if err := fn(uint64(n), time.Now().UnixMilli(), [32]byte{byte(n), byte(n >> 8), 31: 0}, cmds); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.breaks++
	return errDied
}

func (f *frail) run(t *testing.T) *Report {
	t.Helper()
	steady, _ := FindProfile("steady")
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 40, Duration: time.Second / 2, Drain: 2 * time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: f.people, Network: f, SMS: make(chan operator.SMS), Feed: f, OrderAge: time.Minute, From: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestTheFeedIsTakenUpAgain: a ledger that dies in a run costs the audit nothing.
func TestTheFeedIsTakenUpAgain(t *testing.T) {
	f := &frail{village: newVillage(40)}
	rep := f.run(t)
	if p := rep.Payments; rep.Oracle.Anomalies != 0 || p.Placed == 0 || p.Committed != p.Placed {
		t.Errorf("%+v %+v", p, rep.Oracle)
	}
	if f.breaks < 2 {
		t.Errorf("the feed broke %d times: nothing was tried", f.breaks)
	}
}

// TestAFeedThatCannotBeTrusted: a ledger that forgot, and one that is gone, are
// findings, however well the screens looked.
func TestAFeedThatCannotBeTrusted(t *testing.T) {
	for want, set := range map[string]func(*frail){
		"is not the one it was": func(f *frail) { f.forgets = true },
		"did not come back":     func(f *frail) { f.stays = true },
	} {
		f := &frail{village: newVillage(40)}
		set(f)
		rep := f.run(t)
		if rep.ExitCode() != 3 || !strings.Contains(strings.Join(rep.Oracle.Findings, "\n"), want) {
			t.Errorf("exit %d, no finding says %q: %v", rep.ExitCode(), want, rep.Oracle.Findings)
		}
	}
}

// TestNotMadeNeedsAFeed: while nobody reads the journal, an order's age proves
// nothing.
func TestNotMadeNeedsAFeed(t *testing.T) {
	cfg := &Config{People: []Person{{Account: 1}}, OrderAge: time.Second}
	v := &visit{session: "s1", placed: true, pins: 1, at: time.Now().Add(-time.Hour)}
	a := newAuditor(0, 0)
	if f, _ := fateOf(cfg, a, v, time.Now()); f != fateUnresolved {
		t.Errorf("without a feed it is %d", f)
	}
	a.entry(1, 0, [32]byte{}, nil)
	if f, _ := fateOf(cfg, a, v, time.Now()); f != fateNotMade {
		t.Errorf("with one it is %d", f)
	}
	a.broken(errDied)
	if f, _ := fateOf(cfg, a, v, time.Now()); f != fateUnresolved {
		t.Errorf("after it broke it is %d", f)
	}
}

// TestGivingUpAtOnceAccusesNobody: the second Ctrl-C leaves orders open, which is
// no anomaly: there is no report.
func TestGivingUpAtOnceAccusesNobody(t *testing.T) {
	v := newVillage(40)
	v.lose, v.silent = true, true
	steady, _ := FindProfile("steady")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	rep, err := Run(ctx, Config{Profile: steady, Rate: 60, Duration: 200 * time.Millisecond, Drain: time.Minute, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: time.Minute, From: -1}, nil)
	if rep != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v, %v", rep, err)
	}
}
