package server

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

func (n *running) person(account ledger.Account, name, number, typed string) ledgerclient.Person {
	key, sealed := n.seal(number, ledgerclient.OpeningID(account), typed)
	return ledgerclient.Person{Account: account, Kind: ledger.AccountWallet, Currency: tableKES, Home: homeNet,
		Language: ledger.Language{'e', 'n'}, Name: name, MSISDN: number, SealKey: key, Sealed: sealed}
}

// said is what was journaled after an entry, but for the ticks of the node's own clock.
func (n *running) said(after uint64) (list []ledger.Command) {
	n.t.Helper()
	entries, err := n.srv.journal.Entries(after+1, n.srv.Stats().Index+1, 1<<20)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, e := range entries {
		if len(e.Payload) == 0 {
			continue
		}
		entry, err := wire.DecodeEntry(e.Payload)
		if err != nil {
			n.t.Fatal(err)
		}
		for _, cmd := range entry.Commands {
			if _, tick := cmd.(ledger.Tick); !tick {
				list = append(list, cmd)
			}
		}
	}
	return list
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
	if said := n.said(before); len(said) != 0 {
		t.Errorf("a refused opening was journaled: %+v", said)
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

// TestOnlyTheNodeMakesWhatNamesPeople: a raw command could journal a name in the
// clear, a PIN's MAC that anybody made, or a token of nothing.
func TestOnlyTheNodeMakesWhatNamesPeople(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	before := n.srv.Stats().Index
	for _, cmd := range []ledger.Command{
		ledger.OpenAccount{Account: 70, Kind: ledger.AccountWallet, Currency: tableKES, Sealed: []byte("JANE WANJIKU 254722000001")},
		ledger.SetPIN{Account: 1}, ledger.ClearPIN{Account: 1}, ledger.SetAlias{Token: ledger.Token{1}, Account: 1},
	} {
		if _, err := n.c.Admin(n.ctx(), []ledger.Command{cmd}); err == nil {
			t.Errorf("%T was taken as it was", cmd)
		}
	}
	if said := n.said(before); len(said) != 0 {
		t.Errorf("%+v was journaled", said)
	}
	n.do(n.send(1, 2, 100, 0, rightPIN), ledger.OK)
}

// TestNobodysTransferIsRefusedAtTheDoor: of an unknown kind, or a reversal that is
// no Reverse.
func TestNobodysTransferIsRefusedAtTheDoor(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for _, kind := range []ledger.Kind{0, ledger.KindReversal, ledger.KindPayout + 1, 255} {
		move := &ledger.Move{Transfer: ledger.Transfer{ID: newID(), Kind: kind, From: 1, To: 2, Amount: 1, Currency: tableKES}, Epoch: 77}
		if _, err := n.c.Admin(n.ctx(), []ledger.Command{move}); err == nil {
			t.Errorf("a transfer of kind %d was taken from an administrator", kind)
		}
	}
}

// TestEasyPINsAreRefused: at the opening; the rest of the call goes on.
func TestEasyPINsAreRefused(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	results, err := n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(50, "A", "254733000050", "1234"), n.person(51, "B", "254733000051", rightPIN)})
	if err != nil || results[0].Reject != ledger.PINTooEasy || results[1].Reject != ledger.OK {
		t.Fatalf("%+v, %v", results, err)
	}
	if p, _ := n.c.Profile(n.ctx(), "254733000050"); p.Known {
		t.Error("half of an opening was made")
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

// TestAnOpeningTakesNobodysNumber: neither one in the books nor one of the same call.
func TestAnOpeningTakesNobodysNumber(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	results, err := n.c.OpenPeople(n.ctx(), []ledgerclient.Person{n.person(70, "A", msisdn(2), rightPIN),
		n.person(71, "B", "254733000071", rightPIN), n.person(72, "C", "254733000071", rightPIN)})
	if err != nil || results[0].Reject != ledger.OtherContent || results[1].Reject != ledger.OK || results[2].Reject != ledger.OtherContent {
		t.Fatalf("%+v, %v", results, err)
	}
	for number, want := range map[string]ledger.Account{msisdn(2): 2, "254733000071": 71} {
		if p, err := n.c.Profile(n.ctx(), number); err != nil || p.Account != want {
			t.Errorf("%s leads to %d, %v", number, p.Account, err)
		}
	}
}

// TestTheLogSaysWhoDidWhatToWhom: the account, the outcome and the place; and whose
// approval was refused.
func TestTheLogSaysWhoDidWhatToWhom(t *testing.T) {
	var said bytes.Buffer
	n := start(t, t.TempDir(), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&said, nil)) }).seed()
	if _, err := n.c.Admin(n.ctx(), []ledger.Command{ledger.Freeze{Account: 2, On: true}, ledger.Freeze{Account: 777, On: true}}); err != nil {
		t.Fatal(err)
	}
	if _, err := (&service{s: n.srv}).Approve(t.Context(), &pb.ApproveRequest{Hash: make([]byte, 32)}); err == nil {
		t.Fatal("approved")
	}
	n.srv.log.Info("end")
	for _, want := range []string{"what=Freeze outcome=ok account=2 place=0/", "what=Freeze outcome=unknown_payer account=777", "an approval was refused"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("no %q in %s", want, said.String())
		}
	}
	if n.srv.desk.turned.Load() != 1 {
		t.Error("not counted")
	}
}
