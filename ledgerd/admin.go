package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// adminCmd is what an administrator may do; each is a journaled command.
type adminCmd struct {
	Open     openCmd   `cmd:"" help:"Open an account."`
	Freeze   freezeCmd `cmd:"" help:"Stop all movement of an account, or with --off let it go on."`
	Unlock   unlockCmd `cmd:"" help:"Let a locked PIN be tried again."`
	Tariff   tariffCmd `cmd:"" help:"Set the fees of one kind of transfer."`
	Limits   limitsCmd `cmd:"" help:"Set the limits of one kind of transfer."`
	Issue    issueCmd  `cmd:"" help:"Book real money that arrived: from a trust account to anyone."`
	nodeFlag `embed:""`
}

// tableRefusals says what an administrator can make of a reject.
var tableRefusals = map[ledger.Reject]string{
	ledger.OtherContent:     ": that account or id is there already, as another's",
	ledger.UnknownPayer:     ": there is no such account, or it may not give",
	ledger.UnknownPayee:     ": there is no such account to receive",
	ledger.CommandForbidden: ": a value is out of bounds",
	ledger.IDTime:           ": this machine's clock and the node's differ",
	ledger.Overloaded:       ": nothing was done; look at the node's log and its disk, then ask again",
}

// book journals one command and says what became of it.
func (f *nodeFlag) book(ctx context.Context, w *world, cmd ledger.Command) error {
	return f.call(w, func(c *ledgerclient.Client) ([]ledger.Result, error) { return c.Admin(ctx, []ledger.Command{cmd}) })
}

func (f *nodeFlag) call(w *world, call func(*ledgerclient.Client) ([]ledger.Result, error)) error {
	c, err := f.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	results, err := call(c)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Reject != ledger.OK {
			return fmt.Errorf("the ledger refused: %s%s", r.Reject, tableRefusals[r.Reject])
		}
		fmt.Fprintf(w.out, "done, at %d/%d/%d\n", r.Place.Unit, r.Place.Index, r.Place.Offset)
	}
	return nil
}

// openCmd opens an account.
type openCmd struct {
	Account  uint64 `arg:"" help:"The account's number."`
	Kind     string `enum:"wallet,agent,till,paybill,trust,fees,airtime" default:"wallet" help:"wallet, agent, till, paybill, trust, fees or airtime."`
	Currency string `default:"KES" help:"ISO 4217."`
	Home     uint16 `default:"1" help:"The home operator's number."`
	Language string `default:"en" help:"ISO 639-1."`
	Name     string `help:"The holder's name, as payers see it."`
	MSISDN   string `name:"msisdn" help:"The holder's number."`
	PINEnv   string `name:"pin-env" placeholder:"VAR" help:"The environment variable with the first PIN; it is sealed before it leaves."`
}

// Run opens it.
func (c *openCmd) Run(ctx context.Context, w *world, all *commands) error {
	p := ledgerclient.Person{Account: ledger.Account(c.Account), Home: c.Home, Name: c.Name}
	p.Kind, _ = server.ParseAccountKind(c.Kind)
	var err error
	if p.Currency, err = currencyOf(c.Currency); err != nil {
		return usage("--currency: %w", err)
	}
	if len(c.Language) != len(p.Language) {
		return usage("--language: two letters, as en")
	}
	copy(p.Language[:], c.Language)
	if p.MSISDN = c.MSISDN; p.Kind == ledger.AccountWallet && c.MSISDN != "" {
		if p.MSISDN, err = msisdn.Parse("KE", c.MSISDN); err != nil {
			return usage("--msisdn: %w", err)
		}
	}
	return all.Admin.call(w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		if err := c.seal(ctx, w, client, &p); err != nil {
			return nil, err
		}
		return client.OpenPeople(ctx, []ledgerclient.Person{p})
	})
}

// seal puts the first PIN into p, under the key in use.
func (c *openCmd) seal(ctx context.Context, w *world, client *ledgerclient.Client, p *ledgerclient.Person) error {
	if c.PINEnv == "" {
		return nil
	}
	typed, err := pin.Parse(w.env(c.PINEnv))
	if err != nil {
		return usage("--pin-env %s: %w", c.PINEnv, err)
	}
	defer typed.Wipe()
	keys, err := client.Keys(ctx)
	if err != nil {
		return err
	}
	k := keys.Seal[0]
	p.SealKey = k.ID
	p.Sealed, err = pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, typed, p.MSISDN, ledgerclient.OpeningID(p.Account))
	return err
}

