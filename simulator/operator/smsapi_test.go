package operator

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mlango/smpp"
)

// TestSMSByHTTP: each API takes an SMS, knows its key, refuses on request, and
// reports what it delivered.
func TestSMSByHTTP(t *testing.T) {
	for name, call := range map[string]struct {
		header, key, body, nobody string
	}{
		"africastalking": {"apiKey", "", "username=sms&to=%2B254722000001&from=M-WALLET&message=hello", "username=sms&to=%2B12&message=hello"},
		"infobip": {"Authorization", "App ", `{"messages":[{"sender":"M-WALLET","destinations":[{"to":"254722000001"}],"content":{"text":"hello"}}]}`,
			`{"messages":[{"destinations":[{"to":"12"}],"content":{"text":"hello"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			reports := make(chan string, 10)
			far := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				reports <- string(b)
			}))
			defer far.Close()
			o, err := New(Config{Name: "safari", SMSSystemID: "sms", Password: "secret", SMSAPI: name, Reports: far.URL})
			if err != nil {
				t.Fatal(err)
			}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- o.ServeSMS(ln) }()
			post := func(key, body string) (int, string) {
				req, _ := http.NewRequest(http.MethodPost, "http://"+ln.Addr().String()+"/", strings.NewReader(body))
				req.Header.Set(call.header, call.key+key)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					return 0, ""
				}
				defer resp.Body.Close()
				b, _ := io.ReadAll(resp.Body)
				return resp.StatusCode, string(b)
			}
			if status, body := post("secret", call.body); status/100 != 2 || !strings.Contains(body, "ATXid_1") {
				t.Errorf("%d %s", status, body)
			}
			if box := o.Inbox("254722000001"); len(box) != 1 || box[0].Text != "hello" || box[0].ID != "ATXid_1" {
				t.Errorf("%+v", box)
			}
			if r := <-reports; !strings.Contains(r, "ATXid_1") {
				t.Errorf("report %s", r)
			}
			if status, _ := post("wrong", call.body); status != http.StatusUnauthorized {
				t.Errorf("a wrong key: %d", status)
			}
			if _, body := post("secret", call.nobody); !strings.Contains(body, "403") && !strings.Contains(body, "INVALID_DESTINATION") {
				t.Errorf("nobody: %s", body)
			}
			refuses(t, o, func() int {
				status, _ := post("secret", call.body)
				return status
			})
			tellsLate(t, o, reports, func() int {
				status, _ := post("secret", call.body)
				return status
			})
			if err := o.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// refuses holds an API to its faults, after one SMS that was answered.
func refuses(t *testing.T, o *Operator, post func() int) {
	t.Helper()
	for _, f := range []struct {
		faults Faults
		want   int
	}{{Faults{Busy: 1}, 429}, {Faults{Full: 1}, 503}, {Faults{Cut: 1}, 0}, {Faults{RespDrop: 1}, 0}} {
		o.SetFaults(f.faults)
		if status := post(); status != f.want {
			t.Errorf("%+v: %d", f.faults, status)
		}
	}
	if box := o.Inbox("254722000001"); len(box) != 2 || !o.Unheard(box[1].ID) || o.Unheard(box[0].ID) {
		t.Errorf("what was taken without an answer: %+v", box)
	}
}

// tellsLate holds an API to late answers, and to reports that come late and twice.
func tellsLate(t *testing.T, o *Operator, reports <-chan string, post func() int) {
	t.Helper()
	o.SetFaults(Faults{RespDelay: 50 * time.Millisecond, ReceiptSpread: time.Millisecond, ReceiptTwice: 1})
	began := time.Now()
	if status := post(); status/100 != 2 || time.Since(began) < 50*time.Millisecond {
		t.Errorf("a late answer: %d after %s", status, time.Since(began))
	}
	for seen := map[string]bool{}; ; { // of SMS before it one comes each
		r := <-reports
		if seen[r] {
			break
		}
		seen[r] = true
	}
	box := o.Inbox("254722000001")
	if last := box[len(box)-1]; o.Unheard(last.ID) {
		t.Error("the late answer came, and is told as lost")
	}
	o.SetFaults(Faults{})
}

// TestClash: the network's requests under the ESME's own numbers reach it, and its
// answers come back to what they answer.
func TestClash(t *testing.T) {
	o, err := New(Config{Name: "safari", USSDSystemID: "ussd", SMSSystemID: "sms", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	o.SetFaults(Faults{Clash: true})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = o.Serve(ln) }()
	defer func() { _ = o.Close(context.Background()) }()
	got := make(chan string, 100)
	s, err := smpp.Dial(t.Context(), smpp.Config{Addr: ln.Addr().String(), SystemID: "sms", Password: "secret", OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		r, _ := smpp.ParseReceipt(m)
		got <- r.ID
		return smpp.StatusOK
	}})
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	for range 50 {
		m := &smpp.Message{Source: smpp.Address{Addr: "334"}, Dest: smpp.Address{Addr: anna}, Text: []byte("hello"), RegisteredDelivery: 1}
		r, err := s.Submit(t.Context(), m)
		if err != nil || r.Status != smpp.StatusOK {
			t.Fatal(r, err)
		}
		sent[r.MessageID] = true
	}
	for range 50 {
		id := <-got
		if !sent[id] {
			t.Errorf("a receipt about %q", id)
		}
		delete(sent, id)
	}
	for deadline := time.Now().Add(10 * time.Second); o.Counts().Receipts < 50 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	if n := o.Counts().Receipts; n != 50 {
		t.Errorf("%d of 50 receipts were answered", n)
	}
	_ = s.Close(t.Context())
}
