package server

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// some is a person with a certificate.
func some(name string) caller { return caller{name: name, key: [32]byte{name[0]}, role: RoleAdmin} }

func frame(t *testing.T, cmds ...ledger.Command) []byte {
	t.Helper()
	var b []byte
	for i, cmd := range cmds {
		var err error
		if b, err = wire.AppendCommand(b, uint64(i), cmd); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestTheSecondPersonIsAnother: by name and by key, and with the whole hash.
func TestTheSecondPersonIsAnother(t *testing.T) {
	var d desk
	w, err := d.ask(some("jane"), []byte("what"), 1000)
	if err != nil || w.ExpiresMs != 1000+approveWithin {
		t.Fatal(w, err)
	}
	same := some("zoe")
	same.key = some("jane").key
	renewed := some("jane")
	renewed.key[0]++
	for name, c := range map[string]struct {
		who  caller
		hash []byte
		now  int64
		want codes.Code
	}{
		"the first":                   {some("jane"), w.Hash, 1000, codes.PermissionDenied},
		"the first, renewed":          {renewed, w.Hash, 1000, codes.PermissionDenied},
		"another name, the same key":  {same, w.Hash, 1000, codes.PermissionDenied},
		"nobody":                      {caller{role: everyRole}, w.Hash, 1000, codes.PermissionDenied},
		"a name too long to journal":  {some(strings.Repeat("x", 65)), w.Hash, 1000, codes.PermissionDenied},
		"another hash":                {some("paul"), bytes.Repeat([]byte{7}, 32), 1000, codes.NotFound},
		"half a hash":                 {some("paul"), w.Hash[:16], 1000, codes.InvalidArgument},
		"another node's, or too late": {some("paul"), w.Hash[1:], 1000, codes.InvalidArgument},
	} {
		if _, _, err := d.sign(c.hash, c.who, c.now); status.Code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, fresh, err := d.sign(w.Hash, some("paul"), w.ExpiresMs)
	if err != nil || !fresh {
		t.Fatal(err)
	}
	if again, fresh, err := d.sign(w.Hash, some("paul"), w.ExpiresMs); err != nil || fresh || again != a {
		t.Fatalf("the same approval again: fresh %v, %v", fresh, err)
	}
	if len(d.list(w.ExpiresMs)) != 0 {
		t.Error("what is approved still waits")
	}
	d.settle(a, nil, fmt.Errorf("not done"))
	if _, fresh, err = d.sign(w.Hash, some("paul"), w.ExpiresMs); err != nil || !fresh {
		t.Fatalf("what was not done may be approved again: %v", err)
	}
	if _, _, err := d.sign(w.Hash, some("paul"), w.ExpiresMs+1); status.Code(err) != codes.NotFound {
		t.Fatalf("after 15 minutes: %v", err)
	}
}

// TestTheHashIsOfEverything: who, when and what.
func TestTheHashIsOfEverything(t *testing.T) {
	base := wire.ApprovalHash("jane", 1, 2, []byte("what"))
	for name, other := range map[string][32]byte{
		"who":      wire.ApprovalHash("janet", 1, 2, []byte("what")),
		"asked":    wire.ApprovalHash("jane", 3, 2, []byte("what")),
		"expires":  wire.ApprovalHash("jane", 1, 3, []byte("what")),
		"what":     wire.ApprovalHash("jane", 1, 2, []byte("whit")),
		"boundary": wire.ApprovalHash("jan", 1, 2, []byte("ewhat")),
	} {
		if other == base {
			t.Errorf("another %s, the same hash", name)
		}
	}
}

func TestWhatWaitsIsBounded(t *testing.T) {
	var d desk
	if _, err := d.ask(caller{role: everyRole}, nil, 0); status.Code(err) != codes.PermissionDenied {
		t.Errorf("without a certificate: %v", err)
	}
	if _, err := d.ask(some("jane"), make([]byte, maxApproval+1), 0); status.Code(err) != codes.InvalidArgument {
		t.Errorf("too much: %v", err)
	}
	for i := range maxApprovals {
		name := string(rune('a' + i/maxOfOne))
		if _, err := d.ask(some(name), []byte{byte(i)}, int64(i)); err != nil {
			t.Fatal(err)
		}
		if i == maxOfOne-1 {
			if _, err := d.ask(some("a"), nil, 0); status.Code(err) != codes.ResourceExhausted {
				t.Errorf("too many of one: %v", err)
			}
		}
	}
	if _, err := d.ask(some("z"), nil, maxApprovals); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("too many: %v", err)
	}
	if list := d.list(maxApprovals); len(list) != maxApprovals || list[0].AskedMs != 0 {
		t.Errorf("%d wait, the first since %d", len(list), list[0].AskedMs)
	}
	if _, err := d.ask(some("jane"), nil, 1+approveWithin); err != nil {
		t.Errorf("when the first is too old there is room again: %v", err)
	}
}

// TestMoneyNeedsTwo: whatever moves it without a PIN, also among other things; the
// rest does not.
func TestMoneyNeedsTwo(t *testing.T) {
	for _, c := range []struct {
		cmds []ledger.Command
		want bool
	}{
		{[]ledger.Command{&ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindIssue}}}, true},
		{[]ledger.Command{&ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindRedeem}}}, true},
		{[]ledger.Command{&ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindPayout}}}, true},
		{[]ledger.Command{ledger.Freeze{}, ledger.Reverse{}}, true},
		{[]ledger.Command{ledger.Linked{Legs: []ledger.Leg{{}}}}, true},
		{[]ledger.Command{ledger.Post{}}, true},
		{[]ledger.Command{ledger.Void{}}, true},
		{[]ledger.Command{ledger.SetTariff{}}, true},
		{[]ledger.Command{ledger.SetLimits{}}, true},
		{[]ledger.Command{ledger.SetRules{}}, true},
		{[]ledger.Command{ledger.Freeze{}, ledger.SetTier{}, ledger.ErasePerson{}, ledger.UnlockPIN{}}, false},
	} {
		call, err := readAdmin(frame(t, c.cmds...))
		if err != nil || call.money() != c.want {
			t.Errorf("%+v: %v, %v", c.cmds, call.money(), err)
		}
	}
	person, err := wire.AppendPerson(frame(t, ledger.Reverse{}), 1, &wire.Person{Account: 1})
	if err != nil {
		t.Fatal(err)
	}
	if call, err := readAdmin(person); err != nil || !call.money() || !call.people() {
		t.Errorf("a person beside money: %v", err)
	}
	for _, cmd := range []ledger.Command{ledger.Approved{Cmd: ledger.Reverse{}, First: "a", Second: "b"}, ledger.RequireTwo{}, &ledger.ChangePIN{}} {
		if _, err := readAdmin(frame(t, cmd)); err == nil {
			t.Errorf("%T was taken from an administrator", cmd)
		}
	}
}

