package phone

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mlango/internal/trace"
	"mlango/simulator/operator"
)

// stubJournal knows one order.
type stubJournal struct{ id, json string }

// Show is the JSON of `ledgerd show`.
func (j stubJournal) Show(_ context.Context, of string) ([]byte, bool, error) {
	return []byte(j.json), of == j.id, nil
}

// shown is a transfer as `ledgerd show --json` prints it, shortened.
const shown = `{"id":"01a2","what":"send","outcome":"ok","receipt":"UKM1","place":"0/8/0","at":"2026-11-22T16:22:59.836+03:00",
"amount":123456789,"currency":"KES","postings":[{"account":1,"debit":50700},{"account":2,"credit":50000},{"account":900002,"credit":700}],
"notices":[{"side":"payer","consumers":[{"consumer":"sms","acknowledged":true,"at":"2026-11-22T16:22:59.970+03:00","place":"0/9/0"}]},
{"side":"payee","consumers":[{"consumer":"sms","acknowledged":false}]}]}`

// TestWire joins the three sides in order of time: what the ledger wrote within the
// millisecond in which the order was placed stands behind it.
func TestWire(t *testing.T) {
	at := time.Date(2026, 11, 22, 13, 22, 59, 836_000_000, time.UTC)
	n := newStub()
	session := n.TraceName(anna, "s1")
	n.events[session] = []trace.Event{{At: at, Kind: "pdu", Text: "deliver_sm"}, {At: at.Add(3 * time.Millisecond), Kind: "pdu", Text: "submit_sm"}}
	n.boxes[ben] = []operator.SMS{
		{ID: "7", To: ben, From: "M-WALLET", Text: "UKM0 earlier", At: at.Add(-time.Hour)},
		{ID: "8", To: ben, From: "M-WALLET", Text: "UKM1 Confirmed.", At: at.Add(5 * time.Millisecond)},
	}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("session") != session {
			t.Errorf("asked for %s", r.URL)
		}
		_ = json.NewEncoder(w).Encode([]trace.Event{
			{At: at.Add(100 * time.Microsecond), Kind: "hop", Text: "input 4"},
			{At: at.Add(200 * time.Microsecond), Kind: "order", Text: "01a2 placed"},
			{At: at.Add(700 * time.Microsecond), Kind: "order", Text: "01a2 ok UKM1"},
		})
	}))
	defer gateway.Close()
	s := New(Config{Network: n, People: []Person{{MSISDN: anna}, {MSISDN: ben}}, Journal: stubJournal{"01a2", shown}, GatewayTrace: gateway.URL + "/trace"})
	code, body := ask(t, s.Handler(), "GET", "/api/trace?session="+session, "")
	var got []wireJSON
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	var lines []string
	for _, e := range got {
		lines = append(lines, e.Side+" "+e.Kind+" "+strings.ReplaceAll(e.Text, "\n", " | "))
	}
	want := []string{
		"operator pdu deliver_sm", "gateway hop input 4", "gateway order 01a2 placed",
		"ledger journal entry 0/8/0: send KES 1,234,567.89, ok UKM1 | debit  account 1 507.00 | credit account 2 500.00 | credit account 900002 7.00",
		"gateway order 01a2 ok UKM1", "operator pdu submit_sm", "operator sms submit_sm M-WALLET → 2547*****002: UKM1 Confirmed.",
		"ledger journal entry 0/9/0: the SMSC has the payer's SMS",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("the wire view is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestWireAfterAKill: the operator's side stands although the gateway that made the
// screens is gone, it is said what is missing, and the ledger is asked by the receipt
// number in the SMS.
func TestWireAfterAKill(t *testing.T) {
	at := time.Date(2026, 11, 22, 13, 22, 59, 0, time.UTC)
	n := newStub()
	session := n.TraceName(anna, "s1")
	n.events[session] = []trace.Event{
		{At: at, Kind: "pdu", Text: "deliver_sm · begin"},
		{At: at.Add(time.Second), Kind: "pdu", Text: `submit_sm · screen: "M-Wallet"`},
		{At: at.Add(time.Minute), Kind: "sms", Text: "submit_sm M-WALLET → 2547*****001: UKM1A2B3C4 Confirmed."},
	}
	later := []trace.Event{{At: at.Add(30 * time.Second), Kind: "hop", Text: "input 4"}}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(later) }))
	s := New(Config{Network: n, Journal: stubJournal{"UKM1A2B3C4", shown}, GatewayTrace: gateway.URL + "/trace"})
	lines := func() (out []string) {
		for _, e := range s.wire(context.Background(), session) {
			out = append(out, e.Side+" "+e.Kind+" "+e.Text)
		}
		return out
	}
	got := strings.Join(lines(), "\n")
	for _, want := range []string{"gateway lost an earlier gateway process", "ledger journal entry 0/8/0", "gateway hop input 4"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%s is not there once:\n%s", want, got)
		}
	}
	gateway.Close()
	if got := strings.Join(lines(), "\n"); !strings.Contains(got, "gateway lost the gateway is down") {
		t.Errorf("of a gateway that is down it says\n%s", got)
	}
	gateway = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode([]trace.Event{{At: at.Add(time.Millisecond), Kind: "hop", Text: "begin"}})
	}))
	defer gateway.Close()
	s.cfg.GatewayTrace = gateway.URL
	if got := strings.Join(lines(), "\n"); strings.Contains(got, "lost") {
		t.Errorf("nothing was lost:\n%s", got)
	}
}

// TestWireWithoutTheOthers: a gateway that is down and a ledger that says nonsense have
// nothing to add.
func TestWireWithoutTheOthers(t *testing.T) {
	n := newStub()
	n.events["x"] = []trace.Event{{Kind: "pdu"}}
	s := New(Config{Network: n, Journal: stubJournal{"01a2", "{"}, GatewayTrace: "http://127.0.0.1:1/trace"})
	if got := s.wire(context.Background(), "x"); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	if _, known := s.lookup(context.Background(), "01a2"); known {
		t.Error("nonsense is no transfer")
	}
	if got := s.wire(context.Background(), "unknown"); got == nil || len(got) != 0 {
		t.Errorf("of an unknown session: %+v", got)
	}
}
