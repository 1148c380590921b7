package main

import (
	"context"
	"errors"
	"fmt"

	"mlango/internal/msisdn"
	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// openCmd opens an account.
type openCmd struct {
	Account  uint64 `arg:"" help:"The account's number."`
	Kind     string `enum:"wallet,agent,till,paybill,trust,fees,airtime,tax,commission" default:"wallet" help:"wallet, agent, till, paybill; of the house: trust, fees, airtime, tax, commission."`
	Currency string `default:"KES" help:"ISO 4217."`
	Home     uint16 `default:"1" help:"The home operator's number."`
	Language string `default:"en" help:"ISO 639-1."`
	Tier     uint8  `placeholder:"TIER" help:"How well the holder is known, 0 to 7; limits go by it."`
	Name     string `placeholder:"NAME" help:"The holder's name, as payers see it: \"JANE W\"."`
	MSISDN   string `name:"msisdn" placeholder:"NUMBER" help:"The holder's number, as 0722000001 or 254722000001; a place without a phone may have the number on its sign here."`
	PINEnv   string `name:"pin-env" placeholder:"VAR" help:"The environment variable with the first PIN; it is sealed before it leaves."`
	Move     bool   `help:"Although the number points to another account now; from a wallet that lives, two people take it."`
}

// Run opens it.
func (c *openCmd) Run(ctx context.Context, w *world, all *commands) error {
	p := ledgerclient.Person{Account: ledger.Account(c.Account), Home: c.Home, Name: c.Name, Tier: ledger.Tier(c.Tier)}
	p.Kind, _ = server.ParseAccountKind(c.Kind)
	var err error
	if p.Currency, err = currencyOf(c.Currency); err != nil {
		return usage("--currency: %w", err)
	}
	if len(c.Language) != len(p.Language) {
		return usage("--language: two letters, as en")
	}
	copy(p.Language[:], c.Language)
	if p.MSISDN, err = numberOf(p.Kind, c.MSISDN); err != nil {
		return usage("--msisdn: %w", err)
	}
	return all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		if err := c.free(ctx, w, client, p); err != nil {
			return nil, err
		}
		if c.PINEnv != "" {
			if p.SealKey, p.Sealed, err = sealed(ctx, w, client, c.PINEnv, p.MSISDN, ledgerclient.OpeningID(p.Account)); err != nil {
				return nil, err
			}
		}
		return client.OpenPeople(ctx, []ledgerclient.Person{p})
	})
}

// errHasPIN says that an opening would leave the PIN as it is.
var errHasPIN = errors.New("the account is open already and its PIN stays as it is: `ledgerd admin pin-reset` sets another; to say the opening again leave --pin-env away")

// free sees that the person's number is nobody else's, or with --move takes it from
// whoever has it.
func (c *openCmd) free(ctx context.Context, w *world, client *ledgerclient.Client, p ledgerclient.Person) error {
	if c.PINEnv != "" {
		switch there, known, err := client.Account(ctx, p.Account); {
		case err != nil:
			return err
		case known && there.PINSet:
			return errHasPIN
		}
	}
	if p.MSISDN == "" {
		return nil
	}
	seen, known, err := client.AccountOf(ctx, p.MSISDN)
	if err != nil || !known || seen.Account == p.Account {
		return err
	}
	if !c.Move {
		return usage("%s points to account %d now: to take it from there say --move", msisdn.Mask(p.MSISDN), seen.Account)
	}
	results, err := client.PointNumber(ctx, ledgerclient.Number{Kind: p.Kind, Number: p.MSISDN})
	var waiting *ledgerclient.Waiting
	if errors.As(err, &waiting) {
		fmt.Fprintln(w.out, "First the number leaves the other account; when that is approved, say the same again.")
	}
	if err == nil && results[0].Reject != ledger.OK {
		err = refusal(results[0].Reject)
	}
	return err
}

// numberOf is a number as the books know it: an MSISDN, or what stands on a sign.
func numberOf(kind ledger.AccountKind, typed string) (string, error) {
	if typed == "" {
		return "", nil
	}
	number, err := msisdn.Parse("KE", typed)
	if err != nil && kind != ledger.AccountWallet {
		return typed, nil
	}
	return number, err
}

