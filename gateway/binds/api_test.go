package binds

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"mlango/smpp"
)

// desk is an aggregator's API that answers from a script and keeps what it was sent.
type desk struct {
	*httptest.Server
	header http.Header
	path   string
	body   string
	calls  atomic.Int32
	answer func(w http.ResponseWriter, r *http.Request)
}

func newDesk(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *desk {
	d := &desk{answer: answer}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead { // is anybody there?
			return
		}
		b, _ := io.ReadAll(r.Body)
		d.header, d.path, d.body = r.Header, r.URL.Path, string(b)
		d.calls.Add(1)
		d.answer(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

func says(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func (d *desk) bind(api string, change ...func(*Bind)) Bind {
	b := Bind{Set: SetSMS, HTTP: api, URL: d.URL, SystemID: "mlango", Password: "key"}
	for _, f := range change {
		f(&b)
	}
	return b
}

func atAnswer(code string) string {
	return `{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: KES 0.8000","Recipients":[{"statusCode":` + code +
		`,"number":"+254722000001","status":"Success","cost":"KES 0.8000","messageId":"ATXid_1"}]}}`
}

func ibAnswer(group, name string) string {
	return `{"bulkId":"b","messages":[{"messageId":"m-1","status":{"groupId":1,"groupName":"` + group + `","id":26,"name":"` + name +
		`","description":"d"},"destination":"254722000001"}]}`
}

// TestAPIAnswers: only what an aggregator says of the recipient is an answer;
// silence and riddles are unknown, never a failure.
func TestAPIAnswers(t *testing.T) {
	down, unknown := errDown, ErrUnknown
	for _, c := range []struct {
		api    string
		status int
		body   string
		want   smpp.Status
		id     string
		err    error
	}{
		{"africastalking", 201, atAnswer("101"), smpp.StatusOK, "ATXid_1", nil},
		{"africastalking", 200, atAnswer("102"), smpp.StatusOK, "ATXid_1", nil},
		{"africastalking", 201, atAnswer("403"), smpp.StatusInvDstAddr, "ATXid_1", nil},
		{"africastalking", 201, atAnswer("405"), 0, "", down},
		{"africastalking", 201, atAnswer("501"), smpp.StatusSysErr, "ATXid_1", nil},
		{"africastalking", 201, strings.Replace(atAnswer("101"), "001", "002", 1), 0, "", unknown},
		{"africastalking", 201, `{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}`, smpp.StatusInvSrcAddr, "", nil},
		{"africastalking", 201, `{"SMSMessageData":{"Message":"InsufficientBalance","Recipients":[]}}`, 0, "", down},
		{"africastalking", 200, `<html>maintenance</html>`, 0, "", unknown},
		{"africastalking", 200, atAnswer("101")[:80], 0, "", unknown},
		{"africastalking", 401, `The supplied authentication is invalid`, 0, "", down},
		{"africastalking", 302, ``, 0, "", down},
		{"africastalking", 400, `Could not find username`, smpp.StatusSubmitFail, "", nil},
		{"africastalking", 500, `oops`, 0, "", unknown},
		{"africastalking", 504, `oops`, 0, "", unknown},
		{"infobip", 200, ibAnswer("PENDING", "PENDING_ACCEPTED"), smpp.StatusOK, "m-1", nil},
		{"infobip", 200, strings.Replace(ibAnswer("PENDING", "PENDING_ACCEPTED"), "destination", "to", 1), smpp.StatusOK, "m-1", nil},
		{"infobip", 200, ibAnswer("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS"), 0, "", down},
		{"infobip", 200, ibAnswer("REJECTED", "REJECTED_INVALID_DESTINATION"), smpp.StatusInvDstAddr, "m-1", nil},
		{"infobip", 200, ibAnswer("REJECTED", "REJECTED_SENDER"), smpp.StatusInvSrcAddr, "m-1", nil},
		{"infobip", 200, ibAnswer("UNDELIVERABLE", "UNDELIVERABLE_REJECTED_OPERATOR"), smpp.StatusDeliveryFailure, "m-1", nil},
		{"infobip", 200, ibAnswer("", ""), 0, "", unknown},
		{"infobip", 200, `{"messages":[]}`, 0, "", unknown},
		{"infobip", 401, `{"requestError":{}}`, 0, "", down},
	} {
		d := newDesk(t, says(c.status, c.body))
		p := run(t, nil, d.bind(c.api))
		await(t, "up", func() bool { return p.ups() == 1 })
		l := p.table.Load().links[0]
		r, err := l.send(t.Context(), SMS, text("254722000001", "hello"))
		if r.Status != c.want || r.MessageID != c.id || !errors.Is(err, c.err) || err != nil && c.err == nil {
			t.Errorf("%s %d %s: %+v, %v", c.api, c.status, c.body, r, err)
		}
		if st := p.State()[0]; st.Mode != "http" || (c.err == errDown) == st.Up || c.err != nil && st.LastError == "" {
			t.Errorf("%s: %+v", c.body, st)
		}
	}
}

// TestAPIRequests are the calls byte by byte.
func TestAPIRequests(t *testing.T) {
	d := newDesk(t, says(201, atAnswer("101")))
	p := run(t, nil, d.bind("africastalking"))
	await(t, "up", func() bool { return p.ups() == 1 })
	m := text("254722000001", "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent & more")
	m.ValidityPeriod = smpp.Relative(12 * time.Hour)
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, m); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(d.body)
	if err != nil || form.Get("to") != "+254722000001" || form.Get("username") != "mlango" || form.Get("from") != "MLANGO" ||
		form.Get("message") != "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent & more" || d.header.Get("apiKey") != "key" {
		t.Errorf("%v %s %v", err, d.body, d.header)
	}
	if !p.Whole("safari") || p.Whole("nobody") {
		t.Error("whole")
	}

	d = newDesk(t, says(200, ibAnswer("PENDING", "PENDING_ACCEPTED")))
	p = run(t, nil, d.bind("infobip"))
	await(t, "up", func() bool { return p.ups() == 1 })
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, m); err != nil {
		t.Fatal(err)
	}
	want := `{"messages":[{"sender":"MLANGO","destinations":[{"to":"254722000001"}],"content":{"text":"TKM4K2X9QZ Confirmed. Ksh5,000.00 sent \u0026 more"},"options":{"validityPeriod":{"amount":720,"timeUnit":"MINUTES"}}}]}`
	if d.body != want || d.path != "/sms/3/messages" || d.header.Get("Authorization") != "App key" {
		t.Errorf("%s\n%s %v", d.body, d.path, d.header)
	}
	if !json.Valid([]byte(d.body)) {
		t.Error("not JSON")
	}
}

// TestAPIUnanswered: who got the call and said nothing may have sent the SMS; who
// could not be reached has not.
func TestAPIUnanswered(t *testing.T) {
	over := make(chan struct{})
	d := newDesk(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	defer close(over)
	p := run(t, nil, d.bind("africastalking", func(b *Bind) { b.ResponseTimeout = time.Second }))
	await(t, "up", func() bool { return p.ups() == 1 })
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "x")); !errors.Is(err, ErrUnknown) {
		t.Errorf("unanswered: %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	p = run(t, nil, d.bind("africastalking", func(b *Bind) { b.URL = "http://" + addr }))
	await(t, "looked for", func() bool { return p.State()[0].LastError != "" })
	if _, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "x")); !errors.Is(err, ErrNoBind) {
		t.Errorf("nobody there: %v", err)
	}
	if st := p.State()[0]; st.Up || !strings.Contains(st.LastError, "refused") {
		t.Errorf("%+v", st)
	}
}

// TestAPIThrottled: 429 and 503 make SMS rest and go again.
func TestAPIThrottled(t *testing.T) {
	var n atomic.Int32
	d := newDesk(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			says(201, atAnswer("101"))(w, r)
		}
	})
	p := run(t, nil, d.bind("africastalking"))
	await(t, "up", func() bool { return p.ups() == 1 })
	r, err := p.Send(t.Context(), "safari", SetSMS, "", SMS, text("254722000001", "x"))
	if err != nil || r.Status != smpp.StatusOK || n.Load() != 3 || p.State()[0].Throttled != 2 {
		t.Errorf("%+v %v after %d calls", r, err, n.Load())
	}
}

