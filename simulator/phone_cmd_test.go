package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	c := phoneCmd{Target: service.URL + "/ussd", Dialect: "africastalking", Code: "384", MSISDN: []string{payerNumber}, Listen: defaultOperator, SMS: "127.0.0.1:8091", SMSAPI: "africastalking"}
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

// TestPhoneTakesSMS: a developer's service sends to two phones at once as Africa's Talking
// documents it; they are in the inboxes, and reported.
func TestPhoneTakesSMS(t *testing.T) {
	reports := make(chan string, 10)
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reports <- r.FormValue("id") + " " + r.FormValue("status") + " " + r.FormValue("phoneNumber")
	}))
	defer service.Close()
	c := phoneCmd{Target: service.URL, Dialect: "africastalking", Code: "384", Listen: defaultOperator, SMS: "127.0.0.1:0", SMSAPI: "africastalking", Reports: service.URL + "/reports"}
	op, _, err := c.build()
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close(context.Background())
	ln, err := net.Listen("tcp", c.SMS)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = op.ServeSMS(ln) }() // ends with Close
	send := func(key string) (int, string) {
		form := url.Values{"username": {"sandbox"}, "to": {"+254722000001,+254722000002,+12"}, "from": {"SHAMBA"}, "message": {"Maize is at Ksh 3,200"}}
		req, _ := http.NewRequest(http.MethodPost, "http://"+ln.Addr().String()+"/version1/messaging", strings.NewReader(form.Encode()))
		req.Header.Set("apiKey", key)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	if status, body := send("any"); status != http.StatusCreated || !strings.Contains(body, "Sent to 2/3 ") || !strings.Contains(body, `"statusCode":403,"number":"+12"`) {
		t.Errorf("%d %s", status, body)
	}
	for _, number := range []string{payerNumber, "254722000002"} {
		if in := op.Inbox(number); len(in) != 1 || in[0].From != "SHAMBA" || in[0].Text != "Maize is at Ksh 3,200" {
			t.Errorf("%s has %+v", number, in)
		}
	}
	for range 2 {
		if got := <-reports; !strings.Contains(got, " Success +25472200000") {
			t.Errorf("a report says %q", got)
		}
	}
	if status, _ := send(""); status != http.StatusUnauthorized {
		t.Errorf("without a key: %d", status)
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
		{"SMS from the whole network", []string{"--target", "http://localhost:3000/ussd", "--sms", "0.0.0.0:8091"}, "this machine only"},
		{"reports to nowhere", []string{"--target", "http://localhost:3000/ussd", "--sms-reports", "reports"}, "write the whole URL"},
	} {
		var out bytes.Buffer
		w := &world{in: strings.NewReader(""), out: &out, err: &out, env: func(string) string { return "" }}
		if code := run(context.Background(), w, append([]string{"phone"}, c.args...), func(int) {}); code != 2 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: exit %d, %s", c.name, code, out.String())
		}
	}
}
