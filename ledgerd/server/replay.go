package server

import (
	"errors"
	"fmt"
	"io"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

const (
	chunkCommands = 512 // are decoded and applied at once, an entry's never parted
	chunksAhead   = 4   // that are decoded and not yet applied
)

// Booked is one command of a journal as replay books it.
type Booked struct {
	Header journal.Header // of its entry
	Place  ledger.Place
	At     int64          // ms
	Cmd    ledger.Command // good until the call returns
	Result ledger.Result
	Again  bool // its PIN's epoch had moved: nothing was booked
}

// Replay applies a journal's entries to books and tells each command to fn, until fn
// fails. Tools use it offline. While it runs, the books are fn's alone.
func Replay(j *journal.Journal, book *ledger.Book, fn func(*Booked) error) error {
	r := newReplay(fn)
	r.book = book
	return r.end(j.Read(1, r.entry))
}

// OpenReplay opens a journal for reading only and does as Replay does on the way:
// everything is read and checked once. after, unless nil, is told each entry once all
// of it is booked.
func OpenReplay(dir string, book *ledger.Book, fn func(*Booked) error, after func(journal.Header) error) (*journal.Journal, error) {
	r := newReplay(fn)
	r.book, r.after = book, after
	return r.open(dir, journal.Options{ReadOnly: true}, nil)
}

// replay books what a journal holds: who reads it decodes, and another goroutine
// applies what was decoded before. The journal checks what comes next beside both.
type replay struct {
	book   *ledger.Book // there before the first entry
	at     int64        // ms, of the last entry
	bytes  uint64       // of all entries
	fn     func(*Booked) error
	after  func(journal.Header) error // may be nil
	next   *chunk
	full   chan *chunk
	empty  chan *chunk
	broken chan struct{} // closed when err is set
	done   chan struct{} // closed when all was applied
	err    error
}

// chunk is entries that were decoded together.
type chunk struct {
	entries []entryHead
	room    wire.Room
}

type entryHead struct {
	header   journal.Header
	at       int64
	commands int
}

func newReplay(fn func(*Booked) error) *replay {
	r := &replay{fn: fn, next: new(chunk), full: make(chan *chunk, chunksAhead), empty: make(chan *chunk, chunksAhead+1),
		broken: make(chan struct{}), done: make(chan struct{})}
	for range chunksAhead {
		r.empty <- new(chunk)
	}
	go r.apply()
	return r
}

// open opens a journal and books what it holds, reading it once: behind the newest
// snapshot that load takes, as journal.Replay says; without load, from the first entry.
func (r *replay) open(dir string, o journal.Options, load func(journal.Snapshot, io.Reader) (*ledger.Book, int64, error)) (*journal.Journal, error) {
	o.Replay = &journal.Replay{Entry: r.entry}
	if load != nil {
		o.Replay.Load = func(at journal.Snapshot, from io.Reader) (err error) {
			if r.book, r.at, err = load(at, from); err == nil {
				r.book.Terse(true)
			}
			return err
		}
	} else {
		r.book.Terse(true)
	}
	j, err := journal.Open(dir, o)
	if r.book != nil {
		defer r.book.Terse(false)
	}
	opened := err == nil
	if err = r.end(err); err != nil && opened {
		err = errors.Join(err, j.Close())
	}
	return j, err
}

// entry decodes one entry. Its error may be of an entry before.
func (r *replay) entry(h journal.Header, payload []byte) error {
	at, n, err := r.next.room.Entry(payload)
	if err != nil {
		return fmt.Errorf("entry %d: %w", h.Index, err)
	}
	r.at, r.bytes = max(r.at, h.TimeMS), r.bytes+uint64(len(payload))
	r.next.entries = append(r.next.entries, entryHead{h, at, n})
	if len(r.next.room.Commands) < chunkCommands {
		return nil
	}
	select {
	case r.full <- r.next:
		r.next = <-r.empty
		return nil
	case <-r.broken:
		return r.err
	}
}

// end waits until all that was decoded is applied. Why reading ended is told only
// when nothing before it was wrong.
func (r *replay) end(err error) error {
	r.full <- r.next
	close(r.full)
	<-r.done
	if r.err != nil {
		return r.err
	}
	return err
}

// apply books chunks until there are no more. After an error it only takes them.
func (r *replay) apply() {
	defer close(r.done)
	for c := range r.full {
		if r.err == nil {
			if err := r.bookAll(c); err != nil {
				r.err = err
				close(r.broken)
			}
		}
		c.entries = c.entries[:0]
		c.room.Clear()
		r.empty <- c
	}
}

func (r *replay) bookAll(c *chunk) error {
	cmds, b := c.room.Commands, Booked{}
	for i := range c.entries {
		e := &c.entries[i]
		for offset := range e.commands {
			if len(cmds)%ledger.WarmAtOnce == 0 || offset == 0 && i == 0 {
				r.book.Warm(cmds)
			}
			b.Header, b.Place, b.At, b.Cmd = e.header, ledger.Place{Index: e.header.Index, Offset: uint32(offset)}, e.at, cmds[0]
			if err := r.bookOne(&b); err != nil {
				return err
			}
			cmds = cmds[1:]
		}
		if r.after != nil {
			if err := r.after(e.header); err != nil {
				return err
			}
		}
	}
	return nil
}

// bookOne applies one command and tells it.
func (r *replay) bookOne(b *Booked) error {
	b.Result, b.Again = r.book.Apply(b.Cmd, b.Place, b.At)
	if err := r.book.Err(); err != nil {
		return err
	}
	return r.fn(b)
}
