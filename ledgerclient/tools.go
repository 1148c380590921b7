package ledgerclient

import (
	"context"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Seen is an account as tools see it; Masked is its holder's number, as it may be
// shown.
type Seen struct {
	ledger.View
	Masked string
}

// Account reads one account by its number.
func (c *Client) Account(ctx context.Context, n ledger.Account) (seen Seen, known bool, err error) {
	return c.seen(ctx, &pb.AccountRequest{Account: uint64(n)})
}

// AccountOf reads the account to which a number points: an MSISDN, an agent's, a
// till's or a paybill's.
func (c *Client) AccountOf(ctx context.Context, number string) (seen Seen, known bool, err error) {
	return c.seen(ctx, &pb.AccountRequest{Alias: number})
}

func (c *Client) seen(ctx context.Context, req *pb.AccountRequest) (seen Seen, known bool, err error) {
	var answer *pb.AccountAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Account(ctx, req)
		return err
	})
	if err != nil || !answer.Known {
		return Seen{}, false, err
	}
	r, _, err := wire.Next(answer.Records, 0)
	if err == nil {
		seen.View, err = r.View()
	}
	if err != nil {
		return Seen{}, false, fmt.Errorf("ledgerclient: account: %w", err)
	}
	seen.Masked = answer.Masked
	return seen, true, nil
}

// Show tells all that is known of an id or a receipt number, as the JSON that
// tools print.
func (c *Client) Show(ctx context.Context, of string) (json []byte, known bool, err error) {
	var answer *pb.ShowAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Show(ctx, &pb.ShowRequest{Of: of})
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return answer.Json, answer.Known, nil
}

// Stat is one figure of a node.
type Stat struct {
	Name, Help string
	Value      float64
}

// Stats reads the node's figures.
func (c *Client) Stats(ctx context.Context) (list []Stat, err error) {
	var answer *pb.StatsAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Stats(ctx, &pb.StatsRequest{})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, s := range answer.Stats {
		list = append(list, Stat{s.Name, s.Help, s.Value})
	}
	return list, nil
}
