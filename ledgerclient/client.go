package ledgerclient

import (
	"context"

	"mlango/ledgerd/ledger"
)

// Client talks to one ledger node. It connects when first used, reconnects by
// itself, and may be used by many goroutines.
type Client struct{ cfg Config }

// Dial makes a client. It does not wait for the ledger to be there.
func Dial(cfg Config) (*Client, error) { return &Client{cfg: cfg}, nil }

// Close ends every call that waits.
func (c *Client) Close() error { return nil }

// Open tells whether the breaker is open: calls are refused without being sent.
func (c *Client) Open() bool { return false }

// Do sends a wish and waits for its answer; a reject is an answer. After a lost
// connection, Busy or Overloaded it is sent again under the same id while ctx
// and the retry budget last. Transient rejects may still come back.
func (c *Client) Do(ctx context.Context, r *ledger.Request) (ledger.Result, error) {
	return ledger.Result{}, ErrUnavailable
}

// Profile answers "who is dialling?" from the applied books.
func (c *Client) Profile(ctx context.Context, msisdn string) (ledger.Profile, error) {
	return ledger.Profile{}, ErrUnavailable
}

// Quote answers "to whom, at what fee?" and promises only the fee's ceiling.
func (c *Client) Quote(ctx context.Context, ask ledger.Ask) (ledger.Quote, error) {
	return ledger.Quote{}, ErrUnavailable
}

// SetLanguage journals a subscriber's language.
func (c *Client) SetLanguage(ctx context.Context, account ledger.Account, lang ledger.Language) error {
	return ErrUnavailable
}

// Lookup reads what became of an id. It plants nothing: an unknown id may still
// be made by a copy that is under way.
func (c *Client) Lookup(ctx context.Context, id ledger.ID) (res ledger.Result, known bool, err error) {
	return ledger.Result{}, false, ErrUnavailable
}

// Resolve settles an id whose promise expired: its answer, or Expired for ever.
// Before expires, by the ledger's time, it answers Busy.
func (c *Client) Resolve(ctx context.Context, id ledger.ID, expires int64) (ledger.Result, error) {
	return ledger.Result{}, ErrUnavailable
}

// Keys fetches the id key and the seal keys, current and next.
func (c *Client) Keys(ctx context.Context) (Keys, error) { return Keys{}, ErrUnavailable }

// Admin journals commands in their order and returns one result for each.
func (c *Client) Admin(ctx context.Context, cmds []ledger.Command) ([]ledger.Result, error) {
	return nil, ErrUnavailable
}

// OpenPeople opens accounts with their aliases and first PINs; one result each.
func (c *Client) OpenPeople(ctx context.Context, people []Person) ([]ledger.Result, error) {
	return nil, ErrUnavailable
}

// OpeningID is the id to which a person's first PIN is sealed.
func OpeningID(account ledger.Account) ledger.ID { return ledger.ID{} }

// Notices takes lanes from..to of a consumer for an owner and feeds every notice
// that is not acknowledged, then what comes, in lane order. The epoch is the
// grant's; an acknowledgement must carry it. It returns when ctx ends, fn fails,
// the connection breaks, or another owner takes the lanes (ErrNotOwner): call it
// again to be granted a new epoch and fed again what was not acknowledged.
func (c *Client) Notices(ctx context.Context, consumer, owner string, from, to ledger.Lane,
	fn func(epoch uint64, notices []ledger.Notice) error) error {
	return ErrUnavailable
}

// Ack acknowledges a lane up to and including upto but for except. It returns
// when the ledger holds it, before it is journaled: after a crash a notice may
// come again. ErrNotOwner: the epoch is no longer the lane's.
func (c *Client) Ack(ctx context.Context, consumer string, lane ledger.Lane, epoch, upto uint64, except []uint64) error {
	return ErrUnavailable
}

// Entries feeds the journal from an index on, decoded, then live: for auditors.
// It returns when ctx ends, fn fails or the connection breaks.
func (c *Client) Entries(ctx context.Context, from uint64,
	fn func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error) error {
	return ErrUnavailable
}

// EncodeRequest is a request as bytes that DecodeRequest reads: for queues.
func EncodeRequest(dst []byte, r *ledger.Request) ([]byte, error) { return dst, nil }

// DecodeRequest reads what EncodeRequest wrote; anything else is an error that
// names the offset.
func DecodeRequest(b []byte) (*ledger.Request, error) { return nil, nil }
