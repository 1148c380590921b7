package server

import (
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

func (n *running) person(account ledger.Account, name, number, typed string) ledgerclient.Person {
	key, sealed := n.seal(number, ledgerclient.OpeningID(account), typed)
	return ledgerclient.Person{Account: account, Kind: ledger.AccountWallet, Currency: tableKES, Home: homeNet,
		Language: ledger.Language{'e', 'n'}, Name: name, MSISDN: number, SealKey: key, Sealed: sealed}
}

// TestAnAccountIsOpenedOnce: with another's name or number the opening is refused
// and changes nothing; the rest of the call goes on.
func TestAnAccountIsOpenedOnce(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	const mallory = "254733000009"
	before := n.srv.Stats().Index
	results, err := n.c.OpenPeople(n.ctx(), []ledgerclient.Person{
		n.person(1, "MALLORY", mallory, wrongPIN), n.person(2, "PERSON 2", mallory, wrongPIN),
		n.person(3, "MALLORY", msisdn(3), wrongPIN), {Account: 4, Kind: ledger.AccountTill, Currency: tableKES, Home: homeNet}})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Reject != ledger.OtherContent {
			t.Errorf("opening %d of an account that is another's: %s", i, r.Reject)
		}
	}
	if n.srv.Stats().Index != before {
		t.Error("a refused opening was journaled")
	}
	if p, err := n.c.Profile(n.ctx(), mallory); err != nil || p.Known {
		t.Fatalf("the stranger's number leads to %+v, %v", p, err)
	}
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.OK)
	n.do(n.send(2, 1, 100, 0, wrongPIN), ledger.PINWrong)
	n.do(n.send(3, 1, 100, 0, rightPIN), ledger.OK)

	results, err = n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(1, "MALLORY", mallory, wrongPIN), n.person(50, "PERSON 50", mallory, rightPIN)})
	if err != nil || results[0].Reject != ledger.OtherContent || results[1].Reject != ledger.OK {
		t.Fatalf("results %+v, %v", results, err)
	}
	if p, err := n.c.Profile(n.ctx(), mallory); err != nil || p.Account != 50 {
		t.Fatalf("the new number leads to %+v, %v", p, err)
	}
	if _, err = n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(60, "A", "", rightPIN), n.person(60, "B", "", rightPIN)}); err == nil {
		t.Fatal("one account for two people in one call")
	}
}

// TestTheSameOpeningAgain: a seeding that was cut short is done again; it gives
// nobody three new tries.
func TestTheSameOpeningAgain(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for range 3 {
		n.do(n.send(1, 2, 100, 0, wrongPIN), ledger.PINWrong)
	}
	n.ok(n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(1, "PERSON 1", msisdn(1), rightPIN)}))
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.PINLocked)
}
