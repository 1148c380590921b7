package server

import (
	"fmt"
	"time"

	"mlango/internal/stop"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/node"
)

// store is what the disk's loop asks of the journal.
type store interface {
	Last() uint64
	Truncate(after uint64) error
	AppendAt(index, term uint64, payload []byte, timeMS int64) error
	SaveState(term, vote uint64) error
	Sync() error
}

// disk is the loop that makes groups durable, one after the other, while the
// writer judges what will be the next.
type disk struct {
	store store
	slow  time.Duration    // how much longer a sync takes, for the bench
	in    chan *node.Write // at most one is under way
	done  chan error       // of each
}

func newDisk(s store, slow time.Duration) *disk {
	return &disk{store: s, slow: slow, in: make(chan *node.Write, 1), done: make(chan error, 1)}
}

// run works until in is closed.
func (d *disk) run() {
	for w := range d.in {
		d.done <- d.write(w)
	}
}

// write makes one group durable. What it has appended it takes off the group: a
// full disk refuses between two entries, and the same group is tried again.
func (d *disk) write(w *node.Write) error {
	commands := w.Commands()
	if w.State != nil {
		if err := d.store.SaveState(w.State.Term, w.State.Vote); err != nil {
			return fmt.Errorf("server: save term and vote: %w", err)
		}
		w.State = nil
	}
	for ; len(w.Entries) > 0; w.Entries = w.Entries[1:] {
		e := w.Entries[0]
		if e.Index <= d.store.Last() { // another leader's stand there; they were never committed
			if err := d.store.Truncate(e.Index - 1); err != nil {
				return fmt.Errorf("server: take back: %w", err)
			}
		}
		if err := d.store.AppendAt(e.Index, e.Term, e.Payload, e.At); err != nil {
			return fmt.Errorf("server: append: %w", err)
		}
	}
	if commands {
		stop.At(stop.AfterAppend)
	}
	if d.slow > 0 {
		time.Sleep(d.slow)
	}
	if err := d.store.Sync(); err != nil {
		return fmt.Errorf("server: sync: %w", err)
	}
	if commands {
		stop.At(stop.AfterSync)
	}
	return nil
}

// history is the journal as a node reads it.
type history struct{ *journal.Journal }

// Entries reads from the disk.
func (h history) Entries(lo, hi, maxBytes uint64) ([]node.Entry, error) {
	list, err := h.Journal.Entries(lo, hi, maxBytes)
	if err != nil {
		return nil, err
	}
	entries := make([]node.Entry, len(list))
	for i, e := range list {
		entries[i] = node.Entry{Index: e.Index, Term: e.Term, At: e.TimeMS, Payload: e.Payload}
	}
	return entries, nil
}
