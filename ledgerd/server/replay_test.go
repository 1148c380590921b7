package server

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// TestReplayTellsTheFirstThatIsWrong: entries are decoded before those ahead of them
// are applied, and still the first that is wrong is told, with all before it booked.
func TestReplayTellsTheFirstThatIsWrong(t *testing.T) {
	const entries = 3 * chunkCommands
	refused := errors.New("refused")
	for _, c := range []struct {
		undecodable, refused, booked uint64 // entries
		says                         string
	}{
		{undecodable: 3, booked: 2, says: "entry 3: "},
		{undecodable: entries - 1, refused: 4, booked: 4, says: "refused"},
		{undecodable: chunkCommands + 9, refused: chunkCommands + 9, booked: chunkCommands + 8, says: "entry 521: "},
		{refused: entries, booked: entries, says: "refused"},
		{booked: entries},
	} {
		booked := uint64(0)
		r := newReplay(func(b *Booked) error {
			if booked++; b.Place.Index == c.refused {
				return refused
			}
			return nil
		})
		r.book = ledger.New(ledger.Options{})
		err := error(nil)
		for n := uint64(1); n <= entries && err == nil; n++ {
			payload := wire.BeginEntry(nil, int64(n))
			payload, _ = wire.AppendCommand(payload, 0, ledger.Tick{})
			wire.EndEntry(payload, 1)
			if n == c.undecodable {
				payload = payload[:len(payload)-1]
			}
			err = r.entry(journal.Header{Index: n, TimeMS: int64(n)}, payload)
		}
		err = r.end(err)
		if booked != c.booked || (err == nil) != (c.says == "") || err != nil && !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("%+v: %d booked, %v", c, booked, err)
		}
	}
}

// TestSnapshotIsDue by commands or by their bytes, not while one is written, and not
// before four times as long as the last one took.
func TestSnapshotIsDue(t *testing.T) {
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	for _, c := range []struct {
		k   snapshots
		due bool
	}{
		{snapshots{every: 10, since: 9, size: 100}, false},
		{snapshots{every: 16 * soonLeast, since: 2 * soonLeast, bytes: 50, size: 100}, true},
		{snapshots{every: 16 * soonLeast, since: 2 * soonLeast, bytes: 49, size: 100}, false},
		{snapshots{every: 16 * soonLeast, since: 2*soonLeast - 1, bytes: 50, size: 100}, false},
		{snapshots{every: 2 * soonLeast, since: soonLeast - 1, bytes: 50, size: 100}, false},
		{snapshots{every: 10, since: 10}, true},
		{snapshots{every: 10, since: 0, bytes: 10 * commandBytes}, true},
		{snapshots{every: 10, since: 10, busy: true}, false},
		{snapshots{every: 10, since: 10, after: soon}, false},
		{snapshots{every: 10, since: 10, after: past}, true},
	} {
		if c.k.due() != c.due {
			t.Errorf("%+v", c.k)
		}
	}
}
