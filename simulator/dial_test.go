package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/cli"
)

// fakeDemo answers the phone API with a menu of three screens; after the PIN
// both sides get an SMS.
type fakeDemo struct {
	mu    sync.Mutex
	sms   map[string][]sms
	step  int
	calls []string
}

func (f *fakeDemo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var body struct{ Code, Input string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	parts := strings.Split(r.URL.Path, "/")
	var out any
	switch parts[len(parts)-1] {
	case "phones":
		out = []listed{{MSISDN: "254722000001", Name: "AMINA O"}, {MSISDN: "254722000002"}, {MSISDN: "254700100001", Name: "MWANGI AGENCIES"}}
	case "sms":
		out = append([]sms{{ID: "1", From: "M-WALLET", Text: "an old one"}}, f.sms[parts[3]]...)
	case "dial":
		f.step = 0
		out = screen{Screen: "M-Wallet\n1. Send", Open: true}
	case "press":
		out = f.press(body.Input)
	default:
		out = struct{}{}
	}
	f.calls = append(f.calls, parts[len(parts)-1]+" "+body.Code+body.Input)
	_ = json.NewEncoder(w).Encode(out)
}

func (f *fakeDemo) press(input string) screen {
	f.step++
	switch {
	case f.step == 1:
		return screen{Screen: "To whom?", Open: true}
	case f.step == 2:
		return screen{Screen: "Enter your code", Open: true, Secret: true}
	}
	f.sms = map[string][]sms{
		"254722000001": {{ID: "2", From: "M-WALLET", Text: "You sent", At: time.Now()}},
		"254722000002": {{ID: "3", From: "M-WALLET", Text: "You got", At: time.Now()}},
		"254700100001": {{ID: "4", From: "M-WALLET", Text: "You counted", At: time.Now()}},
	}
	return screen{Screen: "Done " + fmt.Sprint(len(input))}
}

// call runs the program and gives back its code and what it printed.
func call(t *testing.T, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	w := &world{in: strings.NewReader(input), out: &o, err: &e, env: func(string) string { return "" }}
	defer func() {
		if p := recover(); p != nil {
			c, ok := p.(int)
			if !ok {
				panic(p)
			}
			code, out, errs = c, o.String(), e.String()
		}
	}()
	code = run(context.Background(), w, args, func(c int) { panic(c) })
	return code, o.String(), e.String()
}

func TestDialPrintsScreensAndBothSMS(t *testing.T) {
	f := &fakeDemo{}
	srv := httptest.NewServer(f)
	defer srv.Close()
	for name, run := range map[string]func() (int, string, string){
		"scripted": func() (int, string, string) {
			return call(t, "", "dial", "334", "--press", "1,0722000002,4826", "--operator", srv.URL)
		},
		"typed": func() (int, string, string) {
			return call(t, "1\n\n0722000002\n4826\n", "dial", "*334#", "--operator", srv.URL+"/")
		},
	} {
		f.mu.Lock()
		f.sms = nil
		f.mu.Unlock()
		code, out, errs := run()
		if code != 0 || errs != "" {
			t.Fatalf("%s: exit %d, %s", name, code, errs)
		}
		for _, want := range []string{"  M-Wallet\n  1. Send", "To whom?", "Done 4", "SMS to 254722000001 (AMINA O) from M-WALLET", "You sent", "SMS to 254722000002", "You got",
			"SMS to 254700100001 (MWANGI AGENCIES)", "You counted"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, out)
			}
		}
		for _, not := range []string{"4826", "an old one"} {
			if strings.Contains(out, not) {
				t.Errorf("%s: %q in\n%s", name, not, out)
			}
		}
	}
}

func TestDialHangsUpWhenTheCallerLeaves(t *testing.T) {
	f := &fakeDemo{}
	srv := httptest.NewServer(f)
	defer srv.Close()
	if code, out, errs := call(t, "", "dial", "*334", "--operator", srv.URL, "--press", "1"); code != 0 || !strings.HasPrefix(errs, "that was all of --press") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if last := f.calls[len(f.calls)-1]; last != "hangup " {
		t.Errorf("the last call was %q", last)
	}
}

func TestDialledCode(t *testing.T) {
	for typed, want := range map[string]string{
		"334": "*334#", "*334": "*334#", "*334#": "*334#", " 334# ": "*334#", "*334*1*0722000002*500#": "*334*1*0722000002*500#",
		"": "", "**334#": "", "3a4": "", "*#": "", "334*": "", "*334##": "",
	} {
		if got, err := dialledCode(typed); got != want || (err == nil) != (want != "") {
			t.Errorf("%q became %q, %v", typed, got, err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	refuse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"error":"nobody is bound","mend":"start the gateway"}`))
	}))
	defer refuse.Close()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"help", []string{"--help"}, 0, "simulator dial 334 --msisdn"},
		{"version", []string{"--version"}, 0, "simulator"},
		{"help of a command", []string{"dial", "--help"}, 0, "--press"},
		{"nothing", nil, 2, "demo"},
		{"an unknown flag", []string{"demo", "--lisen", "x"}, 2, "did you mean"},
		{"an unknown command", []string{"dail"}, 2, "did you mean"},
		{"a code that is none", []string{"dial", "hello"}, 2, "*334#"},
		{"phones for the network", []string{"demo", "--listen", "0.0.0.0:8090"}, 2, "ssh -L"},
		{"an address that is none", []string{"demo", "--listen", "8090"}, 2, "127.0.0.1:8090"},
		{"nobody there", []string{"dial", "334", "--operator", "http://127.0.0.1:1"}, 5, "simulator demo"},
		{"a refusal", []string{"dial", "334", "--operator", refuse.URL}, 1, "nobody is bound – start the gateway"},
	} {
		code, out, errs := call(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: exit %d, want %d:\n%s%s", c.name, code, c.code, out, errs)
		}
	}
}

func TestInterrupted(t *testing.T) {
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hang.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := &world{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}, env: func(string) string { return "" }}
	if code := run(ctx, w, []string{"dial", "334", "--operator", hang.URL}, nil); code != cli.Interrupted {
		t.Errorf("exit %d", code)
	}
}

func TestFrame(t *testing.T) {
	var b bytes.Buffer
	frame(&b, "demo", 4, []string{"a", "bcdefghijé"})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for _, l := range lines {
		if len(lines) != 4 || len([]rune(l)) != len([]rune(lines[0])) {
			t.Errorf("ragged:\n%s", b.String())
		}
	}
}