func TestReports(t *testing.T) {
	d := newDesk(t, says(201, ""))
	at := run(t, nil, d.bind("africastalking"))
	ib := run(t, nil, d.bind("infobip"))
	const form, js = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, c := range []struct {
		p          *Pool
		kind, body string
		want       string
	}{
		{at, form, "id=ATXid_1&status=Success&phoneNumber=%2B254722000001&networkCode=63902", "ATXid_1 DELIVRD  254722000001"},
		{at, form, "id=ATXid_1&status=Failed&phoneNumber=%2B254722000001&failureReason=UserIsInactive", "ATXid_1 UNDELIV UserIsInactive 254722000001"},
		{at, form, "id=ATXid_1&status=Buffered&phoneNumber=254722000001", "ATXid_1 ENROUTE  254722000001"},
		{at, form, "id=ATXid_1&status=Martian", "ATXid_1 UNKNOWN  "},
		{at, form, "status=Success", ""},
		{at, form, "%zz", ""},
		{at, js, "id=1&status=Success", ""},
		{at, "", "id=1&status=Success", ""},
		{ib, js, `{"results":[{"messageId":"m-1","to":"254722000001","status":{"groupId":3,"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"},"error":{"name":"NO_ERROR"}},{"messageId":"m-2","to":"+254722000002","status":{"groupName":"DELIVERED","name":"DELIVERED_TO_OPERATOR"}}]}`,
			"m-1 DELIVRD NO_ERROR 254722000001|m-2 ACCEPTD  254722000002"},
		{ib, js, `{"results":[]}`, ""},
		{ib, js, `{"results":[{}]}`, ""},
		{ib, js, `[`, ""},
		{ib, form, `{"results":[{"messageId":"m-1"}]}`, ""},
	} {
		_, all, err := c.p.Reports("safari", c.kind, []byte(c.body))
		var got []string
		for _, r := range all {
			got = append(got, strings.Join([]string{r.ID, r.Stat, r.Err, r.To}, " "))
		}
		if strings.Join(got, "|") != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", c.body, got, err)
		}
	}
	if _, _, err := at.Reports("nobody", form, nil); err == nil {
		t.Error("reports of nobody")
	}
}

