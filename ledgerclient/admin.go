package ledgerclient

import (
	"context"
	"errors"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Number points a number to an account.
type Number = wire.Number

// PINReset clears the PIN of an account.
type PINReset = wire.PINReset

// ToApprove is a payment that somebody is to be asked for.
type ToApprove = wire.ToApprove

// Waiting is how a call ends that another person must approve: nothing was done
// yet.
type Waiting struct {
	Hash           [32]byte
	First          string // who asked
	Asked, Expires int64  // ms
	Items          []any  // each a ledger.Command, Person, Number or PINReset
}

// Error is what must happen next.
func (w *Waiting) Error() string {
	return fmt.Sprintf("ledgerclient: nothing was done yet: another person must approve %x", w.Hash)
}

// errHash says that what is shown is not what would be approved.
var errHash = errors.New("ledgerclient: the ledger shows other commands than the hash is of")

// waiting is what the ledger says that waits; an error when the hash is not of it.
func waiting(p *pb.Waiting) error {
	w, err := readWaiting(p)
	if err != nil {
		return err
	}
	return w
}

func readWaiting(p *pb.Waiting) (*Waiting, error) {
	w := &Waiting{Hash: wire.ApprovalHash(p.First, p.AskedMs, p.ExpiresMs, p.Records), First: p.First, Asked: p.AskedMs, Expires: p.ExpiresMs}
	if string(w.Hash[:]) != string(p.Hash) {
		return nil, errHash
	}
	err := wire.Each(p.Records, func(r wire.Record) (err error) {
		var item any
		switch r.Kind {
		case wire.KindPerson:
			item, err = r.Person()
		case wire.KindNumber:
			item, err = r.Number()
		case wire.KindPINReset:
			item, err = r.PINReset()
		default:
			item, err = r.Command()
		}
		w.Items = append(w.Items, item)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: what waits: %w", err)
	}
	return w, nil
}

// Pending lists what waits for a second person, oldest first. Each hash was made
// here, of what is shown.
func (c *Client) Pending(ctx context.Context) ([]*Waiting, error) {
	var answer *pb.PendingAnswer
	err := c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Pending(ctx, &pb.PendingRequest{})
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []*Waiting
	for _, p := range answer.Waiting {
		w, err := readWaiting(p)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// Approve does what another person asked for and returns one result for each item.
// The same approval again has the same answer.
func (c *Client) Approve(ctx context.Context, hash [32]byte) ([]ledger.Result, error) {
	var answer *pb.Frame
	err := c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Approve(ctx, &pb.ApproveRequest{Hash: hash[:]})
		return err
	})
	if err != nil {
		return nil, err
	}
	results, err := decodeResults(answer.Records)
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: approve: %w", err)
	}
	return results, nil
}

// Admin journals commands in their order and returns one result for each. When one
// of them needs a second person nothing is journaled, and the error is a *Waiting:
// of more than MaxBatch for the first so many, and the rest was not sent.
func (c *Client) Admin(ctx context.Context, cmds []ledger.Command) ([]ledger.Result, error) {
	return c.batches(ctx, len(cmds), func(dst []byte, i int) ([]byte, error) {
		return wire.AppendCommand(dst, uint64(i), cmds[i])
	})
}

// OpenPeople opens accounts with their aliases and first PINs; one result each.
func (c *Client) OpenPeople(ctx context.Context, people []Person) ([]ledger.Result, error) {
	return c.batches(ctx, len(people), func(dst []byte, i int) ([]byte, error) {
		return wire.AppendPerson(dst, uint64(i), &people[i])
	})
}

// PointNumber points a number to an account, or with account zero to none.
func (c *Client) PointNumber(ctx context.Context, n Number) ([]ledger.Result, error) {
	return c.batches(ctx, 1, func(dst []byte, i int) ([]byte, error) { return wire.AppendNumber(dst, uint64(i), &n) })
}

// ResetPIN clears the PIN of an account: whoever dials from its number sets another.
func (c *Client) ResetPIN(ctx context.Context, p PINReset) ([]ledger.Result, error) {
	return c.batches(ctx, 1, func(dst []byte, i int) ([]byte, error) { return wire.AppendPINReset(dst, uint64(i), &p) })
}

// AskPayment has somebody asked to approve a payment. Within a day the same under the same
// number is the same request, whatever its id; OtherContent: another stands under the number.
func (c *Client) AskPayment(ctx context.Context, v ToApprove) (ledger.Result, error) {
	results, err := c.batches(ctx, 1, func(dst []byte, i int) ([]byte, error) { return wire.AppendToApprove(dst, uint64(i), &v) })
	if err != nil {
		return ledger.Result{}, err
	}
	return results[0], nil
}

// OpeningID is the id to which a person's first PIN is sealed.
func OpeningID(account ledger.Account) ledger.ID { return wire.OpeningID(account) }

// batches sends n records through Admin, MaxBatch at a time. On an error the
// results so far come back too.
func (c *Client) batches(ctx context.Context, n int, write func([]byte, int) ([]byte, error)) ([]ledger.Result, error) {
	var results []ledger.Result
	for at := 0; at < n; at += MaxBatch {
		upto := min(at+MaxBatch, n)
		var records []byte
		for i := at; i < upto; i++ {
			var err error
			if records, err = write(records, i); err != nil {
				return results, fmt.Errorf("ledgerclient: admin, item %d: %w", i, err)
			}
		}
		some, err := c.admin(ctx, records, upto-at)
		if err != nil {
			return results, err
		}
		results = append(results, some...)
	}
	return results, nil
}

func (c *Client) admin(ctx context.Context, records []byte, n int) ([]ledger.Result, error) {
	var answer *pb.AdminAnswer
	err := c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Admin(ctx, &pb.Frame{Records: records})
		return err
	})
	if err != nil {
		return nil, err
	}
	if answer.Waiting != nil {
		return nil, waiting(answer.Waiting)
	}
	results, err := decodeResults(answer.Records)
	if err == nil && len(results) != n {
		err = fmt.Errorf("%d answers to %d commands", len(results), n)
	}
	if err != nil {
		return nil, fmt.Errorf("ledgerclient: admin: %w", err)
	}
	return results, nil
}

func decodeResults(records []byte) (results []ledger.Result, err error) {
	err = wire.Each(records, func(r wire.Record) error {
		res, err := r.Result()
		results = append(results, res)
		return err
	})
	return results, err
}
