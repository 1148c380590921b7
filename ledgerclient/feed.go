package ledgerclient

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Notices takes lanes from..to of a consumer for an owner and feeds every notice
// that is not acknowledged, then what comes, in lane order. While another owner works
// them off it waits in line. The epoch is the
// grant's; an acknowledgement must carry it. It returns when ctx ends, fn fails,
// the connection breaks, or another owner takes one of the lanes (ErrNotOwner):
// call it again to be granted a new epoch and fed again what was not acknowledged.
// fn is first called with no notices, to tell the epoch.
func (c *Client) Notices(ctx context.Context, consumer, owner string, from, to ledger.Lane,
	fn func(epoch uint64, notices []ledger.Notice) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.connected(ctx); err != nil {
		return err
	}
	stream, err := c.api.Notices(ctx, &pb.NoticesRequest{Consumer: consumer, Owner: owner, FromLane: uint32(from), ToLane: uint32(to)})
	if err != nil {
		return fmt.Errorf("%w: notices: %w", ErrUnavailable, err)
	}
	var epoch uint64
	return eachNotice(ctx, stream, &epoch, func(notices []ledger.Notice) error { return fn(epoch, notices) })
}

// Tail goes on with one lane under an epoch that Notices told: every notice after
// number from that is not acknowledged, then what comes. Nothing is granted and
// nothing journaled, so it may be called again after every loss, with the number
// of the last notice seen. ErrNotOwner: another owner has the lane since; so may
// we, by Notices.
func (c *Client) Tail(ctx context.Context, consumer string, lane ledger.Lane, epoch, from uint64, fn func(notices []ledger.Notice) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.connected(ctx); err != nil {
		return err
	}
	stream, err := c.api.Tail(ctx, &pb.TailRequest{Consumer: consumer, Lane: uint32(lane), Epoch: epoch, From: from})
	if err != nil {
		return fmt.Errorf("%w: tail: %w", ErrUnavailable, err)
	}
	return eachNotice(ctx, stream, new(uint64), fn)
}

// Audit feeds the notices of all lanes after an entry of the journal, then what comes,
// in the order in which they were made, without names and numbers: those too that
// everybody acknowledged long ago. Nobody owns them, and nothing is acknowledged. Who
// goes on after a loss does so with the entry before the one of the last notice seen,
// for an entry may hold more than came.
func (c *Client) Audit(ctx context.Context, after uint64, fn func(notices []ledger.Notice) error) error {
	return c.Tail(ctx, ledger.ConsumerAudit, 0, 0, after, fn)
}

// eachNotice hands on what a feed of notices brings, and the epoch of its grant.
func eachNotice(ctx context.Context, stream grpc.ServerStreamingClient[pb.Frame], epoch *uint64, fn func([]ledger.Notice) error) error {
	var frame pb.Frame // its room is used again: a notice owns its bytes
	for {
		if err := stream.RecvMsg(&frame); err != nil {
			return fed(ctx, "notices", err)
		}
		var notices []ledger.Notice
		if n := wire.Count(frame.Records, wire.KindNotice); n > 0 {
			notices = make([]ledger.Notice, 0, n)
		}
		if err := wire.Each(frame.Records, func(r wire.Record) (err error) {
			if r.Kind == wire.KindGranted {
				*epoch, err = r.Granted()
				return err
			}
			notices = append(notices, ledger.Notice{})
			return r.ReadNotice(&notices[len(notices)-1])
		}); err != nil {
			return fmt.Errorf("ledgerclient: notices: %w", err)
		}
		frame.Trim()
		if err := fn(notices); err != nil {
			return err
		}
	}
}

// Entries feeds the journal from an index on, decoded, then live: for auditors.
// The first entry has index 1; head is the chain's after the entry. It returns
// when ctx ends, fn fails or the connection breaks.
func (c *Client) Entries(ctx context.Context, from uint64,
	fn func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.connected(ctx); err != nil {
		return err
	}
	stream, err := c.api.Entries(ctx, &pb.EntriesRequest{From: from})
	if err != nil {
		return fmt.Errorf("%w: entries: %w", ErrUnavailable, err)
	}
	for {
		e, err := stream.Recv()
		if err != nil {
			return fed(ctx, "entries", err)
		}
		if len(e.Head) != 32 {
			return fmt.Errorf("ledgerclient: entry %d: a head of %d bytes", e.Index, len(e.Head))
		}
		entry, err := wire.DecodeEntry(e.Payload)
		if err != nil {
			return fmt.Errorf("ledgerclient: entry %d: %w", e.Index, err)
		}
		if err := fn(e.Index, entry.At, [32]byte(e.Head), entry.Commands); err != nil {
			return err
		}
	}
}

// fed says why a feed ended.
func fed(ctx context.Context, what string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case status.Code(err) == codes.DeadlineExceeded: // the ledger knows the deadline too, and may be first
		return context.DeadlineExceeded
	case status.Code(err) == codes.Aborted:
		return ErrNotOwner
	case errors.Is(err, io.EOF), status.Code(err) == codes.Unavailable:
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, what, err)
	}
	if why, refused := words(err); refused {
		return fmt.Errorf("%w: %s", ErrRefused, why)
	}
	return fmt.Errorf("ledgerclient: %s: %w", what, err)
}