func TestAPIConfiguration(t *testing.T) {
	for path, spoil := range map[string]func(*Bind){
		"http":             func(b *Bind) { b.HTTP = "pigeon" },
		"url":              func(b *Bind) { b.URL = "http://api.example" },
		"set":              func(b *Bind) { b.Set = SetBoth },
		"binds":            func(b *Bind) { b.Binds = 2 },
		"window":           func(b *Bind) { b.Window = -1 },
		"system_id":        func(b *Bind) { b.SystemID = "" },
		"response_timeout": func(b *Bind) { b.ResponseTimeout = time.Hour },
	} {
		o := Operator{Binds: []Bind{{Set: SetSMS, HTTP: "africastalking", SystemID: "x"}}}
		spoil(&o.Binds[0])
		if faults := o.Check(); len(faults) != 1 || faults[0].Path != "binds[0]."+path {
			t.Errorf("%s: %+v", path, faults)
		}
	}
	o := Operator{Binds: []Bind{{Set: SetSMS, HTTP: "africastalking", SystemID: "x"}, {Set: SetSMS, Host: "h", SystemID: "x"}}}
	if faults := o.Check(); len(faults) != 1 || !strings.Contains(faults[0].Mend, "two operators") {
		t.Errorf("mixed: %+v", faults)
	}
}

// FuzzAPI: no answer and no report of an aggregator breaks anything, and no id
// grows beyond what is kept.
func FuzzAPI(f *testing.F) {
	f.Add(atAnswer("101"))
	f.Add(ibAnswer("PENDING", "PENDING_ACCEPTED"))
	f.Add("id=ATXid_1&status=Success&phoneNumber=%2B254722000001")
	f.Add(`{"results":[{"messageId":"m-1","to":"1","status":{"groupName":"DELIVERED"}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, s := range tableAPIs {
			if r, err := s.answer("254722000001", []byte(body)); err == nil && len(r.MessageID) > maxAPIID {
				t.Errorf("an id of %d octets", len(r.MessageID))
			}
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
				all, _ := s.reports(kind, []byte(body))
				for _, r := range all {
					if len(r.ID) > maxAPIID || len(r.Err) > maxAPIWord || r.Stat == "" {
						t.Errorf("%+v", r)
					}
				}
			}
		}
	})
}

// TestErrorsOnALine: what a hostile far end writes into its certificate moves no cursor of
// whoever looks at the bind.
func TestErrorsOnALine(t *testing.T) {
	l := &link{}
	l.note(Waiting, nil, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a\x1b[2Jb\n"}}, Host: "smsc.example"})
	if st := l.lastErr; !strings.Contains(st, "a [2Jb") || strings.ContainsFunc(st, unicode.IsControl) {
		t.Errorf("%q", st)
	}
}
