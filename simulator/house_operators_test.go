//go:build house

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asks is a call of the gateway's admin address.
func (d *running) asks(method, path, body string) (int, []byte) {
	d.t.Helper()
	req, err := http.NewRequest(method, d.find(`Metrics +(http://[0-9.:]+)/metrics`)+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, raw
}

// rewrites changes the demo's gateway's file.
func (d *running) rewrites(change func(string) string) {
	d.t.Helper()
	name := filepath.Join(d.data, "gateway.yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(change(string(raw))), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// bindsOf are the binds of the operator that the phones are at, and since when.
func (d *running) bindsOf() (since []string) {
	d.t.Helper()
	var board struct {
		Binds []struct{ Operator, Bind, State, Since string }
	}
	if _, raw := d.asks("GET", "/view", ""); json.Unmarshal(raw, &board) != nil {
		d.t.Fatal("no view")
	}
	for _, b := range board.Binds {
		if b.Operator == demoOperator {
			since = append(since, b.Bind+" "+b.State+" "+b.Since)
		}
	}
	return since
}

// TestHouseOperatorsChangeInTheMiddleOfAPayment: while somebody pays, the other
// operator's configuration changes, breaks and is brought back. The payment goes on
// over the same binds. All of it is traced: whole, and without number or PIN.
func TestHouseOperatorsChangeInTheMiddleOfAPayment(t *testing.T) {
	d := startDemo(t)
	until(t, "the binds are seen", func() bool { return len(d.bindsOf()) == 2 })
	before := d.bindsOf()
	var trace struct{ ID string }
	if code, raw := d.asks("POST", "/trace/wire", `{"msisdn":"0722000001","seconds":120}`); code != 200 || json.Unmarshal(raw, &trace) != nil {
		t.Fatalf("%d %s", code, raw)
	}
	var s screen
	d.say(payer, "1", "0722000002")
	other := regexp.MustCompile(`(?s)(name: "?sandbox.*?home: )\d+`)
	d.rewrites(func(text string) string { return other.ReplaceAllString(text, "${1}7") })
	if code, raw := d.asks("POST", "/operators/reload", ""); code != 200 || !strings.Contains(string(raw), `"changed":["sandbox"]`) || !strings.Contains(string(raw), `"kept":["`+demoOperator+`"]`) {
		t.Errorf("%d %s", code, raw)
	}
	d.post("/api/phones/"+payer+"/press", map[string]string{"input": "500"}, &s)
	d.rewrites(func(text string) string { return other.ReplaceAllString(text, "${1}1") })
	if code, raw := d.asks("POST", "/operators/reload", ""); code != 422 || !regexp.MustCompile(`gateway\.yaml:\d+:\d+: home 1 belongs to another operator`).Match(raw) {
		t.Errorf("%d %s", code, raw)
	}
	if code, raw := d.asks("POST", "/operators/rollback", `{"version":"1"}`); code != 200 {
		t.Errorf("%d %s", code, raw)
	}
	d.post("/api/phones/"+payer+"/press", map[string]string{"input": "4826"}, &s)
	paid(t, s, d.texts(payer, 1)[0], d.texts(payee, 1)[0])
	if after := d.bindsOf(); strings.Join(after, "\n") != strings.Join(before, "\n") {
		t.Errorf("the binds were %q and are %q", before, after)
	}
	_, lines := d.asks("GET", "/trace/wire/"+trace.ID, "")
	_, capture := d.asks("GET", "/trace/wire/"+trace.ID+"/pcap", "")
	for _, want := range []string{"PSSR indication", "asks for a secret", `USSR confirm  \"xxxx\"`, "PSSR response", "Confirmed. Ksh500.00 sent"} {
		if !bytes.Contains(lines, []byte(want)) {
			t.Errorf("no %q in %s", want, lines)
		}
	}
	for _, not := range []string{payer, payee, "4826\"", "\x004826", "\x044826"} {
		if bytes.Contains(lines, []byte(not)) || bytes.Contains(capture, []byte(not)) {
			t.Errorf("%q is in the trace", not)
		}
	}
	d.stop()
}
