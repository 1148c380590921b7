package server

import (
	"fmt"
	"strings"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// refLetters are what people may type of a bill.
const refLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./- "

// toApprove is the command that has somebody asked for a payment. Under a number that stands
// it is that request, as it was said first: the same once more is answered as it was then.
func (s *Server) toApprove(r *wire.ToApprove) (ledger.Command, error) {
	if strings.ContainsFunc(r.Ref, func(c rune) bool { return !strings.ContainsRune(refLetters, c) }) || strings.TrimSpace(r.Ref) != r.Ref {
		return nil, fmt.Errorf("a reference is of A-Z a-z 0-9 . / - and blanks between")
	}
	c := ledger.AskPayment{ID: r.ID, Kind: r.Kind, Amount: r.Amount, Until: r.Until, Number: r.Number, Payee: r.Payee}
	payer, payee := s.judge.Token(r.Payer), s.judge.PayeeToken(r.Kind, r.Payee)
	s.mu.RLock()
	c.From, _ = s.book.Find(payer)
	c.To, _ = s.book.Find(payee)
	v, known := s.book.Account(c.From)
	if id, until, stands := s.book.AskNumbered(r.Number); stands {
		c.ID, c.Until = id, until
	}
	s.mu.RUnlock()
	if c.Currency = v.Currency; r.Ref == "" || !known {
		return c, nil
	}
	sealed, err := s.vault.SealRef(uint64(c.From), c.ID, r.Ref)
	if err != nil {
		return nil, fmt.Errorf("seal a reference: %w", err)
	}
	c.Ref = sealed
	return c, nil
}

// onlyAsks tells whether a call asks for payments and does nothing else: settlement may.
func (c *adminCall) onlyAsks() bool {
	for _, r := range c.records {
		if _, asks := r.(wire.ToApprove); !asks {
			return false
		}
	}
	return true
}
