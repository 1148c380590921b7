package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// MaxSlip bounds a slip's bytes.
const MaxSlip = 1024

// Slips are small records that other rooms keep where sessions are, each under a name.
// Bytes 1 to 8 of a slip, counted from 0, are its version, that compare-and-set goes by.
type Slips interface {
	// Put keeps b under the name if the version there is expect (0: nothing is there).
	// With another there it returns that slip and ErrConflict; with none, though expect is
	// not 0, ErrNone. The very bytes that are there are a success.
	Put(ctx context.Context, name string, expect uint64, b []byte, ttl time.Duration) (there []byte, err error)
	// Get returns what stands under the name, or ErrNone.
	Get(ctx context.Context, name string) ([]byte, error)
}

// RedisSlips are slips in the Redis of the sessions, for all gateways that share it. They
// live as long as Redis keeps them.
type RedisSlips struct{ r *Redis }

// Slips are the slips beside the sessions.
func (r *Redis) Slips() RedisSlips { return RedisSlips{r} }

func (s RedisSlips) name(name string) string { return s.r.prefix + "slip:" + name }

// Put is Slips'.
func (s RedisSlips) Put(ctx context.Context, name string, expect uint64, b []byte, ttl time.Duration) ([]byte, error) {
	if len(b) > MaxSlip || len(b) < hopEnd {
		return nil, ErrTooBig
	}
	there, err := s.r.pipes.do(ctx, &job{kind: jobSave, key: s.name(name), expect: expectation(expect, false), b: b, ttl: ttl})
	switch {
	case errors.Is(err, ErrConflict), errors.Is(err, ErrNone):
		return there, err
	case err != nil:
		return nil, fmt.Errorf("put a slip: %w", err)
	}
	return nil, nil
}

// Get is Slips'.
func (s RedisSlips) Get(ctx context.Context, name string) ([]byte, error) {
	b, err := s.r.pipes.do(ctx, &job{kind: jobGet, key: s.name(name)})
	switch {
	case err != nil:
		return nil, fmt.Errorf("get a slip: %w", err)
	case b == nil:
		return nil, ErrNone
	}
	return b, nil
}
