package ledgerclient

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Lookup reads what became of an id. It plants nothing: an unknown id may still
// be made by a copy that is under way.
func (c *Client) Lookup(ctx context.Context, id ledger.ID) (res ledger.Result, known bool, err error) {
	var answer *pb.LookupAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Lookup(ctx, &pb.LookupRequest{Id: id[:]})
		return err
	})
	if err != nil || !answer.Known {
		return ledger.Result{}, false, err
	}
	results, err := decodeResults(answer.Records)
	if err != nil || len(results) != 1 {
		return ledger.Result{}, false, fmt.Errorf("ledgerclient: lookup: %d answers: %w", len(results), err)
	}
	return results[0], true, nil
}

// Keys fetches the id key and the seal keys, current and next.
func (c *Client) Keys(ctx context.Context) (Keys, error) {
	var answer *pb.KeysAnswer
	err := c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Keys(ctx, &pb.KeysRequest{})
		return err
	})
	if err != nil {
		return Keys{}, err
	}
	var k Keys
	if len(answer.IdKey) != len(k.IDKey) {
		return Keys{}, fmt.Errorf("ledgerclient: keys: an id key of %d bytes", len(answer.IdKey))
	}
	k.IDKey = [32]byte(answer.IdKey)
	for _, s := range answer.Seal {
		if len(s.Secret) != 32 {
			return Keys{}, fmt.Errorf("ledgerclient: keys: a seal key of %d bytes", len(s.Secret))
		}
		k.Seal = append(k.Seal, SealKey{ID: s.Id, Secret: [32]byte(s.Secret), From: s.FromMs, Expires: s.ExpiresMs})
	}
	return k, nil
}

// Admin journals commands in their order and returns one result for each.
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

// unary is one call outside the stream. It is not tried again here: who
// administrates, sees what happened.
func (c *Client) unary(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	done, err := c.breaker.Allow()
	if err != nil {
		return errOpen
	}
	if err = c.connected(ctx); err != nil {
		done(err)
		return err
	}
	err = call(ctx)
	if why, refused := words(err); refused {
		done(c.heavy(status.Code(err) == codes.ResourceExhausted)) // a refusal in words is an answer, but for too many of one kind
		return fmt.Errorf("%w: %s", ErrRefused, why)
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	done(err)
	return err
}

// words finds the refusal of a call that the ledger understood, or refused to
// take: surely nothing came of it.
func words(err error) (why string, refused bool) {
	switch s := status.Convert(err); s.Code() {
	case codes.InvalidArgument, codes.ResourceExhausted, codes.PermissionDenied, codes.Unimplemented:
		return s.Message(), true
	}
	return "", false
}
