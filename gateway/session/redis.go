package session

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Limits of the Redis store.
const (
	DefaultTimeout = 500 * time.Millisecond // of one answer of Redis
	DefaultCache   = 100_000                // sessions kept in this process besides
	DefaultPrefix  = "mlango:s:"
)

// RedisConfig says how sessions are kept in Redis; zeros take the defaults.
type RedisConfig struct {
	Prefix  string        // of every key
	Timeout time.Duration // after it Redis counts as silent
	Cache   int           // sessions kept in this process; below zero none
	Now     func() time.Time
}

// Redis keeps sessions in Redis, under keys hash-tagged by MSISDN. It also keeps
// copies of the sessions that this process saved last, so that a hop without
// effects is one round trip: the compare-and-set finds a copy that is behind.
type Redis struct {
	pipes  *pipes
	prefix string
	copies *shelf
}

// ErrRetries says that the client repeats commands by itself, which would make a
// compare-and-set lose against its own first try.
var ErrRetries = errors.New("session: the Redis client's own retries must be off (MaxRetries -1)")

// NewRedis keeps sessions through a client whose retries are off. The client
// stays the caller's to close.
func NewRedis(client redis.UniversalClient, cfg RedisConfig) (*Redis, error) {
	if c, ok := client.(*redis.Client); ok && c.Options().MaxRetries > 0 {
		return nil, ErrRetries
	}
	if cfg.Prefix == "" {
		cfg.Prefix = DefaultPrefix
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Cache == 0 {
		cfg.Cache = DefaultCache
	}
	r := &Redis{pipes: newPipes(client, cfg.Timeout), prefix: cfg.Prefix, copies: newShelf(cfg.Cache, cfg.Now)}
	r.copies.evict = true
	return r, nil
}

// name is a key's name in Redis. The operator's session key comes last, since
// only it may hold any byte.
func (r *Redis) name(key Key) string {
	return r.prefix + "{" + key.MSISDN + "}:" + key.Operator + ":" + key.Session
}

// Load returns the copy, or what is stored.
func (r *Redis) Load(ctx context.Context, key Key) (*Session, error) {
	if b := r.copies.get(key); b != nil {
		return Decode(b)
	}
	return r.Reload(ctx, key)
}

// Reload returns what is stored.
func (r *Redis) Reload(ctx context.Context, key Key) (*Session, error) {
	b, err := r.pipes.do(ctx, &job{kind: jobGet, key: r.name(key)})
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	if b == nil {
		r.copies.drop(key)
		return nil, ErrNone
	}
	return r.keep(key, b)
}

// Save puts s if the stored hop is expect; see Store.
func (r *Redis) Save(ctx context.Context, key Key, expect uint64, fresh bool, s *Session, ttl time.Duration) (*Session, error) {
	b, err := Encode(s)
	if err != nil {
		return nil, err
	}
	stored, err := r.pipes.do(ctx, &job{kind: jobSave, key: r.name(key), expect: expectation(expect, fresh), b: b, ttl: ttl})
	switch {
	case err == nil:
		r.copies.put(key, b, ttl)
		return nil, nil
	case errors.Is(err, ErrConflict):
		other, err := r.keep(key, stored)
		if err != nil {
			return nil, err
		}
		return other, ErrConflict
	}
	r.copies.drop(key)
	if errors.Is(err, ErrNone) {
		return nil, ErrNone
	}
	return nil, fmt.Errorf("save session: %w", err)
}

// newest is where the operator's key of a subscriber's newest dialogue stands.
func (r *Redis) newest(key Key) string {
	return r.prefix + "newest:{" + key.MSISDN + "}:" + key.Operator
}

// Begin is Save of a dial's first screen; see Store.
func (r *Redis) Begin(ctx context.Context, key Key, s *Session, ttl time.Duration) (*Session, *Before, error) {
	b, err := Encode(s)
	if err != nil {
		return nil, nil, err
	}
	j := &job{kind: jobBegin, key: r.name(key), expect: expectation(0, false), b: b, ttl: ttl, session: key.Session, newest: r.newest(key)}
	stored, err := r.pipes.do(ctx, j)
	switch {
	case errors.Is(err, ErrConflict):
		other, err := r.keep(key, stored)
		if err != nil {
			return nil, nil, err
		}
		return other, nil, ErrConflict
	case err != nil:
		r.copies.drop(key)
		return nil, nil, fmt.Errorf("save session: %w", err)
	}
	r.copies.put(key, b, ttl)
	if len(j.before.b) == 0 {
		return nil, nil, nil
	}
	before, err := Decode(j.before.b)
	if err != nil {
		return nil, nil, nil // of another form: nobody goes on with it
	}
	return nil, &Before{Key: j.before.key, Session: before}, nil
}

// keep decodes what came and makes it the copy.
func (r *Redis) keep(key Key, b []byte) (*Session, error) {
	s, err := Decode(b)
	if err != nil {
		return nil, err
	}
	ttl := TTL
	if s.End {
		ttl = AfterEnd
	}
	r.copies.put(key, b, ttl)
	return s, nil
}

// Drop forgets a session.
func (r *Redis) Drop(ctx context.Context, key Key) error {
	r.copies.drop(key)
	if _, err := r.pipes.do(ctx, &job{kind: jobDrop, key: r.name(key)}); err != nil {
		return fmt.Errorf("drop session: %w", err)
	}
	return nil
}

// Open tells whether the breaker is open: Redis is not even asked.
func (r *Redis) Open() bool { return r.pipes.open() }

// Close ends the pipes; the client stays open.
func (r *Redis) Close() error {
	r.pipes.close()
	return nil
}

// expectation is what the script compares: nothing for "whatever is there", else
// the hop's eight bytes.
func expectation(expect uint64, fresh bool) []byte {
	if fresh {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, expect)
}
