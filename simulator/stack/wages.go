package stack

import (
	"context"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
)

// wagesAtOnce is how many wages are asked for in one call.
const wagesAtOnce = 500

// Wage is what the employer pays somebody.
type Wage struct {
	ID      ledger.ID
	Account ledger.Account
	Amount  ledger.Amount
}

// Employer is who pays the wages of a load: it has no handset, and enough.
func Employer() User {
	return User{Account: 600001, Kind: ledger.AccountPaybill, Name: "UZIMA TEA ESTATE", Balance: 1_000_000_000 * shilling}
}

// wagesPause is between two tries of the same wages.
const wagesPause = 500 * time.Millisecond

// payOnce asks for wages until the ledger answers, or they have expired: their ids make
// of several tries one.
func (s *Stack) payOnce(ctx context.Context, cmds []ledger.Command, expires time.Time) error {
	for {
		_, err := s.ledger.Admin(ctx, cmds)
		if err == nil {
			return nil
		}
		if time.Now().After(expires) {
			return fmt.Errorf("stack: pay wages: %w", err)
		}
		select {
		case <-time.After(wagesPause):
		case <-ctx.Done():
			return fmt.Errorf("stack: pay wages: %w", ctx.Err())
		}
	}
}

// PayWages pays wages out of the employer's account, each under its id. One that the ledger refuses stands in its journal; an
// error says that the ledger did not answer.
func (s *Stack) PayWages(ctx context.Context, wages []Wage) error {
	for len(wages) > 0 {
		n := min(len(wages), wagesAtOnce)
		now := time.Now()
		cmds := make([]ledger.Command, n)
		for i, w := range wages[:n] {
			cmds[i] = &ledger.Move{Transfer: ledger.Transfer{
				ID: w.ID, Kind: ledger.KindPayout, From: Employer().Account, To: w.Account, Amount: w.Amount,
				Currency: tableCurrency, Expires: now.Add(seedExpires).UnixMilli(), Origin: ledger.Origin{Gateway: "simulator"},
			}}
		}
		if err := s.payOnce(ctx, cmds, now.Add(seedExpires)); err != nil {
			return err
		}
		wages = wages[n:]
	}
	return nil
}
