package edge

import (
	"errors"
	"strings"
	"testing"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/smpp"
)

const paul = "254722000001"

// TestOpen: the menu comes to a subscriber who did not dial, and goes on with
// what is typed.
func TestOpen(t *testing.T) {
	r := &room{}
	c, e := newCentre(t, config(t, r))
	if err := e.Open(t.Context(), "safari", paul, "*555*7*1#"); err != nil {
		t.Fatal(err)
	}
	m := c.screen()
	info := tlv(t, m, smpp.TagITSSessionInfo)
	if tlv(t, m, smpp.TagUSSDServiceOp) != "\x02" || len(info) != 2 || info[1] != 0 || string(m.Text) != "Menu " {
		t.Errorf("the first screen is %+v", m)
	}
	if m.Source != (smpp.Address{Addr: "555*7"}) || m.Dest != (smpp.Address{TON: 1, NPI: 1, Addr: paul}) || m.ServiceType != "USSD" {
		t.Errorf("envelope %+v", m)
	}
	c.deliver(hop(18, info[0], 1, "pin"))
	if m := c.screen(); string(m.Text) != "Enter PIN" {
		t.Errorf("screen %q", m.Text)
	}
	hops := r.seen()
	if len(hops) != 2 || hops[0].Op != dialog.Begin || hops[0].Code != "*555*7*1#" || hops[1].Session != hops[0].Session {
		t.Errorf("hops %+v", hops)
	}
}

// TestOpenWhereTheOperatorNames: the first input brings the name; until the
// dialogue ends it is the one that we opened.
func TestOpenWhereTheOperatorNames(t *testing.T) {
	r := &room{}
	cfg := config(t, r)
	var err error
	if cfg.Operators[0].SMPP, err = dialect.OverSMPP("umr"); err != nil {
		t.Fatal(err)
	}
	c, e := newCentre(t, cfg)
	if err := e.Open(t.Context(), "safari", paul, "*334#"); err != nil {
		t.Fatal(err)
	}
	if m := c.screen(); tlv(t, m, smpp.TagUserMessageRef) != "" || tlv(t, m, smpp.TagUSSDServiceOp) != "\x02" {
		t.Errorf("the first screen names the session: %+v", m)
	}
	say := func(op byte, name, text string) {
		m := hop(op, 0, 0, text)
		m.TLVs[1] = smpp.TLV{Tag: smpp.TagUserMessageRef, Value: []byte(name)}
		c.deliver(m)
	}
	for _, text := range []string{"1", "2"} {
		say(18, "\x00\x07", text)
		if m := c.screen(); tlv(t, m, smpp.TagUserMessageRef) != "\x00\x07" {
			t.Errorf("the answer to %s is for session %x", text, tlv(t, m, smpp.TagUserMessageRef))
		}
	}
	say(18, "\x00\x08", "3") // another dialogue
	c.screen()
	hops := r.seen()
	key := hops[0].Session
	if len(hops) != 4 || hops[1].Session != key || hops[2].Session != key || hops[3].Session != "0008" {
		t.Errorf("hops %+v", hops)
	}
}

func TestNotify(t *testing.T) {
	r := &room{}
	c, e := newCentre(t, config(t, r))
	if err := e.Notify(t.Context(), "safari", paul, "Your limit is higher now"); err != nil {
		t.Fatal(err)
	}
	m := c.screen()
	if tlv(t, m, smpp.TagUSSDServiceOp) != "\x03" || string(m.Text) != "Your limit is higher now" {
		t.Errorf("sent %+v", m)
	}
	if st := c.deliver(hop(19, tlv(t, m, smpp.TagITSSessionInfo)[0], 1, "")); st != smpp.StatusOK {
		t.Errorf("the confirmation was answered %v", st)
	}
	if err := e.Drain(t.Context()); err != nil || len(c.screens) != 0 {
		t.Errorf("%v, %d screens", err, len(c.screens))
	}
}

// TestOpenIsRefused says what cannot be opened; after it nothing is under way.
func TestOpenIsRefused(t *testing.T) {
	r := &room{}
	c, e := newCentre(t, config(t, r))
	ctx := t.Context()
	for what, got := range map[string][2]error{
		"an operator over HTTP":   {e.Open(ctx, "at", paul, "*334#"), dialog.ErrNoOpener},
		"no such operator":        {e.Notify(ctx, "nobody", paul, "x"), dialog.ErrNoOpener},
		"a foreign code":          {e.Open(ctx, "safari", paul, "*999#"), dialog.ErrNotOurs},
		"a number that is none":   {e.Open(ctx, "safari", "0722", "*334#"), dialog.ErrNotOurs},
		"a text too long":         {e.Notify(ctx, "safari", paul, strings.Repeat("x", 183)), dialog.ErrLong},
		"a menu that ends":        {e.Open(ctx, "safari", paul, "*334*bye#"), dialog.ErrNoScreen},
		"a first screen too long": {e.Open(ctx, "safari", paul, "*334*long#"), dialog.ErrLong},
	} {
		if !errors.Is(got[0], got[1]) {
			t.Errorf("%s: %v", what, got[0])
		}
	}
	c.status <- smpp.StatusSubmitFail
	if err := e.Open(ctx, "safari", paul, "*334#"); err == nil {
		t.Error("a screen that was refused is no success")
	}
	hops := r.seen()
	if last := hops[len(hops)-1]; last.Op != dialog.Abort {
		t.Errorf("the dialogue behind a refused screen stays: %+v", last)
	}
	if err := e.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if err := e.Open(ctx, "safari", paul, "*334#"); !errors.Is(err, dialog.ErrFull) {
		t.Errorf("while draining: %v", err)
	}
}
