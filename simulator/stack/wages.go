package stack

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
)

// wagesAtOnce is how many wages are asked for in one call.
const wagesAtOnce = 500

// Wage is what the employer pays somebody.
type Wage struct {
	Account ledger.Account
	Amount  ledger.Amount
}

// Employer is who pays the wages of a load: it has no handset, and enough.
func Employer() User {
	return User{Account: 600001, Kind: ledger.AccountPaybill, Name: "UZIMA TEA ESTATE", Balance: 1_000_000_000 * shilling}
}

// PayWages pays wages out of the employer's account; serial numbers the first, each has
// its own in the life of a stack. One that the ledger refuses stands in its journal; an
// error says that the ledger did not answer.
func (s *Stack) PayWages(ctx context.Context, serial uint64, wages []Wage) error {
	for len(wages) > 0 {
		n := min(len(wages), wagesAtOnce)
		now := time.Now()
		cmds := make([]ledger.Command, n)
		for i, w := range wages[:n] {
			mac := [10]byte{'W', 'G'}
			binary.BigEndian.PutUint64(mac[2:], serial)
			serial++
			cmds[i] = &ledger.Move{Transfer: ledger.Transfer{
				ID: ledger.NewID(now.UnixMilli(), mac), Kind: ledger.KindPayout, From: Employer().Account, To: w.Account, Amount: w.Amount,
				Currency: tableCurrency, Expires: now.Add(seedExpires).UnixMilli(), Origin: ledger.Origin{Gateway: "simulator"},
			}}
		}
		if _, err := s.ledger.Admin(ctx, cmds); err != nil {
			return fmt.Errorf("stack: pay wages: %w", err)
		}
		wages = wages[n:]
	}
	return nil
}