// TestTwoAreRequiredInTheEnd: a disk without room refuses it like everything, but it is
// said again.
func TestTwoAreRequiredInTheEnd(t *testing.T) {
	s, err := Open(Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.requireTwo()
	for said := 0; said < 2; {
		for _, it := range s.inbox.take(nil, 10) {
			if _, ok := it.cmd.(ledger.RequireTwo); !ok {
				t.Fatalf("%+v", it)
			}
			said++
			s.refuseLow(it)
		}
	}
}

// TestWithoutCertificatesNobodyIsTwo: on this machine without one_person money is
// refused in words, and nothing is journaled.
func TestWithoutCertificatesNobodyIsTwo(t *testing.T) {
	n := start(t, t.TempDir(), func(c *Config) { c.Access.OnePerson = false })
	issue := &ledger.Move{Transfer: ledger.Transfer{ID: newID(), Kind: ledger.KindIssue, From: trust, To: 1, Amount: 1, Currency: tableKES}}
	if _, err := n.c.Admin(n.ctx(), []ledger.Command{issue}); err == nil || !strings.Contains(err.Error(), "money needs two people") {
		t.Fatal(err)
	}
	if _, known, err := n.c.Lookup(n.ctx(), issue.ID); known || err != nil {
		t.Fatalf("it is known: %v, %v", known, err)
	}
	if _, err := (&service{s: n.srv}).Approve(t.Context(), &pb.ApproveRequest{}); status.Code(err) != codes.InvalidArgument {
		t.Fatal(err)
	}
}

// FuzzAdmin: what an administrator's call may hold is read or refused; what only
// the ledger itself may say never gets through.
func FuzzAdmin(f *testing.F) {
	some, err := wire.AppendPerson(nil, 0, &wire.Person{Account: 1, Name: "JANE W", MSISDN: "254722000001"})
	for i, cmd := range []ledger.Command{ledger.Freeze{Account: 1}, ledger.Reverse{}, ledger.Tick{}, ledger.RequireTwo{},
		ledger.Approved{Cmd: ledger.Reverse{}, First: "a", Second: "b"}, &ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindIssue}}} {
		if err == nil {
			f.Add(some)
			some, err = wire.AppendCommand(some, uint64(i), cmd)
		}
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Add(some)
	f.Fuzz(func(t *testing.T, b []byte) {
		call, err := readAdmin(b)
		if err != nil {
			return
		}
		for _, r := range call.records {
			switch c := r.(type) {
			case ledger.Approved, ledger.RequireTwo, ledger.Tick, ledger.Grant, ledger.Ack, *ledger.Answer, *ledger.ChangePIN:
				t.Fatalf("%T got through", c)
			case *ledger.Move:
				if c.Kind.ByPIN() || !call.money() {
					t.Fatalf("%+v", c)
				}
			}
		}
	})
}
