package bundle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// DefaultPrefix begins every key of a fleet in Redis.
const DefaultPrefix = "mlango:b:"

// The two hashes of a fleet, tagged so that a cluster keeps them together: what lasts
// by key, and leases by key, each with the ms at which it ends, a space and the value.
const (
	hashLasting = "{fleet}:lasting"
	hashLeases  = "{fleet}:leases"
)

// swapScript is the compare-and-set. ARGV: key, whether something must stand there
// and what, whether something is put and what. It answers 1 or 0.
var swapScript = redis.NewScript(`
local stands = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] == '0' then
	if stands then return 0 end
elseif stands ~= ARGV[3] then
	return 0
end
if ARGV[4] == '0' then
	redis.call('HDEL', KEYS[1], ARGV[1])
else
	redis.call('HSET', KEYS[1], ARGV[1], ARGV[5])
end
return 1`)

// leaseScript puts a lease by Redis's own clock and drops those that ended. ARGV: key,
// value, ms, most. It answers 0 when there are too many.
var leaseScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local count = 0
for i = 1, #all, 2 do
	if tonumber(string.match(all[i + 1], '^%d+')) <= now then
		redis.call('HDEL', KEYS[1], all[i])
	elseif all[i] ~= ARGV[1] then
		count = count + 1
	end
end
if count >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + tonumber(ARGV[3])) .. ' ' .. ARGV[2])
return 1`)

// leasesScript lists the leases that hold under keys that begin with ARGV[1].
var leasesScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all, out = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
	if string.sub(all[i], 1, #ARGV[1]) == ARGV[1] then
		local ends, value = string.match(all[i + 1], '^(%d+) (.*)$')
		if ends and tonumber(ends) > now then
			out[#out + 1] = all[i]
			out[#out + 1] = value
		end
	end
end
return out`)

// Redis keeps a fleet's bundles in Redis, for every gateway that shares it.
type Redis struct {
	client redis.UniversalClient
	prefix string
}

// NewRedis keeps bundles through a client whose own retries are off: a
// compare-and-set would lose against its own first try. The client stays the
// caller's to close. No prefix is DefaultPrefix.
func NewRedis(client redis.UniversalClient, prefix string) *Redis {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	return &Redis{client, prefix}
}

func (r *Redis) lasting() []string { return []string{r.prefix + hashLasting} }
func (r *Redis) leases() []string  { return []string{r.prefix + hashLeases} }

// Get returns what lasts under a key, or ErrNone.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, error) {
	if err := fits(key, nil); err != nil {
		return nil, err
	}
	b, err := r.client.HGet(ctx, r.lasting()[0], key).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, ErrNone
	case err != nil:
		return nil, fmt.Errorf("bundle: redis: %w", err)
	}
	return b, nil
}

// Swap puts now where was stands; see Store. An answer that was lost leaves it open
// whether it was put: who asks again finds out.
func (r *Redis) Swap(ctx context.Context, key string, was, now []byte) error {
	if err := fits(key, now); err != nil {
		return err
	}
	n, err := swapScript.Run(ctx, r.client, r.lasting(), key, number(was != nil), was, number(now != nil), now).Int()
	switch {
	case err != nil:
		return fmt.Errorf("bundle: redis: %w", err)
	case n == 0:
		return ErrConflict
	}
	return nil
}

// Announce puts a value that the store forgets after the lease.
func (r *Redis) Announce(ctx context.Context, key string, value []byte, lease time.Duration) error {
	if err := fits(key, value); err != nil {
		return err
	}
	n, err := leaseScript.Run(ctx, r.client, r.leases(), key, value, lease.Milliseconds(), MaxAnnounced).Int()
	switch {
	case err != nil:
		return fmt.Errorf("bundle: redis: %w", err)
	case n == 0:
		return ErrTooBig
	}
	return nil
}

// Announced are the values with a lease under keys that begin so.
func (r *Redis) Announced(ctx context.Context, prefix string) (map[string][]byte, error) {
	all, err := leasesScript.Run(ctx, r.client, r.leases(), prefix).StringSlice()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("bundle: redis: %w", err)
	}
	out := map[string][]byte{}
	for i := 0; i+1 < len(all); i += 2 {
		out[all[i]] = []byte(all[i+1])
	}
	return out, nil
}
