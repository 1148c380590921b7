package edge

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/dialog"
)

// door starts the HTTP door and returns its address.
func door(t *testing.T, cfg Config) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, cfg, ln)
}

// serve starts the HTTP door on a listener.
func serve(t *testing.T, cfg Config, ln net.Listener) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- New(cfg).ServeHTTP(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

func press(t *testing.T, addr, text string) string {
	t.Helper()
	resp, err := http.PostForm("http://"+addr+"/ussd/at", url.Values{"sessionId": {"ATUid_1"}, "phoneNumber": {"+254722000001"},
		"networkCode": {"63902"}, "serviceCode": {"*334#"}, "text": {text}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %s", resp.StatusCode, resp.Header)
	}
	return string(b)
}

func TestHTTPDialogue(t *testing.T) {
	r := &room{}
	addr := door(t, config(t, r))
	for text, want := range map[string]string{"": "CON Menu ", "1": "CON Menu 1", "1*2": "CON Menu 2", "1*bye": "END Bye",
		"1*long": "END " + TextLate, "1*pin": "CON Enter PIN"} {
		if got := press(t, addr, text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, h := range r.seen() {
		if h.Operator != "at" || h.Session != "ATUid_1" || h.MSISDN != "254722000001" || !h.Cumulative || h.Modulo != 0 || h.Code != "*334#" ||
			h.Units != (dialog.Units{Septets: 160, UCS2: 80}) || !h.Deadline.After(h.Arrived) {
			t.Errorf("hop %+v", h)
		}
	}
}

const goodHead = "POST /ussd/at HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"

func raw(head, body string) string {
	return head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
}

// TestHTTPHostile sends what no aggregator should; while each hangs or is
// refused a good session on another connection finishes.
func TestHTTPHostile(t *testing.T) {
	const form = "sessionId=bad&phoneNumber=%2B254722000009&serviceCode=*334%23&text="
	r := &room{}
	addr := door(t, config(t, r))
	before := heap()
	for _, c := range []struct {
		name, request string
		want          string // the status, or the dialect's answer
	}{
		{"not HTTP", "\x00\x01\x02\x03\r\n\r\n", "400"},
		{"a GET", strings.Replace(raw(goodHead, form), "POST", "GET", 1), "405"},
		{"unknown operator", strings.Replace(raw(goodHead, form), "/ussd/at", "/ussd/nobody", 1), "404"},
		{"an SMPP operator", strings.Replace(raw(goodHead, form), "/ussd/at", "/ussd/safari", 1), "404"},
		{"another path", strings.Replace(raw(goodHead, form), "/ussd/at", "/", 1), "404"},
		{"a path that climbs", strings.Replace(raw(goodHead, form), "/ussd/at", "/ussd/../admin", 1), "404"},
		{"a foreign source", strings.Replace(raw(goodHead, form), "/ussd/at", "/ussd/far", 1), "403"},
		{"a forged source", strings.Replace(raw(goodHead+"X-Forwarded-For: 203.0.113.9\r\n", form), "/ussd/at", "/ussd/far", 1), "403"},
		{"JSON", strings.Replace(raw(goodHead, `{"sessionId":"x"}`), "x-www-form-urlencoded", "json", 1), "415"},
		{"no fields", raw(goodHead, ""), "400"},
		{"a field twice", raw(goodHead, form+"&text=1"), "400"},
		{"no number", raw(goodHead, strings.Replace(form, "%2B254722000009", "BANK", 1)), "400"},
		{"bad escapes", raw(goodHead, form+"%zz"), "400"},
		{"control characters", raw(goodHead, form+"%01"), "400"},
		{"a large body", raw(goodHead, form+strings.Repeat("1", maxBody)), "413"},
		{"a body that is announced only", goodHead + "Content-Length: 4000000000\r\n\r\n", "413"},
		{"a negative length", goodHead + "Content-Length: -1\r\n\r\n", "400"},
		{"large headers", goodHead + "X-Junk: " + strings.Repeat("a", maxHeaders*2) + "\r\n\r\n", "431"},
		{"an end event", raw(goodHead, form+"1*4826&status=Success&durationInMillis=9&input=1*4826"), "200 "},
		{"an unknown code", raw(goodHead, strings.Replace(form, "334", "999", 1)), "200 END " + TextUnknownCode},
		{"half a request", goodHead + "Content-Length: 100\r\n\r\nsess", ""},
		{"silence", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			if got := press(t, addr, ""); got != "CON Menu " {
				t.Errorf("the good session began with %q", got)
			}
			if got := answer(t, conn, c.want); got != c.want {
				t.Errorf("answered %q, want %q", got, c.want)
			}
			if got := press(t, addr, "bye"); got != "END Bye" {
				t.Errorf("the good session ended with %q", got)
			}
		})
	}
	for _, h := range r.seen() {
		if h.Session != "ATUid_1" {
			t.Errorf("a hostile hop came through: %+v", h)
		}
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
}

// answer reads the status, and of a 200 the body; nothing when nothing is due.
func answer(t *testing.T, conn net.Conn, want string) string {
	t.Helper()
	if want == "" {
		return ""
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 {
		return fmt.Sprint(resp.StatusCode)
	}
	return "200 " + string(b)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestHTTPLogsNothingOfABrokenRequest: what is no request may still hold a PIN.
func TestHTTPLogsNothingOfABrokenRequest(t *testing.T) {
	var mu sync.Mutex
	var logs bytes.Buffer
	cfg := config(t, &room{})
	cfg.Log = slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logs.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	addr := door(t, cfg)
	const form = "phoneNumber=254722000009&text=1*500*4826"
	for _, request := range []string{raw(strings.Replace(goodHead, "Host: x", "Host x", 1), form), goodHead + form + "\r\n\r\n"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(conn)
	}
	mu.Lock()
	defer mu.Unlock()
	if s := logs.String(); s == "" || strings.Contains(s, "4826") || strings.Contains(s, "254722000009") {
		t.Errorf("logged: %s", s)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestHTTPLate(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	cfg := config(t, r)
	cfg.Deadline = 200 * time.Millisecond
	addr := door(t, cfg)
	if got := press(t, addr, "wait"); got != "END "+TextLate {
		t.Errorf("screen %q", got)
	}
	close(r.wait)
	if got := press(t, addr, "1"); got != "CON Menu 1" {
		t.Errorf("screen %q", got)
	}
}

func TestHTTPFull(t *testing.T) {
	e := New(config(t, &room{}))
	e.lanes.begins = 0
	h := dialog.Hop{Op: dialog.Begin, Code: "*334#", Arrived: time.Now()}
	if r := e.answer(h); r.Text != TextBusy || !r.End || r.Refused != RefusedFull {
		t.Errorf("a begin: %+v", r)
	}
	h.Op, h.Text, h.Deadline = dialog.Input, "1", time.Now().Add(time.Second)
	if r := e.answer(h); r.Text != "Menu 1" {
		t.Errorf("a running session: %+v", r)
	}
	e.lanes.hops = 0 // it may repeat a hop whose payment is under way
	if r := e.answer(h); r.Text != TextLate || !r.End || r.Refused != RefusedFull {
		t.Errorf("an input without room: %+v", r)
	}
}
