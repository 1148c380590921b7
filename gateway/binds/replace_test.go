package binds

import (
	"context"
	"testing"
	"time"

	"mlango/smpp"
)

// TestReplace changes one operator, adds one and takes one away; the binds of the
// one that is kept are never cut.
func TestReplace(t *testing.T) {
	kept, first, second := newSMSC(t, 0, smpp.ServerConfig{}), newSMSC(t, 0, smpp.ServerConfig{}), newSMSC(t, 0, smpp.ServerConfig{})
	p, err := New(Config{Operators: []Operator{
		{Name: "kept", Binds: []Bind{kept.bind(SetBoth)}}, {Name: "moves", Binds: []Bind{first.bind(SetBoth)}},
		{Name: "goes", Binds: []Bind{first.bind(SetSMS)}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	await(t, "bound", func() bool { return p.ups() == 3 })
	was, session := p.State()[0], kept.Sessions()[0]
	keep := func(name string) bool { return name == "kept" }
	wrong := []Operator{{Name: "moves", Binds: []Bind{{Set: "nonsense"}}}}
	if err := p.Replace(wrong, keep); err == nil || p.ups() != 3 {
		t.Errorf("%v, %d up", err, p.ups())
	}
	next := []Operator{{Name: "moves", Binds: []Bind{second.bind(SetBoth), second.bind(SetSMS)}}, {Name: "kept", Binds: []Bind{kept.bind(SetBoth)}}, {Name: "comes", Binds: []Bind{first.bind(SetBoth)}}}
	if err := p.Replace(next, keep); err != nil {
		t.Fatal(err)
	}
	await(t, "bound again", func() bool { return p.ups() == 4 })
	if now := p.State()[2]; now.Operator != "kept" || !now.Since.Equal(was.Since) || now.Lost != 0 || kept.Sessions()[0] != session {
		t.Errorf("%+v\nwas %+v", now, was)
	}
	if _, err := p.Send(t.Context(), "goes", SetSMS, "", SMS, text("254722000001", "x")); err != ErrNoBind {
		t.Error(err)
	}
	if r, err := p.Send(t.Context(), "comes", SetSMS, "", SMS, text("254722000001", "x")); err != nil || r.Status != smpp.StatusOK {
		t.Error(r, err)
	}
	await(t, "the old binds are gone", func() bool { return len(first.Sessions()) == 1 && len(second.Sessions()) == 2 })
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not stop")
	}
	if err := p.Replace(wrong[:0], keep); err != nil { // after the end it only changes the table
		t.Error(err)
	}
}
