package dialog

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mlango/gateway/session"
)

// BenchmarkHop is one hop without effects: into the account's menu and back.
func BenchmarkHop(b *testing.B) {
	w := newWorld(b)
	w.cfg.Trace, w.cfg.Sessions = nil, w.store.Store
	w.Dialog = New(w.cfg)
	p := w.phone("s1")
	p.dial("*334#")
	inputs := []string{"3", "0"}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if r := p.press(inputs[n&1]); r.End {
			b.Fatal(r)
		}
	}
}

// BenchmarkPayment is a dial with a shortcut and the PIN's hop: two hops, one
// claim, one order.
func BenchmarkPayment(b *testing.B) {
	w := newWorld(b)
	w.cfg.Trace, w.cfg.Sessions = nil, session.NewMemory(10_000_000, nil)
	w.Dialog = New(w.cfg)
	ctx := context.Background()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		p := w.phone(fmt.Sprint(n))
		w.Handle(ctx, p.hop(Begin, "*334*1*0722000002*500#", ""))
		if r := p.press(thePI); !r.End || r.Refused != "" {
			b.Fatal(r)
		}
	}
}

// BenchmarkMAC is what recognising a repeat costs.
func BenchmarkMAC(b *testing.B) {
	r := &ring{}
	hop := Hop{Op: Input, Text: "0722000002", Position: 3, Arrived: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		r.repeat(&hop)
	}
}
