package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPhoneForSomebodysOwnService dials a service that speaks as Africa's Talking calls it.
func TestPhoneForSomebodysOwnService(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := "CON Karibu Shamba\n1 Prices"
		if text := r.FormValue("text"); text != "" {
			reply = "END You said " + text
		}
		_, _ = w.Write([]byte(reply))
	}))
	defer service.Close()
	c := phoneCmd{Target: service.URL + "/ussd", Dialect: "africastalking", Code: "384", MSISDN: []string{payerNumber}, Listen: defaultOperator}
	op, page, err := c.build()
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close(context.Background())
	h := page.Handler()
	ask := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = defaultOperator
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, step := range [][4]string{
		{"GET", "/api/world", "", `"code":"*384#","network":"AGGREGATOR","service":"` + service.URL},
		{"POST", "/api/phones/" + payerNumber + "/dial", `{"code":"*384#"}`, `"screen":"Karibu Shamba\n1 Prices","open":true`},
		{"POST", "/api/phones/" + payerNumber + "/press", `{"input":"1"}`, `"screen":"You said 1","open":false`},
		{"POST", "/api/faults", `{"kind":"kill","target":"ledgerd"}`, `"error":"no such target here"`},
	} {
		if got := ask(step[0], step[1], step[2]); !strings.Contains(got, step[3]) {
			t.Errorf("%s says %s, want %s", step[1], got, step[3])
		}
	}
}

// payerNumber holds the first phone.
const payerNumber = "254722000001"

// TestPhoneRefuses says what is wrong before anything is opened.
func TestPhoneRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no target", nil, "--target"},
		{"a target that is no URL", []string{"--target", "localhost:3000"}, "write the whole URL"},
		{"another scheme", []string{"--target", "ftp://localhost/ussd"}, "write the whole URL"},
		{"an unknown dialect", []string{"--target", "http://localhost:3000/ussd", "--dialect", "morse"}, "africastalking"},
		{"a code that is none", []string{"--target", "http://localhost:3000/ussd", "--code", "mary"}, "digits and stars"},
		{"another machine, its owner not asked", []string{"--target", "http://10.1.2.3/ussd", "--msisdn", "254700000000"}, "--yes-this-is-my-network 10.1.2.3"},
		{"another machine than the one said", []string{"--target", "http://10.1.2.3/ussd", "--msisdn", "254700000000", "--yes-this-is-my-network", "10.1.2.4"}, "--yes-this-is-my-network 10.1.2.3"},
		{"the built-in people at another machine", []string{"--target", "http://10.1.2.3/ussd", "--yes-this-is-my-network", "10.1.2.3"}, "--msisdn"},
		{"a number that is none", []string{"--target", "http://localhost:3000/ussd", "--msisdn", "mary"}, "write numbers as"},
		{"phones for the whole network", []string{"--target", "http://localhost:3000/ussd", "--listen", "0.0.0.0:8090"}, "this machine only"},
	} {
		var out bytes.Buffer
		w := &world{in: strings.NewReader(""), out: &out, err: &out, env: func(string) string { return "" }}
		if code := run(context.Background(), w, append([]string{"phone"}, c.args...), func(int) {}); code != 2 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: exit %d, %s", c.name, code, out.String())
		}
	}
}
