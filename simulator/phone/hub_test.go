package phone

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mlango/simulator/operator"
)

// listen opens a page's stream; next reads one event's kind and data.
func listen(t *testing.T, h http.Handler) (next func() (kind, data string)) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/events", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%v %v", resp, err)
	}
	lines := bufio.NewScanner(resp.Body)
	return func() (kind, data string) {
		t.Helper()
		for lines.Scan() {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
			case "event":
				kind = value
			case "data":
				return kind, value
			}
		}
		t.Fatal("the stream ended")
		return "", ""
	}
}

func TestEvents(t *testing.T) {
	hub := NewHub()
	n := newStub()
	next := listen(t, New(Config{Network: n, Hub: hub}).Handler())
	expect := func(kind, data string) {
		t.Helper()
		if k, d := next(); k != kind || d != data {
			t.Errorf("%s %s, want %s %s", k, d, kind, data)
		}
	}
	expect("state", `{"programs":[],"network":null,"away":[]}`)
	hub.SMS(operator.SMS{ID: "9", To: anna, From: "M-WALLET", Text: "Confirmed", At: time.Unix(0, 0).UTC()})
	expect("sms", `{"msisdn":"254722000001","id":"9","from":"M-WALLET","text":"Confirmed","at":"1970-01-01T00:00:00Z"}`)
	hub.Screen(anna, operator.Screen{Text: "Pay 500?", Open: true})
	expect("screen", `{"msisdn":"254722000001","screen":"Pay 500?","open":true}`)
}

// TestTooManyPages: the server's room for pages is bounded, and one that does not read
// is cut off.
func TestTooManyPages(t *testing.T) {
	hub := NewHub()
	var first chan []byte
	for i := range maxStreams {
		c, ok := hub.join()
		if !ok {
			t.Fatalf("no room for page %d", i)
		}
		first = c
	}
	if code, body := ask(t, New(Config{Network: newStub(), Hub: hub}).Handler(), "GET", "/api/events", ""); code != 503 || !strings.Contains(body, "mend") {
		t.Errorf("one page too many: %d %s", code, body)
	}
	for range maxUnread + 1 {
		hub.Screen(anna, operator.Screen{})
	}
	for range maxUnread {
		<-first
	}
	if _, open := <-first; open || len(hub.streams) != 0 {
		t.Errorf("pages that do not read are kept: %d", len(hub.streams))
	}
}

// TestBrokenForAWhile: what is broken mends itself, and every page is told.
func TestBrokenForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, k := newStub(), stubKeeper{make(chan string, 8)}
		s := New(Config{Network: n, Keeper: k})
		post := func(body string) {
			t.Helper()
			if code, got := ask(t, s.Handler(), "POST", "/api/faults", body); code != 200 {
				t.Errorf("%s: %d %s", body, code, got)
			}
		}
		state := func() string {
			t.Helper()
			_, body := ask(t, s.Handler(), "GET", "/api/faults", "")
			return strings.TrimSpace(body)
		}
		post(`{"kind":"kill","target":"ledgerd","for_ms":15000}`)
		post(`{"kind":"busy","n":1,"for_ms":20000}`)
		post(`{"kind":"no_signal","target":"` + anna + `","for_ms":5000}`)
		time.Sleep(4 * time.Second)
		if got, want := state(), `{"programs":[{"name":"gateway","state":"up"},{"name":"ledgerd","state":"down","back_ms":11000}],"network":{"kind":"busy","back_ms":16000},"away":["254722000001"]}`; got != want {
			t.Errorf("after 4 s\n%s, want\n%s", got, want)
		}
		post(`{"kind":"restart","target":"ledgerd"}`) // before its time
		post(`{"kind":"kill","target":"ledgerd","for_ms":0}`)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, want := state(), `{"programs":[{"name":"gateway","state":"up"},{"name":"ledgerd","state":"down"}],"network":null,"away":[]}`; got != want {
			t.Errorf("after a minute\n%s, want\n%s", got, want)
		}
		close(k.did)
		var did []string
		for d := range k.did {
			did = append(did, d)
		}
		if got := strings.Join(did, ", "); got != "kill ledgerd, restart ledgerd, kill ledgerd" {
			t.Errorf("did %s", got)
		}
	})
}

// TestTheLatestWhileCounts: a phone that loses its signal again, for longer, is not brought
// back by the first while's end.
func TestTheLatestWhileCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newStub(), nil, NewHub())
		away := func() bool { return len(w.state().Away) > 0 }
		for _, while := range []time.Duration{2 * time.Second, 50 * time.Second} {
			if err := w.reach(anna, false, while); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if time.Sleep(3 * time.Second); !away() {
			t.Error("the first while's end ended the second")
		}
		if time.Sleep(time.Minute); away() {
			t.Error("the second while did not end")
		}
		if err := w.reach(anna, false, 0); err != nil {
			t.Fatal(err)
		}
		if time.Sleep(time.Hour); !away() {
			t.Error("for good has an end")
		}
	})
}
