package ledgerclient

import (
	"context"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Plan tells what transfers that ask no PIN would come to, each as if those before it
// had been made. Nothing is journaled.
func (c *Client) Plan(ctx context.Context, list []*ledger.Move) (quotes []ledger.Quote, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.connected(ctx); err != nil {
		return nil, err
	}
	stream, err := c.api.Plan(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: plan: %w", ErrUnavailable, err)
	}
	for at := 0; at < len(list); at += MaxBatch {
		var records []byte
		for i, m := range list[at:min(at+MaxBatch, len(list))] {
			if records, err = wire.AppendCommand(records, uint64(i), m); err != nil {
				return nil, fmt.Errorf("ledgerclient: plan, item %d: %w", at+i, err)
			}
		}
		if err := stream.Send(&pb.Frame{Records: records}); err != nil {
			_, err = stream.Recv() // which says why
			return nil, fed(ctx, "plan", err)
		}
		answer, err := stream.Recv()
		if err != nil {
			return nil, fed(ctx, "plan", err)
		}
		if err := wire.Each(answer.Records, func(r wire.Record) error {
			q, err := r.Quote()
			quotes = append(quotes, q)
			return err
		}); err != nil {
			return nil, fmt.Errorf("ledgerclient: plan: %w", err)
		}
	}
	if len(quotes) != len(list) {
		return nil, fmt.Errorf("ledgerclient: plan: %d quotes for %d transfers", len(quotes), len(list))
	}
	return quotes, nil
}
