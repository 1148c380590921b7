package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"mlango/ledgerd/ledger"
)

// strayAfter is when an entry of our own stream that nobody here knows – its
// append was never answered – is taken up as if left.
const strayAfter = 5 * time.Minute

// dropScript forgets a dead gateway whose stream is empty.
var dropScript = redis.NewScript(`
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]); return 1 end
return 0`)

// Left is what an earlier process of this gateway left: its stream, and its file.
func (r *Redis) Left(ctx context.Context) (Left, error) {
	left, err := r.file.Left(ctx)
	if err != nil {
		return left, err
	}
	err = r.unknown(ctx, "+", &left)
	return left, err
}

// mine takes an entry of our own stream into left, and notes where it stands.
func (r *Redis) mine(left *Left, m redis.XMessage) {
	id, ok := left.add(m)
	if !ok {
		r.cfg.Log.Error("an entry of the order stream cannot be read", "entry", m.ID)
		return
	}
	r.note(id, m.ID)
}

// add takes a stream's entry; false when it cannot be read.
func (l *Left) add(m redis.XMessage) (id ledger.ID, ok bool) {
	if b, is := m.Values[fieldOrder].(string); is {
		o, err := DecodeOrder([]byte(b))
		if err != nil {
			return id, false
		}
		l.Orders = append(l.Orders, *o)
		return o.Request.ID(), true
	}
	b, _ := m.Values[fieldPromise].(string)
	p, err := DecodePromise([]byte(b))
	if err != nil {
		return id, false
	}
	l.Promises = append(l.Promises, *p)
	return p.ID, true
}

// read gives every entry of a gateway's stream up to an id.
func (r *Redis) read(ctx context.Context, gateway, upto string, fn func(redis.XMessage) error) error {
	from := "-"
	for {
		page, err := r.client.XRangeN(ctx, streamKey(gateway), from, upto, streamPage).Result()
		if err != nil {
			return fmt.Errorf("read the order stream of %s: %w", gateway, err)
		}
		for _, m := range page {
			if err := fn(m); err != nil {
				return err
			}
			from = "(" + m.ID
		}
		if len(page) < streamPage {
			return nil
		}
	}
}

// Claim takes over what gateways left whose lease ended, and what strayed in our
// own stream.
func (r *Redis) Claim(ctx context.Context) (Left, error) {
	ctx, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	var left Left
	names, err := r.client.SMembers(ctx, registryKey).Result()
	if err != nil {
		return left, fmt.Errorf("list gateways: %w", err)
	}
	errs := []error{r.strays(ctx, &left)}
	for _, name := range names {
		if name != r.cfg.Gateway {
			errs = append(errs, r.claim(ctx, name, &left))
		}
	}
	return left, errors.Join(errs...)
}

// strays takes up old entries of our own stream that nobody here knows.
func (r *Redis) strays(ctx context.Context, left *Left) error {
	return r.unknown(ctx, fmt.Sprint(r.cfg.Now().Add(-strayAfter).UnixMilli()), left)
}

// unknown takes up the entries of our own stream, up to an id, that this process
// did not append.
func (r *Redis) unknown(ctx context.Context, upto string, left *Left) error {
	r.mu.Lock()
	known := make(map[string]bool, len(r.entries))
	for _, entries := range r.entries {
		for _, e := range entries {
			known[e] = true
		}
	}
	for _, e := range r.done {
		known[e] = true
	}
	r.mu.Unlock()
	return r.read(ctx, r.cfg.Gateway, upto, func(m redis.XMessage) error {
		if !known[m.ID] {
			r.mine(left, m)
		}
		return nil
	})
}

// claim moves a dead gateway's entries into our stream and our file. A crash in
// between leaves an entry in both: the same id is answered the same.
func (r *Redis) claim(ctx context.Context, name string, left *Left) error {
	alive, err := r.client.Exists(ctx, leaseKey(name)).Result()
	if err != nil || alive > 0 {
		return err
	}
	won, err := r.client.SetNX(ctx, claimKey(name), r.cfg.Gateway, Lease).Result()
	if err != nil || !won {
		return err
	}
	err = r.read(ctx, name, "+", func(m redis.XMessage) error { return r.move(ctx, name, m, left) })
	if err != nil {
		return err
	}
	if err := dropScript.Run(ctx, r.client, []string{streamKey(name)}).Err(); err != nil {
		return err
	}
	r.cfg.Log.Info("claimed what a gateway left", "gateway", name, "orders", len(left.Orders), "promises", len(left.Promises))
	return errors.Join(r.client.SRem(ctx, registryKey, name).Err(), r.client.Del(ctx, claimKey(name)).Err())
}

func (r *Redis) move(ctx context.Context, name string, m redis.XMessage, left *Left) error {
	var one Left
	id, ok := one.add(m)
	if !ok {
		r.cfg.Log.Error("an entry of a dead gateway's stream cannot be read", "gateway", name, "entry", m.ID)
		return nil
	}
	entry, err := r.client.XAdd(ctx, &redis.XAddArgs{Stream: streamKey(r.cfg.Gateway), Values: m.Values}).Result()
	if err != nil {
		return fmt.Errorf("claim an entry of %s: %w", name, err)
	}
	r.note(id, entry)
	for i := range one.Promises {
		if err := r.file.Promise(ctx, &one.Promises[i]); err != nil {
			return err
		}
	}
	left.Orders, left.Promises = append(left.Orders, one.Orders...), append(left.Promises, one.Promises...)
	return r.client.XDel(ctx, streamKey(name), m.ID).Err()
}
