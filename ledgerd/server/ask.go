package server

import (
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// ask answers a question from the applied books; nothing is journaled.
func (p *peer) ask(r wire.Record) error {
	if r.Kind == wire.KindWho {
		msisdn, err := r.Who()
		if err != nil {
			return err
		}
		profile := p.s.profile(msisdn)
		p.append(func(dst []byte) ([]byte, error) { return wire.AppendProfile(dst, r.Correlation, &profile) })
		return nil
	}
	a, err := r.Ask()
	if err != nil {
		return err
	}
	quote := p.s.quote(a)
	p.append(func(dst []byte) ([]byte, error) { return wire.AppendQuote(dst, r.Correlation, &quote) })
	return nil
}

// profile tells who a number is.
func (s *Server) profile(msisdn string) ledger.Profile {
	token := s.judge.Token(msisdn)
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, ok := s.book.Find(token)
	if !ok {
		return ledger.Profile{}
	}
	v, ok := s.book.Account(n)
	return ledger.Profile{Known: ok && !v.Closed, Account: n, Kind: v.Kind, Language: v.Language, Currency: v.Currency,
		Locked: v.Locked, Frozen: v.Frozen, NoPIN: !v.PINSet}
}

// quote tells what a transfer would come to right now, and to whom it would go.
func (s *Server) quote(a ledger.Ask) ledger.Quote {
	payer, payee := s.judge.Token(a.Payer), s.judge.PayeeToken(a.Kind, a.Payee)
	s.mu.RLock()
	from, _ := s.book.Find(payer)
	to, _ := s.book.Find(payee)
	q := s.book.Quote(a.Kind, from, to, a.Amount, s.clock.look())
	v, known := s.book.Account(q.To)
	s.mu.RUnlock()
	if !known {
		return q
	}
	name, number := s.person(q.To, v.Sealed)
	if q.Name = name; a.Kind == ledger.KindReversal {
		q.Number = number
	}
	return q
}

// nameOther adds who the other side of what a question found is: of the last line by
// name and number, of a receipt by number alone. Of several lines none is told. The
// writer calls it.
func (s *Server) nameOther(res *ledger.Result) {
	if len(res.Lines) != 1 {
		return
	}
	one := res.Lines[0]
	if v, ok := s.book.Account(one.Other); ok {
		one.OtherName, one.OtherAddr = s.person(one.Other, v.Sealed)
	}
	if one.State != 0 {
		one.OtherName = ""
	}
	res.Lines = []ledger.Statement{one}
}

// opened is who an account is. An account is sealed once, when it is opened, and
// erased once: what is remembered of it holds until it is dropped.
type opened struct{ name, msisdn string }

// somebody is who an account is; of a person who was forgotten there is nothing.
func (s *Server) somebody(n ledger.Account) (name, msisdn string) {
	if p, ok := s.people.Look(n); ok {
		return p.name, p.msisdn
	}
	s.mu.RLock()
	sealed := s.book.Sealed(n)
	s.mu.RUnlock()
	return s.person(n, sealed)
}

// person is somebody for who has the sealed name and number at hand.
func (s *Server) person(n ledger.Account, sealed []byte) (name, msisdn string) {
	if len(sealed) == 0 {
		return "", ""
	}
	if p, ok := s.people.Look(n); ok {
		return p.name, p.msisdn
	}
	name, msisdn, err := s.vault.OpenPerson(uint64(n), sealed)
	if err != nil {
		s.log.Debug("a person does not open", "account", n, "error", err)
		return "", ""
	}
	s.remember(n, opened{name, msisdn})
	return name, msisdn
}

// remember keeps who somebody is, unless that one was erased while it was opened: then it
// was dropped before it was kept.
func (s *Server) remember(n ledger.Account, who opened) {
	s.people.Keep(n, who)
	if s.vault.Forgotten(uint64(n)) {
		s.people.Drop(n)
	}
}