// sealed is a PIN out of the environment, under the key in use.
func sealed(ctx context.Context, w *world, client *ledgerclient.Client, env, number string, id ledger.ID) (uint32, []byte, error) {
	typed, err := pin.Parse(w.env(env))
	if err != nil {
		return 0, nil, usage("--pin-env %s: %w", env, err)
	}
	defer typed.Wipe()
	keys, err := client.Keys(ctx)
	if err != nil {
		return 0, nil, err
	}
	k := keys.Seal[0]
	b, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, typed, number, id)
	return k.ID, b, err
}

// aliasCmd points a number.
type aliasCmd struct {
	Number  string `arg:"" help:"An MSISDN, or an agent's, till's or paybill's number."`
	Account uint64 `arg:"" optional:"" help:"The account's number."`
	Kind    string `enum:"wallet,agent,till,paybill" default:"wallet" help:"Whose kind of number: wallet, agent, till or paybill."`
	None    bool   `help:"To nobody."`
	Move    bool   `help:"Although it points to another account now."`
}

// Run points it. A number that is somebody's is not taken by a slip.
func (c *aliasCmd) Run(ctx context.Context, w *world, all *commands) error {
	if c.None == (c.Account != 0) {
		return usage("say an account, or --none")
	}
	kind, _ := server.ParseAccountKind(c.Kind)
	number, err := numberOf(kind, c.Number)
	if err != nil {
		return usage("%w", err)
	}
	return all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		seen, known, err := client.AccountOf(ctx, number)
		switch {
		case err != nil:
			return nil, err
		case known && uint64(seen.Account) != c.Account && !c.None && !c.Move:
			return nil, usage("%s points to account %d now: to take it from there say --move", msisdn.Mask(number), seen.Account)
		}
		return client.PointNumber(ctx, ledgerclient.Number{Account: ledger.Account(c.Account), Kind: kind, Number: number})
	})
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

// closeCmd closes an account.
type closeCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
}

// Run closes it.
func (c *closeCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.Close{Account: ledger.Account(c.Account)})
}

// eraseCmd forgets a person.
type eraseCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
	Yes     bool   `help:"Do not ask."`
}

// Run forgets whom it is told after asking: nobody brings a key back.
func (c *eraseCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		seen, known, err := client.Account(ctx, ledger.Account(c.Account))
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, fmt.Errorf("there is no account %d", c.Account)
		}
		who := seen.Masked
		if who == "" {
			who = "no number"
		}
		if err := confirm(w, c.Yes, fmt.Sprintf("Name, number and PIN of account %d (%s) are destroyed for good; %s stay in it.",
			c.Account, who, money(seen.Balance, seen.Currency))); err != nil {
			return nil, err
		}
		return client.Admin(ctx, []ledger.Command{ledger.ErasePerson{Account: ledger.Account(c.Account)}})
	})
}

// tierCmd sets a tier.
type tierCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
	Tier    uint8  `arg:"" help:"From 0 to 7; ledgerd admin limits shows what each may."`
	Maximum int64  `placeholder:"AMOUNT" help:"What its balance may reach, in minor units: 500000 is 5,000.00; 0 leaves that to the limits."`
}

// Run sets it.
func (c *tierCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.SetTier{Account: ledger.Account(c.Account), Tier: ledger.Tier(c.Tier), Maximum: ledger.Amount(c.Maximum)})
}

// unlockCmd unlocks a PIN.
type unlockCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
}

// Run unlocks it.
func (c *unlockCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.UnlockPIN{Account: ledger.Account(c.Account)})
}

// pinResetCmd clears a PIN.
type pinResetCmd struct {
	Account uint64 `arg:"" help:"The account's number."`
	MSISDN  string `name:"msisdn" required:"" placeholder:"NUMBER" help:"The holder's number: it must be the account's. Whoever dials from it sets the new PIN."`
}

// Run clears it: nobody in the house knows a subscriber's PIN.
func (c *pinResetCmd) Run(ctx context.Context, w *world, all *commands) error {
	number, err := msisdn.Parse("KE", c.MSISDN)
	if err != nil {
		return usage("--msisdn: %w", err)
	}
	return all.Admin.call(ctx, w, func(client *ledgerclient.Client) ([]ledger.Result, error) {
		return client.ResetPIN(ctx, ledgerclient.PINReset{Account: ledger.Account(c.Account), Number: number})
	})
}
