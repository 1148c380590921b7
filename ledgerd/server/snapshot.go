package server

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"mlango/ledgerd/journal"
)

// frozen is the books as of one entry, held still while they go on.
type frozen interface {
	// Write writes them down. It runs beside the writer.
	Write(w io.Writer) error
	// Release tells that they are not read any more.
	Release()
}

// snapshots writes the books down from time to time, so that a start reads them
// and the entries since, not all there ever were.
type snapshots struct {
	every  uint64        // commands between two, at most
	rest   time.Duration // times as long as the last one took, before the next
	freeze func() frozen // holds the books still in an instant
	beside func(func())  // runs what may take long beside the writer
	since  uint64        // commands applied since the last one began
	bytes  uint64        // of them
	size   uint64        // bytes of the last one, while none is being written; zero when there is none yet
	took   time.Duration // the last one, without the archiving that followed
	after  time.Time     // which the next one may begin
	pace   pace          // of the work beside the writer
	busy   bool
	done   chan error // of the one that is being written
}

// due tells whether a start would have to read too much by now. A command that is long
// has many transfers in it, so bytes count as well. Small books are written down sooner:
// as soon as the journal behind them is half as long as they are.
func (k *snapshots) due() bool {
	if k.busy || time.Now().Before(k.after) {
		return false
	}
	long := k.since >= k.every || k.bytes >= k.every*commandBytes
	cheap := k.since >= max(soonLeast, k.every/soonShare) && 2*k.bytes >= k.size
	return long || cheap
}

// snapshotHead stands before the books in a snapshot: a version, and leader time.
const (
	snapshotVersion = 1
	snapshotHead    = 16
)

// ErrSnapshot says that a snapshot is not one this build can read.
var ErrSnapshot = errors.New("server: a snapshot of another version")

// keep begins a snapshot if it is time for one. The books stand still for as long
// as freezing takes; they are written while they go on.
func (s *Server) keep() {
	k := &s.snaps
	s.stats.since.Store(k.since)
	if !k.due() {
		return
	}
	begin := time.Now()
	k.busy, k.since, k.bytes = true, 0, 0
	s.mu.Lock()
	view := k.freeze()
	s.mu.Unlock()
	pause, index, now := time.Since(begin), s.core.Applied(), s.clock.last
	s.stats.pause.Store(int64(pause))
	k.beside(func() {
		var g *gentle
		err := s.journal.SaveSnapshot(index, func(w io.Writer) error {
			k.pace.begin()
			g = &gentle{w: w, pace: &k.pace}
			return writeSnapshot(g, now, view)
		})
		view.Release()
		k.took = time.Since(begin)
		if err == nil {
			k.size = g.written // like took, read by the writer only once it heard that this is done
			s.stats.snapshot.Store(index)
			s.log.Info("snapshot", "entry", index, "pause", pause, "took", k.took)
			err = s.retire(index)
		}
		k.done <- err
	})
}

// pace is that of who works half of the time only: the other half is the writer's.
type pace struct{ since time.Time }

func (p *pace) begin() { p.since = time.Now() }

// pause waits for as long as the piece of work took that ends here.
func (p *pace) pause() {
	time.Sleep(time.Since(p.since))
	p.begin()
}

// gentle writes a snapshot at such a pace.
type gentle struct {
	w       io.Writer
	pace    *pace
	written uint64 // bytes
}

// Write writes a piece, then waits for as long as that, and what made it, took.
func (g *gentle) Write(b []byte) (int, error) {
	n, err := g.w.Write(b)
	g.written += uint64(n)
	g.pace.pause()
	return n, err
}

// retire moves what a snapshot holds into the archive; the journal keeps the pace.
func (s *Server) retire(upto uint64) error {
	s.snaps.pace.begin()
	return s.journal.Retire(upto)
}

// kept hears what became of a snapshot and of the archiving that follows it. There
// is an older one and the whole journal: only a failing disk is the node's end.
func (s *Server) kept(err error) error {
	k := &s.snaps
	k.busy, k.after = false, time.Now().Add(k.rest*k.took)
	if errors.Is(err, journal.ErrFailed) {
		return fmt.Errorf("server: snapshot: %w", err)
	}
	if err != nil && !errors.Is(err, journal.ErrClosed) {
		s.stats.unkept.Add(1)
		s.log.Error("no snapshot; the journal keeps what it would have held", "error", err)
	}
	return nil
}

// writeSnapshot writes leader time, then the books.
func writeSnapshot(w io.Writer, now int64, view frozen) error {
	head := make([]byte, snapshotHead)
	head[0] = snapshotVersion
	binary.LittleEndian.PutUint64(head[8:], uint64(now))
	if _, err := w.Write(head); err != nil {
		return err
	}
	return view.Write(w)
}

// readSnapshot reads what writeSnapshot wrote.
func readSnapshot(r io.Reader, load func(io.Reader) error) (now int64, err error) {
	head := make([]byte, snapshotHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, fmt.Errorf("server: read a snapshot: %w", err)
	}
	if head[0] != snapshotVersion {
		return 0, fmt.Errorf("%w: %d", ErrSnapshot, head[0])
	}
	return int64(binary.LittleEndian.Uint64(head[8:])), load(r)
}
