package binds

import (
	"strings"
	"testing"
	"time"

	"mlango/smpp"
)

func TestRoutes(t *testing.T) {
	rs := Routes{
		{Via: []string{"bulk"}},
		{Home: "safari", Prefixes: []string{"25472", "2547"}, Via: []string{"safari"}},
		{Prefixes: []string{"254729"}, Via: []string{"special"}},
		{Home: "air", Prefixes: []string{"25473"}, Via: []string{"air", "bulk"}},
	}
	for _, c := range []struct{ home, number, via, why string }{
		{"safari", "254722000001", "safari", "home is safari"},
		{"air", "254722000001", "air", "home is air"}, // ported
		{"", "254722000001", "safari", "25472 is"},
		{"", "254711000001", "safari", "2547 is"},
		{"", "254729000001", "special", "254729 is"},
		{"", "254733000001", "air", "25473 is"},
		{"lost", "255700000001", "bulk", "fallback"},
	} {
		r, why := rs.Find(c.home, c.number)
		if r == nil || r.Via[0] != c.via || !strings.Contains(why, c.why) {
			t.Errorf("%v: %+v, %s", c, r, why)
		}
	}
	if rs.Fallback() != &rs[0] || rs[1:].Fallback() != nil {
		t.Error("fallback")
	}
	if r, _ := rs[1:].Find("", "255700000001"); r != nil {
		t.Errorf("%+v for a number of nobody", r)
	}
}

func TestAddress(t *testing.T) {
	for sender, want := range map[string]smpp.Address{
		"M-WALLET": {TON: 5, NPI: 0, Addr: "M-WALLET"}, "21334": {Addr: "21334"}, "254700000000": {TON: 1, NPI: 1, Addr: "254700000000"},
	} {
		var m smpp.Message
		(&Route{Sender: sender, Validity: 24 * time.Hour, Receipts: FinalReceipts}).Address(&m, "254722000001")
		if m.Source != want || m.Dest != (smpp.Address{TON: 1, NPI: 1, Addr: "254722000001"}) || m.ValidityPeriod != "000001000000000R" || m.RegisteredDelivery != 1 {
			t.Errorf("%s: %+v", sender, m)
		}
	}
}
