package server

import (
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// TestAskedForOverTheWire: a payment is asked for by numbers as people say them; its payer's
// notice says who is paid, by the number on the sign, and for what bill; the same once more
// under the number is the same request, and only the gateway ends it.
func TestAskedForOverTheWire(t *testing.T) {
	const biller, sign = ledger.Account(777), "400200"
	n := start(t, t.TempDir()).seed()
	n.ok(n.c.OpenPeople(n.ctx(), []wire.Person{{Account: biller, Kind: ledger.AccountPaybill, Currency: tableKES, Home: homeNet, Name: "CITY WATER"}}))
	n.ok(n.c.PointNumber(n.ctx(), wire.Number{Account: biller, Kind: ledger.AccountPaybill, Number: sign}))
	told, _, _ := listen(n, "g1")
	next(t, told, 1) // the grant
	ask := func() wire.ToApprove {
		v := wire.ToApprove{ID: newID(), Kind: ledger.KindPaybill, Amount: 500, Until: time.Now().Add(time.Minute).UnixMilli(), Number: "inv-7",
			Payer: msisdn(1), Payee: sign, Ref: "MTR-77/2"}
		v.ID[15] = 0
		return v
	}
	first, err := n.c.AskPayment(n.ctx(), ask())
	if err != nil || first.Reject != ledger.OK {
		t.Fatal(first, err)
	}
	one := next(t, told, 1)[0]
	if one.Act != ledger.ActAsk || one.ID != first.ID || one.Addr != msisdn(1) || one.OtherAddr != sign || one.OtherName != "CITY WATER" || one.Ref != "MTR-77/2" || one.Amount != 500 {
		t.Errorf("told %+v", one.Notice)
	}
	if again, err := n.c.AskPayment(n.ctx(), ask()); err != nil || again.ID != first.ID || again.Place != first.Place {
		t.Errorf("%+v %v, first %+v", again, err, first)
	}
	for want, bend := range map[ledger.Reject]func(v *wire.ToApprove){
		ledger.OtherContent:     func(v *wire.ToApprove) { v.Ref = "MTR-78" },
		ledger.UnknownPayer:     func(v *wire.ToApprove) { v.Number, v.Payer = "a", "254799999999" },
		ledger.UnknownPayee:     func(v *wire.ToApprove) { v.Number, v.Payee = "b", "400299" },
		ledger.CommandForbidden: func(v *wire.ToApprove) { v.Number = "not a number" },
	} {
		v := ask()
		bend(&v)
		if res, err := n.c.AskPayment(n.ctx(), v); err != nil || res.Reject != want {
			t.Errorf("%+v %v, not %v", res, err, want)
		}
	}
	odd := ask()
	odd.Number, odd.Ref = "c", "MTR\u2603"
	if _, err := n.c.AskPayment(n.ctx(), odd); err == nil {
		t.Error("a reference that no handset types was taken")
	}
	for _, cmd := range []ledger.Command{ledger.AskPayment{ID: newID()}, ledger.EndAsk{ID: first.ID, How: ledger.AskDeclined}} {
		if _, err := n.c.Admin(n.ctx(), []ledger.Command{cmd}); err == nil {
			t.Errorf("an administrator says %T", cmd)
		}
	}
	stands := func(want string) {
		t.Helper()
		if b, known, err := n.c.Show(n.ctx(), "inv-7"); err != nil || !known || !strings.Contains(string(b), `"state":"`+want+`"`) {
			t.Errorf("%s %v %v, not %s", b, known, err, want)
		}
	}
	stands("waiting")
	if res, err := n.c.EndAsk(n.ctx(), first.ID, ledger.AskDeclined); err != nil || res.Reject != ledger.OK || res.ID != first.ID {
		t.Errorf("%+v %v", res, err)
	}
	stands("declined")
	if res, known, err := n.c.Lookup(n.ctx(), ledger.AskOrder(first.ID, 1)); err != nil || !known || res.Reject != ledger.Expired {
		t.Errorf("an order of it is answered %+v %v %v", res, known, err)
	}
}
