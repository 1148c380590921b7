package load

import (
	"context"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// backdater makes every send a second time, at an instant before the run's begin.
type backdater struct {
	*village
	doubled int // of them the rules made
}

// Entries puts the second transfer behind the entry of the first.
func (f *backdater) Entries(ctx context.Context, from uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	extra, book, before := uint64(0), ledger.New(ledger.Options{}), time.Now().UnixMilli()-3000
	return f.village.Entries(ctx, from, func(i uint64, at int64, h [32]byte, cmds []ledger.Command) error {
		if err := fn(i+extra, at, h, cmds); err != nil {
			return err
		}
		for k, c := range cmds {
			book.Apply(c, ledger.Place{Index: i + extra, Offset: uint32(k)}, at)
			m, is := c.(*ledger.Move)
			if !is || m.Kind != ledger.KindSend {
				continue
			}
			again := *m
			again.ID = ledger.NewID(before, [10]byte{byte(extra), 99, byte(extra >> 8)})
			extra++
			if res, _ := book.Apply(&again, ledger.Place{Index: i + extra}, before); res.Reject == ledger.OK {
				f.doubled++
			}
			if err := fn(i+extra, before, h, []ledger.Command{&again}); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestADoubleWithAnOldDate: what the journal says that it made before the run's begin, and
// has behind it, is of the run.
func TestADoubleWithAnOldDate(t *testing.T) {
	v := &backdater{village: newVillage(40)}
	steady, _ := FindProfile("steady")
	rep, err := Run(t.Context(), Config{Profile: steady, Rate: 60, Duration: time.Second / 2, Drain: 5 * time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: -10 * time.Second, From: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.doubled == 0 {
		t.Fatal("the rules made none of the doubles: nothing was tried")
	}
	said := strings.Join(rep.Oracle.Findings, "\n")
	for _, want := range []string{"money moved 2 times", "ms before the entry in front of it"} {
		if rep.ExitCode() != 3 || !strings.Contains(said, want) {
			t.Errorf("exit %d, no finding says %q: %s", rep.ExitCode(), want, said)
		}
	}
}

// TestAnEntryFromTomorrow: a journal cannot know what is not yet.
func TestAnEntryFromTomorrow(t *testing.T) {
	a, now := newAuditor(1, 0), time.Now()
	a.ahead(1, now.Add(time.Hour).UnixMilli(), now) // another run's clock
	a.entry(1, now.UnixMilli(), [32]byte{}, nil)
	a.ahead(2, now.Add(clockSlack).UnixMilli(), now)
	if a.wrong() != 0 {
		t.Errorf("found %d in sound entries", a.wrong())
	}
	a.ahead(2, now.Add(24*time.Hour).UnixMilli(), now)
	if a.wrong() != 1 {
		t.Errorf("found %d", a.wrong())
	}
}
