package stack

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// seedBatch is how many people are opened, and paid their balance, at a time.
const seedBatch = 1000

// seedExpires is how long an opening balance may take to be booked.
const seedExpires = time.Minute

// errSeed says that the ledger refused a part of the world.
var errSeed = errors.New("stack: the ledger refused to open the world")

// SeedDemo opens the demo world, unless the books hold it already.
func (s *Stack) SeedDemo(ctx context.Context) error {
	people := People()
	last := people[len(people)-1]
	if p, err := s.ledger.Profile(ctx, last.MSISDN); err != nil {
		return fmt.Errorf("stack: look for the demo world: %w", err)
	} else if p.Known {
		return nil
	}
	if err := s.SeedHouse(ctx); err != nil {
		return err
	}
	world := append(Places(), people...)
	if err := s.Seed(ctx, len(world), func(i int) User { return world[i] }); err != nil {
		return err
	}
	return s.lock(ctx, people)
}

// SeedHouse opens the house's own accounts and sets tariff and limits.
func (s *Stack) SeedHouse(ctx context.Context) error {
	cmds := []ledger.Command{
		ledger.OpenAccount{Account: AccountTrust, Kind: ledger.AccountTrust, Currency: tableCurrency},
		ledger.OpenAccount{Account: AccountFees, Kind: ledger.AccountFees, Currency: tableCurrency},
		ledger.OpenAccount{Account: AccountAirtime, Kind: ledger.AccountAirtime, Currency: tableCurrency},
	}
	return s.admin(ctx, append(cmds, tableRules...))
}

// Seed opens n users and pays each the opening balance out of the trust account.
// The house must stand.
func (s *Stack) Seed(ctx context.Context, n int, user func(i int) User) error {
	key, err := s.sealKey(ctx)
	if err != nil {
		return err
	}
	for from := 0; from < n; from += seedBatch {
		users := make([]User, 0, seedBatch)
		for i := from; i < min(from+seedBatch, n); i++ {
			users = append(users, user(i))
		}
		if err := s.open(ctx, key, users); err != nil {
			return err
		}
		if err := s.sign(ctx, users); err != nil {
			return err
		}
		if err := s.issue(ctx, users); err != nil {
			return err
		}
	}
	return nil
}

// sealKey is the newest key that may seal by now.
func (s *Stack) sealKey(ctx context.Context) (pin.Key, error) {
	keys, err := s.ledger.Keys(ctx)
	if err != nil {
		return pin.Key{}, fmt.Errorf("stack: fetch the seal keys: %w", err)
	}
	var best *ledgerclient.SealKey
	now := time.Now().UnixMilli()
	for i := range keys.Seal {
		if k := &keys.Seal[i]; k.From <= now && (best == nil || k.From > best.From) {
			best = k
		}
	}
	if best == nil {
		return pin.Key{}, fmt.Errorf("%w: it has no seal key that is in force", errSeed)
	}
	return pin.Key{ID: best.ID, Secret: best.Secret, Expires: best.Expires}, nil
}

// open opens a batch of users with their PINs.
func (s *Stack) open(ctx context.Context, key pin.Key, users []User) error {
	people := make([]ledgerclient.Person, len(users))
	for i, u := range users {
		p, err := person(key, u)
		if err != nil {
			return err
		}
		people[i] = p
	}
	results, err := s.ledger.OpenPeople(ctx, people)
	return booked("open accounts", results, err)
}

// sign points the numbers at the counters to their accounts, and the handsets of those
// who stand there: an opening takes one number for each.
func (s *Stack) sign(ctx context.Context, users []User) error {
	for _, u := range users {
		if u.Sign == "" {
			continue
		}
		numbers := []ledgerclient.Number{{Kind: u.Kind, Number: u.Sign, Account: u.Account}}
		if u.MSISDN != "" {
			numbers = append(numbers, ledgerclient.Number{Kind: ledger.AccountWallet, Number: u.MSISDN, Account: u.Account})
		}
		for _, n := range numbers {
			results, err := s.ledger.PointNumber(ctx, n)
			if err := booked("point a number", results, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// person is a user as the ledger's client takes one.
func person(key pin.Key, u User) (ledgerclient.Person, error) {
	p := ledgerclient.Person{
		Account: u.Account, Kind: u.Kind, Currency: tableCurrency, Home: home, Name: u.Name, MSISDN: u.MSISDN,
	}
	copy(p.Language[:], u.Language)
	if u.PIN == "" {
		return p, nil
	}
	secret, err := pin.Parse(u.PIN)
	if err != nil {
		return p, fmt.Errorf("stack: account %d: %w", u.Account, err)
	}
	defer secret.Wipe()
	p.SealKey = key.ID
	p.Sealed, err = pin.Seal(key, secret, u.MSISDN, ledgerclient.OpeningID(u.Account))
	if err != nil {
		return p, fmt.Errorf("stack: account %d: %w", u.Account, err)
	}
	return p, nil
}

// issue pays the opening balances.
func (s *Stack) issue(ctx context.Context, users []User) error {
	now := time.Now()
	var cmds []ledger.Command
	for _, u := range users {
		if u.Balance > 0 {
			cmds = append(cmds, opening(u, now))
		}
	}
	return s.admin(ctx, cmds)
}

// opening is the transfer of an opening balance. Its id is the account's own.
func opening(u User, now time.Time) *ledger.Move {
	mac := [10]byte{'O', 'P'}
	binary.BigEndian.PutUint64(mac[2:], uint64(u.Account))
	return &ledger.Move{Transfer: ledger.Transfer{
		ID: ledger.NewID(now.UnixMilli(), mac), Kind: ledger.KindIssue, From: AccountTrust, To: u.Account,
		Amount: u.Balance, Currency: tableCurrency, Expires: now.Add(seedExpires).UnixMilli(),
		Origin: ledger.Origin{Gateway: "simulator"},
	}}
}

// lock locks the PINs that are locked in the demo world.
func (s *Stack) lock(ctx context.Context, people []User) error {
	var cmds []ledger.Command
	for _, u := range people {
		if u.Locked {
			cmds = append(cmds, ledger.LockPIN{Account: u.Account})
		}
	}
	return s.admin(ctx, cmds)
}

// admin books commands; each must be taken.
func (s *Stack) admin(ctx context.Context, cmds []ledger.Command) error {
	if len(cmds) == 0 {
		return nil
	}
	results, err := s.ledger.Admin(ctx, cmds)
	return booked("book commands", results, err)
}

func booked(what string, results []ledger.Result, err error) error {
	if err != nil {
		return fmt.Errorf("stack: %s: %w", what, err)
	}
	for i, r := range results {
		if r.Reject != ledger.OK {
			return fmt.Errorf("%w: %s, number %d: %s", errSeed, what, i+1, r.Reject)
		}
	}
	return nil
}
