package order

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"mlango/ledgerd/ledger"
)

// Limits of the file.
const (
	fileName    = "orders.log"
	damagedName = ".damaged" // the first damaged file is kept under it
	compactAt   = 16 << 20   // bytes; a longer file with little left in it is rewritten
	compactIf   = 4          // times what is left in it
)

// File keeps orders and promises in an append-only file of checksummed records.
// An order is written before it is sent; a promise is on the disk before Promise
// returns, and promises that wait together share one fsync. What is done is
// written too, and the file is rewritten when little of it still matters.
type File struct {
	cfg Config
	dir string

	mu      sync.Mutex
	synced  *sync.Cond // something changed for those who wait for the disk
	f       *os.File
	size    int64
	left    int64 // bytes of what is kept
	kept    map[ledger.ID]kept
	found   Left   // at the opening
	wrote   uint64 // records so far
	safe    uint64 // of them on the disk
	syncing bool
	broken  error // a failed fsync is for ever: what the disk holds is not known
}

// kept is what is open of one id, encoded.
type kept struct{ order, promise []byte }

// OpenFile opens, or makes, the queue's file in dir, cuts a torn tail, and drops
// what is done.
func OpenFile(dir string, cfg Config) (*File, error) {
	f := &File{cfg: cfg.withDefaults(), dir: dir, kept: map[ledger.ID]kept{}}
	f.synced = sync.NewCond(&f.mu)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open order file: %w", err)
	}
	b, err := os.ReadFile(f.path())
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("open order file: %w", err)
	}
	if err := f.replay(b); err != nil {
		return nil, fmt.Errorf("open order file %s: %w", f.path(), err)
	}
	if err := f.rewrite(); err != nil {
		return nil, fmt.Errorf("open order file: %w", err)
	}
	f.found = f.open()
	return f, nil
}

func (f *File) path() string { return filepath.Join(f.dir, fileName) }

// replay rebuilds what is kept from a file's bytes.
func (f *File) replay(b []byte) error {
	damaged, err := readRecords(b, func(kind byte, body []byte) {
		switch kind {
		case recOrder:
			if o, err := DecodeOrder(body); err == nil {
				f.keep(o.Request.ID(), func(k *kept) { k.order = body })
				return
			}
			f.cfg.Log.Error("an order in the file cannot be read")
		case recPromise:
			if p, err := DecodePromise(body); err == nil {
				f.keep(p.ID, func(k *kept) { k.promise = body })
				return
			}
			f.cfg.Log.Error("a promise in the file cannot be read")
		case recDone:
			if len(body) == len(ledger.ID{}) {
				f.drop(ledger.ID(body))
			}
		}
	})
	if damaged > 0 {
		f.cfg.Log.Error("records of the order file are damaged; what can be read goes on", "places", damaged, "kept", f.path()+damagedName)
		_ = os.Link(f.path(), f.path()+damagedName) // for a person to look at; the rewrite replaces the name only
	}
	return err
}

func (f *File) keep(id ledger.ID, change func(*kept)) {
	k := f.kept[id]
	f.left -= k.size()
	change(&k)
	f.left += k.size()
	f.kept[id] = k
}

func (f *File) drop(id ledger.ID) {
	f.left -= f.kept[id].size()
	delete(f.kept, id)
}

func (k kept) size() (n int64) {
	for _, b := range [][]byte{k.order, k.promise} {
		if b != nil {
			n += int64(recordHead + len(b))
		}
	}
	return n
}

// Put writes an order to the file. It does not wait for the disk: an order that
// a power cut loses was never accepted, and nobody was promised anything.
func (f *File) Put(_ context.Context, o *Order) error {
	b, err := EncodeOrder(o)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) >= f.cfg.Limit {
		return ErrFull
	}
	if err := f.append(recOrder, b); err != nil {
		return err
	}
	f.keep(o.Request.ID(), func(k *kept) { k.order = b })
	return nil
}

// Promise keeps a promise; it returns when the disk has it.
func (f *File) Promise(_ context.Context, p *Promise) error {
	b := EncodePromise(p)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.append(recPromise, b); err != nil {
		return err
	}
	f.keep(p.ID, func(k *kept) { k.promise = b })
	return f.wait(f.wrote)
}

// Done forgets the order and the promise of an id.
func (f *File) Done(id ledger.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.kept[id]; !known {
		return
	}
	f.drop(id)
	if err := f.append(recDone, id[:]); err != nil {
		f.cfg.Log.Error("an end could not be written: after a restart the same id is asked again", "err", err)
		return
	}
	if f.size > compactAt && f.size > compactIf*f.left && !f.syncing {
		if err := f.rewrite(); err != nil {
			f.cfg.Log.Error("the order file could not be rewritten", "err", err)
		}
	}
}

// Left is what an earlier process left, and nothing of this one. It is given out
// once: who asks again, since Redis was silent, must not tell a payer again.
func (f *File) Left(context.Context) (Left, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := f.found
	f.found = Left{}
	return left, nil
}

// open is everything that is kept.
func (f *File) open() Left {
	f.mu.Lock()
	defer f.mu.Unlock()
	var left Left
	for _, k := range f.kept {
		if o, err := DecodeOrder(k.order); err == nil {
			left.Orders = append(left.Orders, *o)
		}
		if p, err := DecodePromise(k.promise); err == nil {
			left.Promises = append(left.Promises, *p)
		}
	}
	return left
}

// Claim finds nothing: a file has one owner.
func (f *File) Claim(context.Context) (Left, error) { return Left{}, nil }

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.syncing {
		f.synced.Wait()
	}
	if f.broken == nil {
		f.broken = os.ErrClosed
	}
	return f.f.Close()
}
