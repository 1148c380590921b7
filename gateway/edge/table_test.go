package edge

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"mlango/gateway/binds"
	"mlango/gateway/wiretap"
	"mlango/smpp"
)

// settled waits until a condition holds.
func settled(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 10_000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// TestReplaceOperators: at an address that two operators share one of them changes
// its password. The other one's bind and the dialogue on it go on; its own is unbound
// and comes back by the new password only.
func TestReplaceOperators(t *testing.T) {
	r := &room{}
	addr, e := doors(t, r)
	stays, screens, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
	if err != nil {
		t.Fatal(err)
	}
	submit(t, stays, hop(1, 9, 0, "*334#"))
	text(t, screens)
	changed := slices.Clone(e.cfg.Operators)
	changed[1].Doors = slices.Clone(changed[1].Doors)
	changed[1].Doors[0].Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	keep := func(name string) bool { return name == "safari" }
	e.Replace(changed, keep)
	goes, _, err := ussdc(t, addr, "far", "s3cret", smpp.TRX)
	if err != nil {
		t.Fatal(err)
	}
	settled(t, "bound", func() bool { return e.Bound("other") == 1 })
	again := slices.Clone(changed)
	again[1].Doors = slices.Clone(again[1].Doors)
	again[1].Doors[0].Password = "another"
	e.Replace(again, keep)
	select {
	case <-goes.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the bind by the old account stays")
	}
	if _, _, err := ussdc(t, addr, "far", "s3cret", smpp.TRX); err == nil {
		t.Error("the old password binds")
	}
	if _, _, err := ussdc(t, addr, "far", "another", smpp.TRX); err != nil {
		t.Error(err)
	}
	submit(t, stays, hop(18, 9, 1, "bye"))
	if got := text(t, screens); got != "Bye" || e.Bound("safari") != 1 {
		t.Errorf("screen %q on the bind that stays", got)
	}
	if kept := e.Kept(keep); !kept[addr] || len(e.DoorAddrs()) != 1 {
		t.Errorf("%v", kept)
	}
	e.Replace(again[1:], func(string) bool { return true }) // and the first goes
	settled(t, "gone", func() bool { return stays.State() == smpp.StateClosed })
	if e.operator("safari") != nil || e.Kept(keep)[addr] {
		t.Error("it is still there")
	}
}

// TestInbound: binds that are made to us have a state as ours do.
func TestInbound(t *testing.T) {
	r := &room{}
	addr, e := doors(t, r)
	state := func(operator string) (out []binds.BindState) {
		for _, b := range e.Inbound() {
			if b.Operator == operator {
				out = append(out, b)
			}
		}
		return out
	}
	if s := state("safari"); len(s) != 1 || s[0].Up || !strings.Contains(s[0].LastError, "is not bound to us at "+addr) {
		t.Errorf("%+v", s)
	}
	far, screens, err := ussdc(t, addr, "ussdc", "s3cret", smpp.TRX)
	if err != nil {
		t.Fatal(err)
	}
	submit(t, far, hop(1, 9, 0, "*334#"))
	text(t, screens)
	settled(t, "answered", func() bool { return state("safari")[0].Sent == 1 })
	if s := state("safari")[0]; !s.Up || s.Bind != "ussdc.1" || s.Window != 10 || s.Received != 1 || s.Took <= 0 || s.Mode != "trx" || s.Set != binds.SetUSSD {
		t.Errorf("%+v", s)
	}
	far.Abort()
	settled(t, "gone", func() bool { return !state("safari")[0].Up })
	if s := state("safari")[0]; s.Lost != 1 || s.Phase != binds.Waiting {
		t.Errorf("%+v", s)
	}
}

// TestWire: what a subscriber says over either door is traced, a PIN is not.
func TestWire(t *testing.T) {
	r := &room{}
	tap := &wiretap.Wiretap{}
	id, err := tap.Start("254722000001", time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	lines := func() (out string) {
		for _, e := range tap.Get(id, time.Now()).Report(0, time.Now()).Events {
			out += fmt.Sprintln(e.Link, e.In, e.What, e.Text)
		}
		return out
	}
	cfg := config(t, r)
	cfg.Wire = tap
	c, e := newCentre(t, cfg)
	c.deliver(hop(1, 9, 0, "*334#"))
	c.screen()
	c.deliver(hop(18, 9, 1, "pin")) // the room asks for the PIN
	c.screen()
	c.deliver(hop(18, 9, 2, "bye"))
	c.screen()
	got := lines()
	if !strings.Contains(got, `"pin"`) || !strings.Contains(got, `"xxx"`) || strings.Contains(got, `"bye"`) || strings.Contains(got, "254722000001") {
		t.Error(got)
	}
	var req fasthttp.Request
	req.Header.SetMethod("POST")
	req.SetRequestURI("/ussd/at")
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.SetBodyString("sessionId=s1&phoneNumber=%2B254722000001&serviceCode=*334%23&text=1*0722000002*bye")
	var ctx fasthttp.RequestCtx
	ctx.Init(&req, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}, nil)
	e.handle(&ctx)
	if got = lines(); !strings.Contains(got, "at/http true POST /ussd/at sessionId=s1&phoneNumber=+2547*****001&networkCode=&serviceCode=*334#&text=x*xxxxxxxxxx*xxx") || !strings.Contains(got, "at/http false 200") || strings.Contains(got, "0722000002") {
		t.Error(got)
	}
}

// TestBindWhileItsAccountGoes: a bind that was let in a moment before its account became
// another is not kept where no screen would find it.
func TestBindWhileItsAccountGoes(t *testing.T) {
	c := &centre{operator: "safari"}
	c.part()
	if c.add(&smpp.Session{}, &Door{Binds: 1}) || len(c.binds) != 0 {
		t.Error("it is bound to an account that is gone")
	}
}
