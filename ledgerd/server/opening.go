package server

import (
	"errors"
	"fmt"

	numbers "mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
	"mlango/ledgerd/wire"
)

// addPeople makes the keys of all who are opened with one sync, before anything is
// journaled under them.
func (s *Server) addPeople(call *adminCall) error {
	var numbers []uint64
	for i, record := range call.records {
		p, isPerson := record.(wire.Person)
		if _, refused := call.refused[i]; isPerson && !refused && (p.Name != "" || p.MSISDN != "") {
			numbers = append(numbers, uint64(p.Account))
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	return s.vault.AddPeople(numbers...)
}

// leaveTaken refuses who would open an account that is another's: a number
// mistyped by a digit must not hand its money to a new number and a new PIN. The
// same opening again is none of those; it also leaves the PIN as it is.
func (s *Server) leaveTaken(call *adminCall) error {
	twice, numbers := map[ledger.Account]bool{}, map[ledger.Token]bool{}
	for i, record := range call.records {
		p, isPerson := record.(wire.Person)
		if !isPerson {
			continue
		}
		if twice[p.Account] {
			return fmt.Errorf("record %d: account %d stands twice in one call", i, p.Account)
		}
		twice[p.Account] = true
		there, same, hasPIN := s.holder(p)
		switch {
		case there && !same, s.anothers(p, numbers):
			call.refused[i] = ledger.OtherContent
		case hasPIN:
			p.Sealed = nil
			call.records[i] = p
		}
	}
	return nil
}

// holder tells whether an account is there already, as this very person's.
func (s *Server) holder(p wire.Person) (there, same, hasPIN bool) {
	s.mu.RLock()
	v, there := s.book.Account(p.Account)
	s.mu.RUnlock()
	if !there {
		return false, false, false
	}
	name, msisdn := s.person(p.Account, v.Sealed)
	same = v.Kind == p.Kind && v.Currency == p.Currency && v.Home == p.Home && name == p.Name && msisdn == p.MSISDN
	return true, same, v.PINSet || v.Epoch > 0 // once it had one, only its holder sets another
}

// open is the commands that open one account: itself, its number, its PIN.
func (s *Server) open(p wire.Person) ([]ledger.Command, error) {
	account := ledger.OpenAccount{Account: p.Account, Kind: p.Kind, Currency: p.Currency, Home: p.Home, Language: p.Language, Tier: p.Tier}
	var err error
	if p.Name != "" || p.MSISDN != "" {
		if account.Sealed, err = s.vault.SealPerson(uint64(p.Account), p.Name, p.MSISDN); err != nil {
			return nil, err
		}
	}
	cmds := []ledger.Command{account}
	if p.MSISDN != "" {
		cmds = append(cmds, ledger.SetAlias{Token: s.ownToken(p.Kind, p.MSISDN), Account: p.Account})
	}
	if len(p.Sealed) == 0 {
		return cmds, nil
	}
	set, err := s.firstPIN(p)
	if err != nil {
		return nil, fmt.Errorf("the first PIN: %w", err)
	}
	return append(cmds, set), nil
}

// resetPIN is the command that clears a PIN. The number must be the account's: one of
// the two alone may be mistyped, and whoever dials from it sets the next.
func (s *Server) resetPIN(r wire.PINReset) ([]ledger.Command, error) {
	s.mu.RLock()
	holder, known := s.book.Find(s.judge.Token(r.Number))
	s.mu.RUnlock()
	if !known || holder != r.Account {
		return nil, fmt.Errorf("the number is not account %d's", r.Account)
	}
	return []ledger.Command{ledger.ClearPIN{Account: r.Account}}, nil
}

// errEasyPIN says that a PIN is one that everybody guesses.
var errEasyPIN = errors.New("everybody guesses it")

// firstPIN is the command that stores the sealed PIN with which a person is opened.
func (s *Server) firstPIN(p wire.Person) (set ledger.SetPIN, err error) {
	clear, err := s.judge.Open(p.SealKey, p.Sealed, p.MSISDN, wire.OpeningID(p.Account), s.clock.look())
	if err != nil {
		return set, err
	}
	defer clear.Wipe()
	if s.judge.Easy(clear, p.MSISDN) {
		return set, errEasyPIN
	}
	set.Account = p.Account
	set.Salt, set.MAC = s.judge.Keep(p.Account, clear)
	return set, nil
}

// ownToken is how the number with which an account is opened stands in the books: an
// agent's phone is an MSISDN like any, and what is too short for one stands on a sign.
func (s *Server) ownToken(of ledger.AccountKind, number string) ledger.Token {
	if numbers.Valid(number) {
		of = ledger.AccountWallet
	}
	return s.token(of, number)
}

// token is how a number stands in the books, by what kind of number it is.
func (s *Server) token(of ledger.AccountKind, number string) ledger.Token {
	kind := vault.TokenMSISDN
	switch of {
	case ledger.AccountAgent:
		kind = vault.TokenAgent
	case ledger.AccountTill:
		kind = vault.TokenTill
	case ledger.AccountPaybill:
		kind = vault.TokenPaybill
	}
	return ledger.Token(s.vault.Token(kind, number))
}

// Forget destroys the key of a person whom the journal erased, if there is one.
func Forget(v *vault.Vault, n ledger.Account) error {
	if err := v.Forget(uint64(n)); err != nil && !errors.Is(err, vault.ErrNoPerson) {
		return err
	}
	return nil
}
