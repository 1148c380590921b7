package order

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"mlango/ledgerd/ledger"
)

// Limits of the streams.
const (
	redisTimeout = 500 * time.Millisecond
	claimTimeout = 5 * time.Second // of one look for dead gateways
	keyPrefix    = "mlango:q:"
	registryKey  = "mlango:q:gateways"
	streamPage   = 256 // entries read at once
	deleteEach   = 20 * time.Millisecond
	deleteMost   = 256 // entries deleted at once
	tripAfter    = 5   // failures in a row open the breaker
	openLeast    = time.Second
	openSpread   = 4 * time.Second // the breaker's open time is drawn once from 1–5 s
	fieldOrder   = "o"
	fieldPromise = "p"
)

// putScript appends an order unless the stream is full: looking and appending are
// one step, and nothing is ever trimmed.
var putScript = redis.NewScript(`
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return false end
return redis.call('XADD', KEYS[1], '*', 'o', ARGV[2])`)

// Redis keeps orders and promises in this gateway's own stream, where others can
// claim them once its lease ended, and promises in a file besides, so that they
// are kept even when Redis is gone.
type Redis struct {
	client  redis.UniversalClient
	file    *File
	cfg     Config
	breaker *gobreaker.CircuitBreaker[string]
	cancel  context.CancelFunc
	work    sync.WaitGroup

	mu      sync.Mutex
	entries map[ledger.ID][]string // of our stream
	done    []string               // entries to delete
}

// NewRedis keeps orders through a client whose retries are off; promises stand in
// a file in dir too. It holds this gateway's lease until Close. The client stays
// the caller's to close.
func NewRedis(client redis.UniversalClient, dir string, cfg Config) (*Redis, error) {
	file, err := OpenFile(dir, cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Redis{client: client, file: file, cfg: cfg.withDefaults(), cancel: cancel, entries: map[ledger.ID][]string{}}
	r.breaker = gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
		Name:         "order-redis",
		Timeout:      openLeast + rand.N(openSpread),
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, redis.Nil) },
	})
	r.work.Go(func() { r.renew(ctx) })
	r.work.Go(func() { r.clean(ctx) })
	return r, nil
}

func streamKey(gateway string) string { return keyPrefix + "{" + gateway + "}:orders" }
func leaseKey(gateway string) string  { return keyPrefix + "{" + gateway + "}:lease" }
func claimKey(gateway string) string  { return keyPrefix + "{" + gateway + "}:claim" }

// Put keeps an order, where there is room.
func (r *Redis) Put(ctx context.Context, o *Order) error {
	b, err := EncodeOrder(o)
	if err != nil {
		return err
	}
	entry, err := r.add(ctx, func(ctx context.Context) (string, error) {
		return putScript.Run(ctx, r.client, []string{streamKey(r.cfg.Gateway)}, r.cfg.Limit, b).Text()
	})
	if errors.Is(err, redis.Nil) {
		return ErrFull
	}
	if err != nil {
		return fmt.Errorf("put order: %w", err)
	}
	r.note(o.Request.ID(), entry)
	return nil
}

// Promise keeps a promise in the file and in the stream. Either of them keeps it:
// without Redis it is worked off from the file.
func (r *Redis) Promise(ctx context.Context, p *Promise) error {
	b := EncodePromise(p)
	type added struct {
		entry string
		err   error
	}
	ch := make(chan added, 1)
	go func() {
		entry, err := r.add(ctx, func(ctx context.Context) (string, error) {
			return r.client.XAdd(ctx, &redis.XAddArgs{Stream: streamKey(r.cfg.Gateway), Values: []any{fieldPromise, b}}).Result()
		})
		ch <- added{entry, err}
	}()
	onDisk := r.file.Promise(ctx, p)
	in := <-ch
	if in.err == nil {
		r.note(p.ID, in.entry)
	}
	if onDisk != nil || in.err != nil {
		r.cfg.Log.Error("a promise stands in one place only", "id", p.ID, "file", onDisk, "stream", in.err)
	}
	if onDisk != nil && in.err != nil {
		return errors.Join(onDisk, in.err)
	}
	return nil
}

// add appends through the breaker. What Redis itself refused, and what the
// breaker kept from it, surely is not there; after silence it may be.
func (r *Redis) add(ctx context.Context, fn func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	entry, err := r.breaker.Execute(func() (string, error) { return fn(ctx) })
	var said redis.Error
	switch {
	case err == nil, errors.As(err, &said), errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return entry, err
	}
	return "", errors.Join(ErrUnknown, err)
}

func (r *Redis) note(id ledger.ID, entry string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[id] = append(r.entries[id], entry)
}

// Done forgets the order and the promise of an id.
func (r *Redis) Done(id ledger.ID) {
	r.file.Done(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, r.entries[id]...)
	delete(r.entries, id)
}

// clean deletes what is done, a batch at a time.
func (r *Redis) clean(ctx context.Context) {
	tick := time.NewTicker(deleteEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			r.delete(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			r.delete(ctx)
		}
	}
}

// delete takes the done entries out of the stream, until none is left or Redis
// fails: then they wait for the next time.
func (r *Redis) delete(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	for {
		r.mu.Lock()
		batch := r.done[:min(len(r.done), deleteMost)]
		r.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		_, err := r.breaker.Execute(func() (string, error) {
			return "", r.client.XDel(ctx, streamKey(r.cfg.Gateway), batch...).Err()
		})
		if err != nil {
			return
		}
		r.mu.Lock()
		r.done = append([]string(nil), r.done[len(batch):]...)
		r.mu.Unlock()
	}
}

// renew holds this gateway's lease and its name in the registry.
func (r *Redis) renew(ctx context.Context) {
	tick := time.NewTicker(Renew)
	defer tick.Stop()
	for {
		r.hold(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Redis) hold(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := r.client.Set(ctx, leaseKey(r.cfg.Gateway), "1", Lease).Err(); err != nil {
		r.cfg.Log.Warn("the lease could not be renewed", "err", err)
		return
	}
	_ = r.client.SAdd(ctx, registryKey, r.cfg.Gateway).Err() // again in a moment
}

// Close gives the lease back, so that others need not wait for its end.
func (r *Redis) Close() error {
	r.cancel()
	r.work.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), redisTimeout)
	defer cancel()
	err := r.client.Del(ctx, leaseKey(r.cfg.Gateway)).Err()
	return errors.Join(err, r.file.Close())
}
