package dialog

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"sync"
	"sync/atomic"
	"time"

	"mlango/gateway/approval"
	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// refreshEach is how old keys get before new ones are fetched, in the background.
const refreshEach = 5 * time.Minute

// What the keyed MACs are for; a MAC of one never equals one of the other.
const (
	domainRepeat = "mlango repeat\x00"
	domainOrder  = "mlango order\x00"
	domainAsked  = "mlango asked\x00"
)

var errNoSeal = errors.New("dialog: no seal key is good now")

// keyring keeps the ledger's keys: with them every gateway makes the same ids
// and recognises the same repeats, also after a failover.
type keyring struct {
	ledger Ledger
	turn   chan struct{} // one fetch at a time
	last   atomic.Pointer[ring]
}

type ring struct {
	ledgerclient.Keys
	at     time.Time
	hashes sync.Pool
}

func newKeyring(l Ledger) *keyring { return &keyring{ledger: l, turn: make(chan struct{}, 1)} }

// get returns keys, fetching them when there are none.
func (k *keyring) get(ctx context.Context, now time.Time) (*ring, error) {
	r := k.last.Load()
	if r == nil {
		return k.fetch(ctx, now, nil)
	}
	if now.Sub(r.at) > refreshEach {
		k.refresh(now, r)
	}
	return r, nil
}

// fetch asks the ledger unless another did meanwhile.
func (k *keyring) fetch(ctx context.Context, now time.Time, old *ring) (*ring, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := k.last.Load(); r != old {
		return r, nil
	}
	keys, err := k.ledger.Keys(ctx)
	if err != nil {
		return nil, err
	}
	r := &ring{Keys: keys, at: now}
	k.last.Store(r)
	return r, nil
}

// refresh fetches in the background; while one does, nobody else tries.
func (k *keyring) refresh(now time.Time, old *ring) {
	if len(k.turn) > 0 {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), DefaultDeadline)
		defer cancel()
		_, _ = k.fetch(ctx, now, old) // the old keys go on; the next hop tries again
	}()
}

// seal is the newest key that may seal now and lives until the order expires.
func (k *keyring) seal(ctx context.Context, now time.Time, expires int64) (pin.Key, error) {
	r, err := k.get(ctx, now)
	for try := 0; err == nil; try++ {
		if key, ok := r.newest(now.UnixMilli(), expires); ok {
			return key, nil
		}
		if try > 0 {
			return pin.Key{}, errNoSeal
		}
		r, err = k.fetch(ctx, now, r)
	}
	return pin.Key{}, err
}

func (r *ring) newest(now, expires int64) (key pin.Key, ok bool) {
	from := int64(-1)
	for _, s := range r.Seal {
		if s.From <= now && s.From > from && s.Expires >= expires {
			key, from, ok = pin.Key{ID: s.ID, Secret: s.Secret, Expires: s.Expires}, s.From, true
		}
	}
	return key, ok
}

// repeat is the MAC that recognises the same hop again. The text may be a PIN:
// without the key the MAC says nothing about it.
func (r *ring) repeat(hop *Hop) [16]byte {
	var room [128]byte
	b := append(room[:0], domainRepeat...)
	b = append(b, byte(hop.Op))
	b = binary.BigEndian.AppendUint32(b, hop.Position)
	b = appendPart(appendPart(b, hop.Code), hop.Text)
	sum := r.mac(b)
	return [16]byte(sum[:])
}

// order is the id of the wish that a visit of a secret's screen confirms.
func (r *ring) order(hop *Hop, started int64, visit uint32) ledger.ID {
	var room [128]byte
	b := append(room[:0], domainOrder...)
	b = appendPart(appendPart(appendPart(b, hop.Operator), hop.Session), hop.MSISDN)
	b = binary.BigEndian.AppendUint32(b, visit)
	sum := r.mac(b)
	return ledger.NewID(started, [10]byte(sum[:]))
}

// approval is the id of the next order of a request to approve a payment: of the asker's
// own number and instant, and how many orders it had. Of the ledger's own the ledger says it.
func (r *ring) approval(of *approval.Record) ledger.ID {
	n := of.Tries + 1
	if id, ok := of.LedgerOrder(n); ok {
		return id
	}
	var room [128]byte
	b := append(room[:0], domainAsked...)
	b = append(appendPart(b, of.Name()), n)
	sum := r.mac(b)
	return ledger.NewID(of.At, [10]byte(sum[:]))
}

// NextOrders tells the id of the next order of a request to approve a payment.
func NextOrders(l Ledger) func(ctx context.Context, r *approval.Record) (ledger.ID, error) {
	return func(ctx context.Context, r *approval.Record) (ledger.ID, error) {
		keys, err := l.Keys(ctx)
		if err != nil {
			return ledger.ID{}, err
		}
		return (&ring{Keys: keys}).approval(r), nil
	}
}

// appendPart puts a part's length before it, so that no two lists of parts join
// to the same bytes.
func appendPart(b []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
}

// mac reuses keyed hashes: making one costs more than using it.
func (r *ring) mac(b []byte) (sum [sha256.Size]byte) {
	h, _ := r.hashes.Get().(hash.Hash)
	if h == nil {
		h = hmac.New(sha256.New, r.IDKey[:])
	}
	h.Write(b)
	h.Sum(sum[:0])
	h.Reset()
	r.hashes.Put(h)
	return sum
}
