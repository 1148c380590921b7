package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// adminGateway is where a transfer comes from that an administrator made.
const adminGateway = "admin"

// expiresAfter is how long an administrator's transfer may take to be booked: two
// people may take their time.
const expiresAfter = time.Duration(ledger.ApproveWithin)*time.Millisecond + time.Minute

// newID is the id of a transfer that begins now.
func newID(now time.Time) ledger.ID {
	var mac [10]byte
	_, _ = rand.Read(mac[:]) // never fails: see crypto/rand
	return ledger.NewID(now.UnixMilli(), mac)
}

// idFlag names one transfer for ever.
type idFlag struct {
	ID string `name:"id" placeholder:"HEX" help:"The id of one that was not answered: the same again, and booked once."`
}

// get is the one that was given, or a new one.
func (f idFlag) get(now time.Time) (ledger.ID, error) {
	if f.ID == "" {
		return newID(now), nil
	}
	id, err := ledger.ParseID(f.ID)
	if err != nil {
		return id, usage("--id: %w", err)
	}
	return id, nil
}

// perhaps adds to an unanswered call the id: a new one would book it twice.
func perhaps(err error, id ledger.ID) error {
	if errors.Is(err, ledgerclient.ErrUnknown) {
		return fmt.Errorf("%w\nperhaps it was booked: look with `ledgerd show %s`, or within ten minutes say the same again with --id %s", err, id, id)
	}
	return err
}

// issueCmd books real money that arrived.
type issueCmd struct {
	From     uint64 `arg:"" help:"The trust account."`
	To       uint64 `arg:"" help:"The account that gets it."`
	Amount   int64  `arg:"" help:"In minor units: 500000 is 5,000.00."`
	Currency string `default:"KES" help:"ISO 4217."`
	idFlag   `embed:""`
}

// Run books it.
func (c *issueCmd) Run(ctx context.Context, w *world, all *commands) error {
	return c.book(ctx, w, all, ledger.KindIssue)
}

func (c *issueCmd) book(ctx context.Context, w *world, all *commands, kind ledger.Kind) error {
	unit, err := currencyOf(c.Currency)
	if err != nil {
		return usage("--currency: %w", err)
	}
	now := time.Now()
	id, err := c.get(now)
	if err != nil {
		return err
	}
	return perhaps(all.Admin.book(ctx, w, &ledger.Move{Transfer: ledger.Transfer{ID: id, Kind: kind,
		From: ledger.Account(c.From), To: ledger.Account(c.To), Amount: ledger.Amount(c.Amount), Currency: unit,
		Expires: now.Add(expiresAfter).UnixMilli(), Origin: ledger.Origin{Gateway: adminGateway}}}), id)
}

// redeemCmd books real money that left.
type redeemCmd struct {
	From     uint64 `arg:"" help:"The account that gives it."`
	To       uint64 `arg:"" help:"The trust account."`
	Amount   int64  `arg:"" help:"In minor units: 500000 is 5,000.00."`
	Currency string `default:"KES" help:"ISO 4217."`
	idFlag   `embed:""`
}

// Run books it.
func (c *redeemCmd) Run(ctx context.Context, w *world, all *commands) error {
	same := issueCmd(*c)
	return same.book(ctx, w, all, ledger.KindRedeem)
}

// reverseCmd brings a transfer back.
type reverseCmd struct {
	Of     string `arg:"" name:"id|receipt" help:"The transfer: its id, or its receipt number."`
	Amount int64  `placeholder:"AMOUNT" help:"In minor units: 500000 is 5,000.00; left away, all that is left of it."`
	Fee    bool   `help:"The fee comes back too."`
	idFlag `embed:""`
}

// Run brings it back.
func (c *reverseCmd) Run(ctx context.Context, w *world, all *commands) error {
	now := time.Now()
	id, err := c.get(now)
	if err != nil {
		return err
	}
	return perhaps(all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		of, err := transferOf(ctx, client, c.Of)
		if err != nil {
			return nil, err
		}
		return client.Admin(ctx, []ledger.Command{ledger.Reverse{ID: id, Of: of, Amount: ledger.Amount(c.Amount), Fee: c.Fee,
			Expires: now.Add(expiresAfter).UnixMilli(), Origin: ledger.Origin{Gateway: adminGateway}}})
	}), id)
}

