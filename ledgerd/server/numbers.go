package server

import (
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// A number is where money goes that is sent to it, and where a PIN is typed: an
// opening never takes one from another account, and from a living wallet it is
// taken by two people.

// anothers tells whether a person's number leads to another account, in the books
// or in the same call.
func (s *Server) anothers(p wire.Person, called map[ledger.Token]bool) bool {
	if p.MSISDN == "" {
		return false
	}
	token := s.ownToken(p.Kind, p.MSISDN)
	if called[token] {
		return true
	}
	called[token] = true
	s.mu.RLock()
	defer s.mu.RUnlock()
	holder, known := s.book.Find(token)
	return known && holder != p.Account
}

// takesNumbers tells whether a call takes a number from a wallet that is not closed.
func (s *Server) takesNumbers(call *adminCall) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, record := range call.records {
		n, isNumber := record.(wire.Number)
		if !isNumber {
			continue
		}
		holder, known := s.book.Find(s.token(n.Kind, n.Number))
		if v, there := s.book.Account(holder); known && there && holder != n.Account && v.Kind == ledger.AccountWallet && !v.Closed {
			return true
		}
	}
	return false
}
