package phone

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlango/simulator/operator"
)

// stubKeeper remembers what was broken.
type stubKeeper struct{ did chan string }

func (k stubKeeper) Kill(_ context.Context, target string) error {
	k.did <- "kill " + target
	return nil
}

func (k stubKeeper) Restart(_ context.Context, target string) error {
	k.did <- "restart " + target
	return nil
}

func TestAPITranscript(t *testing.T) {
	n := newStub()
	n.boxes[anna] = []operator.SMS{{ID: "1", To: anna, From: "M-WALLET", Text: "Confirmed", At: time.Now()}}
	h := New(Config{Network: n, People: []Person{{MSISDN: anna, Name: "AMINA", Language: "en"}}, Name: "test", PIN: "4826"}).Handler()
	if code, body := ask(t, h, "GET", "/api/phones", ""); code != 200 || strings.TrimSpace(body) != `[{"msisdn":"254722000001","name":"AMINA","language":"en"}]` {
		t.Errorf("phones: %d %s", code, body)
	}
	if code, body := ask(t, h, "GET", "/api/world", ""); code != 200 || strings.TrimSpace(body) != `{"code":"*334#","network":"TEST","pin":"4826","septets":182,"ucs2":80,"kills":false,"input":160,"zone":180}` {
		t.Errorf("world: %d %s", code, body)
	}
	for _, step := range []struct {
		method, path, body, screen string
		open                       bool
	}{
		{"GET", "/screen", "", "", false},
		{"POST", "/dial", `{"code":"*334#"}`, "M-Wallet\n1 Send money", true},
		{"POST", "/press", `{"input":"1"}`, "Enter PIN", true},
		{"GET", "/screen", "", "Enter PIN", true},
		{"POST", "/press", `{"input":"4826"}`, "Done", false},
		{"GET", "/screen", "", "", false},
	} {
		code, body := ask(t, h, step.method, "/api/phones/"+anna+step.path, step.body)
		var got screenJSON
		if err := json.Unmarshal([]byte(body), &got); err != nil || code != 200 {
			t.Fatalf("%s: %d %s", step.path, code, body)
		}
		if got.Screen != step.screen || got.Open != step.open || got.Screen != "" && got.Session != "test/"+anna+"/s1" {
			t.Errorf("%s: %+v", step.path, got)
		}
	}
	code, body := ask(t, h, "GET", "/api/phones/"+anna+"/sms", "")
	var box []smsJSON
	if err := json.Unmarshal([]byte(body), &box); err != nil || code != 200 || len(box) != 1 || box[0].Text != "Confirmed" || time.Since(box[0].At) > time.Minute {
		t.Errorf("sms: %d %s", code, body)
	}
	if code, body := ask(t, h, "POST", "/api/phones/"+anna+"/hangup", ""); code != 200 || strings.TrimSpace(body) != "{}" {
		t.Errorf("hangup: %d %s", code, body)
	}
	if code, body := ask(t, h, "GET", "/", ""); code != 200 || !strings.Contains(body, "simulator dial '*334#' --msisdn "+anna) {
		t.Errorf("the front for curl: %d %s", code, body)
	}
}

