package main

import (
	"strings"
	"testing"
	"time"

	"mlango/gateway/binds"
)

// routed is a file with an aggregator that only carries SMS, and routes.
const routed = good + `  - name: bulk
    sender: "21334"
    binds:
      - {set: sms, http: africastalking, url: "http://127.0.0.1:9000/sms", system_id: mlango}
routes:
  - {home: safari, via: [safari, bulk], validity: 24h}
  - {prefixes: ["25573"], via: [bulk], sender: MLANGO, receipts: failures}
  - {via: [bulk], receipts: none}
`

func TestRoutes(t *testing.T) {
	cfg, got := load(t, routed, false)
	if got != "" {
		t.Fatal(got)
	}
	rs := cfg.routes()
	for _, c := range []struct {
		home, number, via, sender string
		validity                  time.Duration
		receipts                  binds.Receipts
	}{
		{"safari", "254722000001", "safari bulk", "M-WALLET", 24 * time.Hour, binds.FinalReceipts},
		{"", "254722000001", "safari bulk", "M-WALLET", 24 * time.Hour, binds.FinalReceipts},
		{"", "255730000001", "bulk", "MLANGO", 0, binds.FailureReceipts},
		{"", "255700000001", "bulk", "21334", 0, binds.NoReceipts},
	} {
		r, _ := rs.Find(c.home, c.number)
		if r == nil || strings.Join(r.Via, " ") != c.via || r.Sender != c.sender || r.Validity != c.validity || r.Receipts != c.receipts {
			t.Errorf("%+v: %+v", c, r)
		}
	}
	if !cfg.overHTTP() {
		t.Error("delivery reports have no door")
	}
	cfg, _ = load(t, good, false)
	if rs := cfg.routes(); len(rs) != 1 || rs[0].Home != "safari" || rs[0].Via[0] != "safari" || rs[0].Sender != "M-WALLET" || rs[0].Receipts != binds.FinalReceipts {
		t.Errorf("without routes: %+v", rs)
	}
}

func TestRoutesAreChecked(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"a home of nobody", "home: safari, via", "home: nobody, via", `nobody is at home at "nobody"`},
		{"a home at a carrier", "home: safari, via", "home: bulk, via", `nobody is at home at "bulk"`},
		{"two fallbacks", "prefixes: [\"25573\"], via", "via", "this is a second fallback"},
		{"via nobody", "[safari, bulk]", "[safari, pigeon]", `no operator is named "pigeon"`},
		{"via twice", "[safari, bulk]", "[safari, safari]", "safari stands twice"},
		{"via none", "[safari, bulk]", "[]", "a route goes via 1 to 8 operators"},
		{"a prefix twice", "25573", "25472", `"25472" is no prefix, or stands in two routes`},
		{"no prefix", "25573", "x", `"x" is no prefix, or stands in two routes`},
		{"a long sender", "sender: MLANGO", "sender: MLANGO-WALLET", `"MLANGO-WALLET" is no sender of SMS`},
		{"a long validity", "24h", "9000h", "is out of bounds"},
		{"receipts", "failures", "all", `"all" is no kind of delivery receipts`},
		{"in the clear", "http://127.0.0.1:9000/sms", "http://sms.example", "the key would travel in the clear"},
		{"no key", "http://127.0.0.1:9000/sms", "https://sms.example", "has no password"},
		{"a door for all", "name: gw1\n", "name: gw1\nlisten: 0.0.0.0:8080\n", "could report on our SMS"},
		{"an odd network", "system_id: mlango}\nroutes", "system_id: mlango, allow: [all]}\nroutes", `"all" is no address and no network`},
		{"SMS by nobody", "set: both", "set: ussd", "safari has no bind for SMS"},
	} {
		if _, got := load(t, strings.Replace(routed, c.old, c.new, 1), false); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
