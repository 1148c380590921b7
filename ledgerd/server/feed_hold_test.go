package server

import (
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// TestAGatewaysHold: a gateway may ask for one, and its payer is told of it and of each way
// in which it ends; a gateway may end none.
func TestAGatewaysHold(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	told, _, _ := listen(n, "g1")
	next(t, told, 1) // the grant
	hold := func(amount ledger.Amount, stands time.Duration) (ledger.ID, ledger.Notice) {
		r := n.send(1, 2, amount, 700, rightPIN)
		r.Transfer.Until = time.Now().Add(stands).UnixMilli()
		if res := n.do(r, ledger.OK); !res.Held {
			t.Fatalf("answered as if it had moved: %+v", res)
		}
		one := next(t, told, 1)[0].Notice
		if one.Side != ledger.SidePayer || one.Until != r.Transfer.Until || one.Balance-one.Available != amount+one.Fee || one.OtherName != "PERSON 2" {
			t.Fatalf("told of a hold: %+v", one)
		}
		return r.Transfer.ID, one
	}
	end := func(cmd ledger.Command, notices int) []toldNotice {
		n.ok(n.c.Admin(n.ctx(), []ledger.Command{cmd}))
		return next(t, told, notices)
	}
	later := time.Now().Add(time.Minute).UnixMilli()

	id, first := hold(50_000, time.Hour)
	for _, one := range end(ledger.Post{ID: newID(), Hold: id, Amount: 20_000, Expires: later}, 2) {
		if one.Act != ledger.ActPost || one.Amount != 20_000 || (one.Side == ledger.SidePayer) != (one.Released == 50_000+first.Fee-20_000-one.Fee) {
			t.Errorf("told of a post: %+v", one.Notice)
		}
	}
	id, first = hold(60_000, time.Hour)
	if one := end(ledger.Void{ID: newID(), Hold: id, Expires: later}, 1)[0]; one.Act != ledger.ActVoid || one.Receipt != first.Receipt ||
		one.Released != 60_000+first.Fee || one.Available != one.Balance || one.Side != ledger.SidePayer {
		t.Errorf("told of a void: %+v", one.Notice)
	}
	results, err := n.c.Admin(n.ctx(), []ledger.Command{ledger.Post{ID: newID(), Hold: id, Expires: later}})
	if err != nil || results[0].Reject != ledger.HoldEnded || results[0].Ended != ledger.ActVoid || results[0].First.IsZero() {
		t.Errorf("who came too late is told %+v, %v", results, err)
	}
	_, first = hold(70_000, 50*time.Millisecond)
	if one := next(t, told, 1)[0]; one.Act != ledger.ActExpire || one.Receipt != first.Receipt || one.Released != 70_000+first.Fee {
		t.Errorf("told of an expiry: %+v", one.Notice)
	}

	p := &peer{s: n.srv, who: caller{name: "gw", role: RoleGateway}, wake: make(chan struct{}, 1)}
	for _, cmd := range []ledger.Command{ledger.Post{ID: newID(), Hold: id, Expires: later}, ledger.Void{ID: newID(), Hold: id, Expires: later}} {
		b, err := wire.AppendCommand(nil, 1, cmd)
		if err != nil {
			t.Fatal(err)
		}
		r, _, _ := wire.Next(b, 0)
		if it, err := p.take(r, time.Now()); err != nil || it.to != nil {
			t.Errorf("%T of a gateway is taken: %+v, %v", cmd, it, err)
		}
	}
	for _, res := range decode(t, p.out) {
		if res.Reject != ledger.CommandForbidden {
			t.Errorf("a gateway that ends a hold is answered %s", res.Reject)
		}
	}
}
