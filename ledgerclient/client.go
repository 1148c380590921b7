package ledgerclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Limits of a client.
const (
	MaxInFlight    = 16384            // calls not yet answered unless configured
	defaultTimeout = 5 * time.Second  // of a call whose context has no deadline
	maxMessage     = wire.MaxPayload  // bytes of one message from the ledger
	windowBytes    = 4 << 20          // of a stream
	bufferBytes    = 256 << 10        // of a connection, each way
	pingAfter      = 10 * time.Second // of silence; a stopped ledger is noticed so
	pingTimeout    = 3 * time.Second
	backoffFirst   = 50 * time.Millisecond
	backoffMost    = time.Second
	connectTimeout = 3 * time.Second
	sweepEvery     = 100 * time.Millisecond // how late a call without a deadline may be given up
)

// Client talks to one ledger node. It connects when first used, reconnects by
// itself, and may be used by many goroutines.
type Client struct {
	cfg                  Config
	conn                 *grpc.ClientConn
	api                  pb.LedgerClient
	breaker              *breaker
	budget               budget
	shed                 shed
	retries, shut, spent atomic.Uint64
	life                 context.Context // ends with Close
	end                  context.CancelFunc

	link atomic.Pointer[link] // nil before the first call

	mu      sync.Mutex
	opening chan struct{} // closed when the link that is being opened is there, or failed
	openErr error         // of the last try
}

// Dial makes a client. It does not wait for the ledger to be there.
func Dial(cfg Config) (*Client, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.InFlight == 0 {
		cfg.InFlight = MaxInFlight
	}
	conn, err := grpc.NewClient("passthrough:///"+cfg.Node, dialOptions(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: dial %s: %w", cfg.Node, err)
	}
	c := &Client{cfg: cfg, conn: conn, api: pb.NewLedgerClient(conn), breaker: newBreaker(cfg.Node)}
	c.life, c.end = context.WithCancel(context.Background())
	c.budget.fill()
	return c, nil
}

func dialOptions(cfg Config) []grpc.DialOption {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport(cfg.TLS)),
		grpc.WithNoProxy(),
		grpc.WithDisableServiceConfig(),
		grpc.WithUserAgent("mlango " + cfg.Gateway),
		grpc.WithInitialWindowSize(windowBytes),
		grpc.WithInitialConnWindowSize(2 * windowBytes),
		grpc.WithReadBufferSize(bufferBytes),
		grpc.WithWriteBufferSize(bufferBytes),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(pb.NewCodec()), grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pingTimeout}),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: connectTimeout, Backoff: backoff.Config{
			BaseDelay: backoffFirst, Multiplier: 1.6, Jitter: 0.5, MaxDelay: backoffMost}}),
	}
	if cfg.Dial != nil {
		options = append(options, grpc.WithContextDialer(cfg.Dial))
	}
	return options
}

func transport(cfg *tls.Config) credentials.TransportCredentials {
	if cfg == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(cfg)
}

// Close ends every call that waits, as unknown.
func (c *Client) Close() error {
	c.end()
	if err := c.conn.Close(); err != nil {
		return fmt.Errorf("ledgerclient: close: %w", err)
	}
	return nil
}

// Counts is what a client did since it began.
type Counts struct {
	Retries uint64 // calls sent once more, under the same id
	Shut    uint64 // calls that an open breaker refused unsent
	Spent   uint64 // calls that would have been sent once more, had the budget not been used up
}

// Counts reads the counters.
func (c *Client) Counts() Counts {
	return Counts{Retries: c.retries.Load(), Shut: c.shut.Load(), Spent: c.spent.Load()}
}

// Open tells whether the breaker is open: calls are refused without being sent.
func (c *Client) Open() bool { return c.breaker.open() }

// bound gives a call its deadline.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// connected waits until there is a connection, so that a failure before it is
// surely one that sent nothing.
func (c *Client) connected(ctx context.Context) error {
	c.conn.Connect()
	for {
		state := c.conn.GetState()
		switch state {
		case connectivity.Ready:
			return nil
		case connectivity.TransientFailure, connectivity.Shutdown:
			if ctx.Err() != nil { // who went away learnt nothing about the node
				return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
			}
			return c.gone(ctx)
		}
		if !c.conn.WaitForStateChange(ctx, state) {
			return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
		if state = c.conn.GetState(); state == connectivity.Idle {
			c.conn.Connect()
		}
	}
}
