package ledger

import (
	"fmt"
	"testing"
)

// named is a payment that names an operator, a gateway and a bundle.
func named(s *script, n int, operator, gateway string, bundle int) *Move {
	m := s.transfer("send", []string{fmt.Sprint("n", n), "jane", "paul", figure(Amount(100 + n))})
	m.ID[14], m.ID[15] = byte(n>>8), byte(n)
	m.Origin.Operator, m.Origin.Gateway = operator, gateway
	if bundle != 0 {
		m.Bundle = [32]byte{1, byte(bundle), byte(bundle >> 8), byte(bundle >> 16)}
	}
	m.Verdict = VerdictRight
	return m
}

// TestNoGatewayFillsTheNamesOfAll: past its share what a gateway says is refused, nothing
// is taken, no PIN counted and nothing remembered; everybody else's go on, and so does
// what it named before. Loaded books hold to it too.
func TestNoGatewayFillsTheNamesOfAll(t *testing.T) {
	s := runScript(t, "open jane wallet 1,000,000.00\nopen paul wallet")
	s.apply(SetRepeatWindow{})
	n := 0
	pay := func(operator, gateway string, bundle int, want Reject) {
		t.Helper()
		n++
		m := named(s, n, operator, gateway, bundle)
		if want != OK {
			m.Verdict = VerdictWrong // it is not counted either
		}
		before, _ := s.book.Account(s.names["jane"])
		res, _ := s.apply(m)
		if _, known := s.book.Lookup(m.ID); res.Reject != want || known != (want == OK) {
			t.Fatalf("payment %d by %s of %s with bundle %d: %v, remembered %v", n, gateway, operator, bundle, res.Reject, known)
		}
		if after, _ := s.book.Account(s.names["jane"]); want != OK && (after.TriesLeft != before.TriesLeft || after.Balance != before.Balance) {
			t.Fatalf("a refusal changed %+v to %+v", before, after)
		}
	}
	for i := range maxBundlesEach {
		pay("safari", "bad", i+1, OK)
	}
	for i := range maxOperatorsEach { // safari was another.s
		pay(fmt.Sprint("op", i), "bad", 1, OK)
	}
	for round := range 2 {
		bundle, operator := maxBundlesEach+1+round, fmt.Sprint("more", round)
		pay("safari", "bad", bundle, CommandForbidden)
		pay(operator, "bad", 1, CommandForbidden)
		pay("op3", "bad", 7, OK)
		pay(operator, "good", bundle, OK)
		pay("op3", "good", 3, OK)
		pay(operator, "bad", bundle, OK) // another's name is everybody's
		o := Options{ReceiptKey: [16]byte{7}, ZoneMinutes: 180}
		book := thaw(t, s.book.Freeze(), o)
		if book.Digest() != s.book.Digest() {
			t.Fatal("loaded books differ")
		}
		s.book = book
	}
	for _, names := range s.book.Names() {
		if names.Held == 0 || names.Held > names.Most {
			t.Errorf("%+v", names)
		}
	}
}

// TestKnownIDsNeedNoNames: whoever repeats an id is answered, whatever it names.
func TestKnownIDsNeedNoNames(t *testing.T) {
	s := runScript(t, "open jane wallet 1,000,000.00\nopen paul wallet")
	s.book.gateways.most = len(s.book.gateways.list) // one more
	m := named(s, 1, "safari", "g2", 1)
	if res, _ := s.apply(m); res.Reject != OK {
		t.Fatal(res.Reject)
	}
	m.Origin.Gateway = "g3"
	if res, _ := s.apply(m); res.Reject != OK {
		t.Fatalf("the same id by another gateway: %v", res.Reject)
	}
	if res, _ := s.apply(named(s, 2, "safari", "g3", 1)); res.Reject != CommandForbidden {
		t.Fatalf("one gateway too many: %v", res.Reject)
	}
	if !s.book.KnowsGateway("g2") || s.book.KnowsGateway("g3") {
		t.Error("which gateways are known")
	}
}

// TestHomesAreBounded: an account of a home operator that no ledger has is not opened.
func TestHomesAreBounded(t *testing.T) {
	b := New(Options{})
	for home, want := range map[uint16]Reject{MaxHomes - 1: OK, MaxHomes: CommandForbidden, 1<<16 - 1: CommandForbidden} {
		if res, _ := b.Apply(OpenAccount{Account: Account(home), Kind: AccountWallet, Currency: kes, Home: home}, Place{}, scriptDay); res.Reject != want {
			t.Errorf("home %d: %v", home, res.Reject)
		}
	}
}
