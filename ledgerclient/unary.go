package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
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

// unary is one call outside the stream. It is not tried again here: who
// administrates, sees what happened.
func (c *Client) unary(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	ended, err := c.breaker.allow()
	if err != nil {
		return errOpen
	}
	if err = c.connected(ctx); err != nil {
		c.breaker.hear(ended, err)
		return err
	}
	err = call(ctx)
	if why, refused := words(err); refused {
		// A refusal in words is an answer, but for too many of one kind.
		c.breaker.hear(ended, c.heavy(status.Code(err) == codes.ResourceExhausted, time.Now()))
		return fmt.Errorf("%w: %s", ErrRefused, why)
	}
	switch s := status.Convert(err); {
	case s.Code() == codes.Internal:
		err = fmt.Errorf("%w: the node says: %s", ErrUnknown, s.Message())
	case err != nil && errors.Is(ctx.Err(), context.Canceled): // the caller went, not the ledger
		err = fmt.Errorf("%w: %w", ErrUnknown, context.Canceled)
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	c.breaker.hear(ended, err)
	return err
}

// words finds the refusal of a call that the ledger understood, or refused to
// take: surely nothing came of it.
func words(err error) (why string, refused bool) {
	switch s := status.Convert(err); s.Code() {
	case codes.InvalidArgument, codes.ResourceExhausted, codes.PermissionDenied, codes.NotFound, codes.Unimplemented:
		return s.Message(), true
	}
	return "", false
}