// freezeCmd freezes an account.
type freezeCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
	Off     bool   `help:"Let it go on."`
}

// Run freezes it.
func (c *freezeCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.Freeze{Account: ledger.Account(c.Account), On: !c.Off})
}

// unlockCmd unlocks a PIN.
type unlockCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
}

// Run unlocks it.
func (c *unlockCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.UnlockPIN{Account: ledger.Account(c.Account)})
}

// tariffCmd sets fees.
type tariffCmd struct {
	Kind  string `arg:"" enum:"send,airtime" help:"send or airtime."`
	Bands string `arg:"" help:"UPTO:FEE,… in minor units, rising: 10000:0,50000:700"`
}

// Run sets them.
func (c *tariffCmd) Run(ctx context.Context, w *world, all *commands) error {
	cmd := ledger.SetTariff{Kind: kindOf(c.Kind)}
	for _, band := range strings.Split(c.Bands, ",") {
		upto, fee, ok := strings.Cut(band, ":")
		u, uerr := strconv.ParseInt(upto, 10, 64)
		f, ferr := strconv.ParseInt(fee, 10, 64)
		if !ok || uerr != nil || ferr != nil {
			return usage("%q is not UPTO:FEE in minor units", band)
		}
		cmd.Bands = append(cmd.Bands, ledger.Band{Upto: ledger.Amount(u), Fee: ledger.Amount(f)})
	}
	return all.Admin.book(ctx, w, cmd)
}

func kindOf(word string) ledger.Kind {
	k, _ := server.ParseKind(word)
	return k
}

// limitsCmd sets limits.
type limitsCmd struct {
	Kind         string `arg:"" enum:"send,airtime" help:"send or airtime."`
	Min          int64  `help:"Least of one transfer, in minor units; 0 is no limit."`
	Max          int64  `help:"Most of one transfer."`
	PayerDaily   int64  `help:"Most a payer may send in a day."`
	PayeeBalance int64  `help:"What a payee's balance may reach."`
}

// Run sets them.
func (c *limitsCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.SetLimits{Kind: kindOf(c.Kind), Min: ledger.Amount(c.Min), Max: ledger.Amount(c.Max),
		PayerDaily: ledger.Amount(c.PayerDaily), PayeeBalance: ledger.Amount(c.PayeeBalance)})
}

// issueCmd books real money.
type issueCmd struct {
	From     uint64 `arg:"" help:"The trust account."`
	To       uint64 `arg:"" help:"The account that gets it."`
	Amount   int64  `arg:"" help:"In minor units."`
	Currency string `default:"KES" help:"ISO 4217."`
	ID       string `name:"id" placeholder:"HEX" help:"The id of an issue that was not answered: the same again, and booked once."`
}

// Run books it. Without an answer it names the id: a new one would issue twice.
func (c *issueCmd) Run(ctx context.Context, w *world, all *commands) error {
	unit, err := currencyOf(c.Currency)
	if err != nil {
		return usage("--currency: %w", err)
	}
	now := time.Now()
	id, err := c.id(now)
	if err != nil {
		return usage("--id: %w", err)
	}
	err = all.Admin.book(ctx, w, &ledger.Move{Transfer: ledger.Transfer{ID: id, Kind: ledger.KindIssue,
		From: ledger.Account(c.From), To: ledger.Account(c.To), Amount: ledger.Amount(c.Amount), Currency: unit,
		Expires: now.Add(time.Minute).UnixMilli(), Origin: ledger.Origin{Gateway: "admin"}}})
	if errors.Is(err, ledgerclient.ErrUnknown) {
		err = fmt.Errorf("%w\nperhaps it was booked: look with `ledgerd show %s`, or within ten minutes say the same again with --id %s", err, id, id)
	}
	return err
}

// id is the one that was given, or a new one.
func (c *issueCmd) id(now time.Time) (ledger.ID, error) {
	if c.ID != "" {
		return ledger.ParseID(c.ID)
	}
	var mac [10]byte
	_, _ = rand.Read(mac[:]) // never fails: see crypto/rand
	return ledger.NewID(now.UnixMilli(), mac), nil
}