// transferOf is the id that a person named by it, or by a receipt.
func transferOf(ctx context.Context, client *ledgerclient.Client, named string) (ledger.ID, error) {
	if id, err := ledger.ParseID(named); err == nil {
		return id, nil
	}
	b, known, err := client.Show(ctx, named)
	if err == nil && !known {
		err = errNotShown
	}
	var sheet server.Sheet
	if err == nil {
		err = json.Unmarshal(b, &sheet)
	}
	if err != nil {
		return ledger.ID{}, err
	}
	return ledger.ParseID(sheet.ID)
}

// pendingCmd lists what waits.
type pendingCmd struct {
	All bool `help:"List every one of what waits, however many."`
}

// Run lists it.
func (c *pendingCmd) Run(ctx context.Context, w *world, all *commands) error {
	client, err := all.Admin.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	list, err := client.Pending(ctx)
	if err != nil {
		return explain(err)
	}
	zone, err := zoneOf(ctx, client)
	if err != nil {
		return explain(err)
	}
	if len(list) == 0 {
		fmt.Fprintln(w.out, "nothing waits for a second person")
	}
	for _, wait := range list {
		sayItems(w, wait, c.All, zone)
		fmt.Fprintf(w.out, "  until %s (%s): ledgerd admin approve %x %s\n", zone.says(wait.Expires), left(wait.Expires, time.Now()), wait.Hash, all.Admin.again())
	}
	return nil
}

// approveCmd is the second person.
type approveCmd struct {
	Hash string `arg:"" help:"What the first person was told, or its first 16 digits."`
	All  bool   `help:"List all of it, however long."`
	Yes  bool   `help:"Do not ask."`
}

// minHash is how many digits of a hash name it.
const minHash = 16

// Run shows what would be done, asks, and does it.
func (c *approveCmd) Run(ctx context.Context, w *world, all *commands) error {
	hash := strings.ToLower(c.Hash)
	if _, err := hex.DecodeString(hash); err != nil || len(hash) < minHash || len(hash) > 64 {
		return usage("a hash is %d to 64 hexadecimal digits", minHash)
	}
	return all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		list, err := client.Pending(ctx)
		if err != nil {
			return nil, err
		}
		zone, err := zoneOf(ctx, client)
		if err != nil {
			return nil, err
		}
		for _, wait := range list {
			if !strings.HasPrefix(hex.EncodeToString(wait.Hash[:]), hash) {
				continue
			}
			sayItems(w, wait, c.All, zone)
			if err := c.sayAbout(ctx, w, client, wait.Items); err != nil {
				return nil, err
			}
			fmt.Fprintf(w.out, "until %s: %s\n", zone.says(wait.Expires), left(wait.Expires, time.Now()))
			if err := confirm(w, c.Yes, "You stand behind it too, by name, in the journal."); err != nil {
				return nil, err
			}
			return c.insist(ctx, client, wait.Hash)
		}
		if len(hash) == 64 { // approved just now, and the answer was lost
			b, _ := hex.DecodeString(hash)
			return client.Approve(ctx, [32]byte(b))
		}
		return nil, errors.New("nothing with this hash waits: see `ledgerd admin pending`")
	})
}

// insist asks once more after a lost answer: the same approval has the same answer.
func (c *approveCmd) insist(ctx context.Context, client *ledgerclient.Client, hash [32]byte) ([]ledger.Result, error) {
	results, err := client.Approve(ctx, hash)
	if errors.Is(err, ledgerclient.ErrUnknown) && ctx.Err() == nil {
		results, err = client.Approve(ctx, hash)
	}
	if errors.Is(err, ledgerclient.ErrUnknown) {
		err = fmt.Errorf("%w\nperhaps it was done: say the same again, or look with `ledgerd show` at the ids above", err)
	}
	return results, err
}
