package edge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/wiretap"
)

// secretTyped are PINs as they are typed: whole, and cut short, which is no PIN and yet
// half of one.
var secretTyped = []string{"907351", "907"}

// TestHTTPWireShowsNoPIN: a subscriber who is traced dials with a PIN in the shortcut,
// types a PIN that is cut short, then the whole, is sent twice each time, and goes on; in
// every dialect. Trace, capture, record and log show the calls and no digit of a PIN.
func TestHTTPWireShowsNoPIN(t *testing.T) {
	var mu sync.Mutex
	var logs bytes.Buffer
	var tap wiretap.Wiretap
	const number, other = "254722000001", "0733000009"
	cfg := speaking(t, &room{})
	cfg.Wire = &tap
	cfg.Log = slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logs.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	addr := door(t, cfg)
	for _, o := range cfg.Operators {
		id, err := tap.Start(number, time.Minute, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		net := handset(t, addr, o.Name)
		_, _ = net.Dial(t.Context(), number, "*334*1*"+other+"*500*"+secretTyped[0]+"#") // some cannot say it
		if _, err := net.Dial(t.Context(), number, "*334#"); err != nil {
			t.Fatalf("%s: %v", o.Name, err)
		}
		for _, typed := range []string{"1", other, "pin", secretTyped[1], secretTyped[1], "pin", secretTyped[0], secretTyped[0], "2"} {
			if _, err := net.Press(t.Context(), number, typed); err != nil {
				t.Fatalf("%s: %q: %v", o.Name, typed, err)
			}
		}
		_ = net.Hangup(t.Context(), number)
		tap.Stop(id, time.Now())
		read := tap.Get(id, time.Now())
		var capture bytes.Buffer
		if err := read.Capture(&capture); err != nil {
			t.Fatal(err)
		}
		shown := ""
		for _, e := range read.Report(0, time.Now()).Events {
			shown += e.What + " " + e.Text + "\n"
		}
		for _, secret := range append(secretTyped, secretTyped[0][3:], number, other) {
			if regexp.MustCompile(`(^|[^0-9a-f])[xX]*` + secret + `($|[^0-9a-f])`).MatchString(shown) { // in a session's name it may stand by chance
				t.Errorf("%s: %s is in\n%s", o.Name, secret, shown)
			}
		}
		for _, secret := range []string{secretTyped[0], number, other} {
			if bytes.Contains(capture.Bytes(), []byte(secret)) {
				t.Errorf("%s: the capture shows %s", o.Name, secret)
			}
		}
		if !strings.Contains(shown, "2547*****001") {
			t.Errorf("%s: nothing is to be seen of the calls:\n%s", o.Name, shown)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, secret := range append(secretTyped[:1], number, other) {
		if strings.Contains(logs.String(), secret) {
			t.Errorf("%s is logged: %s", secret, &logs)
		}
	}
}

// TestHTTPWireHidesOddCalls: escapes, logins, fields that no dialect names, ends with all
// that was typed, and bodies that cannot be read, show nothing of what is in them.
func TestHTTPWireHidesOddCalls(t *testing.T) {
	var tap wiretap.Wiretap
	const number, pin = "254722000001", "907351"
	cfg := speaking(t, &room{})
	cfg.Wire = &tap
	addr := door(t, cfg)
	id, err := tap.Start(number, time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	escaped, unicoded := "", ""
	for _, c := range []byte(pin) {
		escaped += fmt.Sprintf("%%%02X", c)
		unicoded += fmt.Sprintf(`\u%04x`, c)
	}
	form, body := "application/x-www-form-urlencoded", "sessionId=s1&phoneNumber=%2B"+number+"&networkCode="+pin+"&serviceCode=*334%23&text=1*"
	for _, c := range []struct{ operator, method, kind, query, body string }{
		{"africastalking", "POST", form, "", body + escaped},
		{"africastalking", "POST", form, "?text=" + pin, body + pin + "&PIN=" + pin},
		{"africastalking", "POST", form, "", body + pin + "&status=Failed&durationInMillis=1&input=" + pin + "&lastAppResponse=" + pin},
		{"africastalking", "POST", form, "", "phoneNumber=" + number + "&text=" + pin},
		{"airtel", "GET", "", "?userid=relay&password=hunter-two&MSISDN=" + number + "&SessionID=s2&MSC=x&input=" + pin, ""},
		{"hubtel", "POST", "application/json", "", `{"Type":"Response","Mobile":"` + number + `","SessionId":"s3","ServiceCode":"334","Message":"` + unicoded + `","Sequence":2,"ClientState":"` + pin + `","Operator":"` + pin + `"}`},
		{"truroute", "POST", "text/xml", "", "<ussd><msisdn>" + number + "</msisdn><sessionid>s4</sessionid><type>2</type><msg>&#57;0&#55;351</msg><note>" + pin + "</note></ussd>"},
		{"infobip", "POST", "application/json", "/s5/response", `{"msisdn":"` + number + `","text":"` + pin + `","shortCode":"334","imsi":"` + pin + `"}`},
	} {
		req, err := http.NewRequest(c.method, "http://"+addr+"/ussd/"+c.operator+c.query, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.kind)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	read := tap.Get(id, time.Now())
	report := read.Report(0, time.Now())
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var capture bytes.Buffer
	if err := read.Capture(&capture); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{pin, escaped, unicoded, `&#57;`, number, "lastAppResponse", "relay", "hunter"} {
		if bytes.Contains(raw, []byte(secret)) || bytes.Contains(capture.Bytes(), []byte(secret)) {
			t.Errorf("%s is to be seen: %s", secret, raw)
		}
	}
	if len(report.Events) < 10 {
		t.Errorf("%d events of eight calls", len(report.Events))
	}
}
