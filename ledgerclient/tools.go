package ledgerclient

import (
	"context"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Seen is an account as tools see it; Masked is its holder's number, as it may be
// shown, and Name is told to administrators.
type Seen struct {
	ledger.View
	Masked, Name string
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
	seen.Masked, seen.Name = answer.Masked, answer.Name
	return seen, true, nil
}

// Lines are of one account; Balance is right after the latest of them.
type Lines struct {
	Balance  ledger.Amount
	Currency string
	List     []ledger.Statement // the latest first
}

// Statement reads lines of an account from one instant to another, both included,
// in ms; of too many the latest. With no end it is up to now.
func (c *Client) Statement(ctx context.Context, n ledger.Account, from, to int64, most int) (lines Lines, known bool, err error) {
	var answer *pb.StatementAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Statement(ctx, &pb.StatementRequest{Account: uint64(n), FromMs: from, ToMs: to, Most: uint32(most)})
		return err
	})
	if err != nil || !answer.Known {
		return Lines{}, false, err
	}
	lines = Lines{Balance: ledger.Amount(answer.Balance), Currency: answer.Currency}
	err = wire.Each(answer.Records, func(r wire.Record) error {
		s, err := r.Statement()
		lines.List = append(lines.List, s)
		return err
	})
	if err != nil {
		return Lines{}, false, fmt.Errorf("ledgerclient: statement: %w", err)
	}
	return lines, true, nil
}

// Show tells all that is known of an id or a receipt number, as the JSON that
// tools print.
func (c *Client) Show(ctx context.Context, of string) (json []byte, known bool, err error) {
	return c.show(ctx, &pb.ShowRequest{Of: of})
}

// ShowWhole is Show with names and whole numbers, which an administrator may see; the
// node's log says who looked.
func (c *Client) ShowWhole(ctx context.Context, of string) (json []byte, known bool, err error) {
	return c.show(ctx, &pb.ShowRequest{Of: of, Whole: true})
}

// ShowBooks is Show without who approved and when notices were acknowledged, for which
// the journal is read: for those who look at many.
func (c *Client) ShowBooks(ctx context.Context, of string) (json []byte, known bool, err error) {
	return c.show(ctx, &pb.ShowRequest{Of: of, Books: true})
}

func (c *Client) show(ctx context.Context, req *pb.ShowRequest) (json []byte, known bool, err error) {
	var answer *pb.ShowAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Show(ctx, req)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return answer.Json, answer.Known, nil
}

// Rules reads the tariffs and limits that hold, held and will hold, as the JSON that
// tools print.
func (c *Client) Rules(ctx context.Context) (json []byte, err error) {
	var answer *pb.RulesAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Rules(ctx, &pb.RulesRequest{})
		return err
	})
	return answer.GetJson(), err
}

// Status tells how the node stands and what of it needs a person, as the JSON that
// tools print.
func (c *Client) Status(ctx context.Context) (json []byte, err error) {
	var answer *pb.StatusAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Status(ctx, &pb.StatusRequest{})
		return err
	})
	return answer.GetJson(), err
}

// Zone is the operator's clock in minutes east of UTC: days end by it, and tools print
// instants by it.
func (c *Client) Zone(ctx context.Context) (minutes int, err error) {
	var answer *pb.ZoneAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Zone(ctx, &pb.ZoneRequest{})
		return err
	})
	return int(answer.GetMinutes()), err
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

// Backup copies the running journal into a new folder on the node's machine, and
// tells its last entry and the chain's head there. ctx should leave it time.
func (c *Client) Backup(ctx context.Context, to string) (index uint64, head []byte, err error) {
	var answer *pb.BackupAnswer
	err = c.unary(ctx, func(ctx context.Context) (err error) {
		answer, err = c.api.Backup(ctx, &pb.BackupRequest{To: to})
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	return answer.Index, answer.Head, nil
}