func TestAPIRefuses(t *testing.T) {
	h := New(Config{Network: newStub()}).Handler()
	origin := func(s string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Origin", s) } }
	host := func(s string) func(*http.Request) { return func(r *http.Request) { r.Host = s } }
	dial := "/api/phones/" + anna + "/dial"
	for _, c := range []struct {
		name, method, path, body string
		want                     int
		edit                     func(*http.Request)
	}{
		{"a press without a session", "POST", "/api/phones/" + anna + "/press", `{"input":"1"}`, 409, nil},
		{"a number that is none", "POST", "/api/phones/mary/dial", `{"code":"*334#"}`, 400, nil},
		{"a national number", "GET", "/api/phones/0722000001/sms", "", 400, nil},
		{"no code", "POST", dial, `{}`, 400, nil},
		{"an unknown field", "POST", dial, `{"code":"*334#","pin":"1234"}`, 400, nil},
		{"no JSON", "POST", dial, "*334#", 400, nil},
		{"a list", "POST", dial, `[]`, 400, nil},
		{"two objects", "POST", dial, `{"code":"*334#"}{}`, 400, nil},
		{"a long body", "POST", dial, `{"code":"` + strings.Repeat("1", maxBody) + `"}`, 413, nil},
		{"a wrong method", "GET", dial, "", 405, nil},
		{"a deletion", "DELETE", "/api/phones", "", 405, nil},
		{"an unknown path", "GET", "/api/people", "", 404, nil},
		{"a trace of nothing", "GET", "/api/trace", "", 400, nil},
		{"another site", "POST", dial, `{"code":"*334#"}`, 403, origin("http://evil.example")},
		{"another port", "POST", dial, `{"code":"*334#"}`, 403, origin("http://127.0.0.1:9999")},
		{"a sandboxed page", "POST", dial, `{"code":"*334#"}`, 403, origin("null")},
		{"a rebound name", "GET", "/api/phones", "", 403, host("evil.example:8090")},
		{"an address of the network", "GET", "/api/phones", "", 403, host("192.168.0.7:8090")},
		{"an open screen of nobody", "GET", "/api/phones/mary/screen", "", 400, nil},
		{"a signal for nobody", "POST", "/api/faults", `{"kind":"no_signal","target":"mary"}`, 400, nil},
		{"a kill without children", "POST", "/api/faults", `{"kind":"kill","target":"ledgerd"}`, 400, nil},
		{"an unknown fault", "POST", "/api/faults", `{"kind":"fire"}`, 400, nil},
		{"a fault for ever and a day", "POST", "/api/faults", `{"kind":"none","for_ms":99999999}`, 400, nil},
		{"a fault without its number", "POST", "/api/faults", `{"kind":"throttle"}`, 400, nil},
	} {
		edit := c.edit
		if edit == nil {
			edit = func(*http.Request) {}
		}
		code, body := ask(t, h, c.method, c.path, c.body, edit)
		var e struct{ Error, Mend string }
		if err := json.Unmarshal([]byte(body), &e); err != nil || code != c.want || e.Error == "" || e.Mend == "" {
			t.Errorf("%s: %d %s, want %d", c.name, code, body, c.want)
		}
	}
	for _, host := range []string{"localhost:8090", "[::1]:8090", "127.0.0.1", "localhost"} {
		own := func(r *http.Request) { r.Host = host; r.Header.Set("Origin", "http://"+host) }
		if code, body := ask(t, h, "GET", "/api/phones", "", own); code != 200 {
			t.Errorf("our own page at %s: %d %s", host, code, body)
		}
	}
}

func TestAPIWordsEveryAnswerOfTheNetwork(t *testing.T) {
	for _, err := range []error{operator.ErrNumber, operator.ErrInput, operator.ErrNoSession, operator.ErrNoSignal, operator.ErrBusy, operator.ErrFull, operator.ErrNoService, operator.ErrRefused, operator.ErrNoAnswer, errors.New("else")} {
		if tr := asTrouble(err); tr.what == "" || tr.mend == "" || tr.status < 400 {
			t.Errorf("%v: %+v", err, tr)
		}
	}
}

func TestAPIFaults(t *testing.T) {
	k := stubKeeper{make(chan string, 4)}
	n := newStub()
	h := New(Config{Network: n, Keeper: k}).Handler()
	post := func(body string) {
		t.Helper()
		if code, got := ask(t, h, "POST", "/api/faults", body); code != 200 || strings.TrimSpace(got) != "{}" {
			t.Errorf("%s: %d %s", body, code, got)
		}
	}
	post(`{"kind":"kill","target":"ledgerd","for_ms":0}`)
	post(`{"kind":"restart","target":"ledgerd"}`)
	post(`{"kind":"kill","target":"gateway","for_ms":1}`)
	for _, want := range []string{"kill ledgerd", "restart ledgerd", "kill gateway", "restart gateway"} {
		if got := <-k.did; got != want {
			t.Errorf("did %q, want %q", got, want)
		}
	}
	post(`{"kind":"duplicate","n":3}`)
	if n.faults.Duplicate != 3 {
		t.Errorf("faults %+v", n.faults)
	}
	post(`{"kind":"none"}`)
	if n.faults != (operator.Faults{}) {
		t.Errorf("faults %+v", n.faults)
	}
}

// TestWorldHasTheNetworksClock: displays do not show the machine's time.
func TestWorldHasTheNetworksClock(t *testing.T) {
	s := New(Config{Network: newStub()})
	if _, body := ask(t, s.Handler(), "GET", "/api/world", ""); !strings.Contains(body, `"zone":180`) {
		t.Error(body)
	}
}
