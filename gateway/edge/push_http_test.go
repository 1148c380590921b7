package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mlango/gateway/dialog"
	"mlango/gateway/wiretap"
)

// madapi is an aggregator that takes what we open, with an answer of the test's.
type madapi struct {
	*httptest.Server
	got    chan map[string]string
	status int
	answer string
}

func newMADAPI(t *testing.T) *madapi {
	t.Helper()
	a := &madapi{got: make(chan map[string]string, 8), status: 200, answer: `{"statusCode":"0000","statusMessage":"Success"}`}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var fields map[string]string
		if err := json.Unmarshal(body, &fields); err != nil || r.Header.Get("x-api-key") != "the key" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v %s %s", err, body, r.Header)
		}
		a.got <- fields
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.answer)
	}))
	t.Cleanup(a.Close)
	return a
}

// TestOpenOverHTTP: the menu comes to a subscriber who did not dial, and goes on with
// what is typed, which comes by the aggregator's own call; a text that nobody answers is
// one, and no PIN that is typed is to be seen.
func TestOpenOverHTTP(t *testing.T) {
	var tap wiretap.Wiretap
	far, r := newMADAPI(t), &room{}
	cfg := speaking(t, r)
	cfg.Wire = &tap
	for i := range cfg.Operators {
		cfg.Operators[i].Push = &Push{URL: far.URL, Key: "the key"}
	}
	e := New(cfg)
	id, _ := tap.Start(paul, time.Minute, time.Now())
	if err := e.Open(t.Context(), "mtn", paul, "*334*7#"); err != nil {
		t.Fatal(err)
	}
	screen := <-far.got
	if screen["messageType"] != "0" || screen["msisdn"] != paul || screen["serviceCode"] != "*334#" || screen["ussdString"] != "Menu " || !strings.HasPrefix(screen["sessionId"], "push-") {
		t.Errorf("pushed %v", screen)
	}
	addr := door(t, cfg)
	press := func(text string) string {
		resp, err := http.Post("http://"+addr+"/ussd/mtn", "application/json", strings.NewReader(fmt.Sprintf(
			`{"sessionId":%q,"messageType":"1","msisdn":"%s","serviceCode":"*334#","ussdString":%q}`, screen["sessionId"], paul, text)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	if got := press("pin"); !strings.Contains(got, "Enter PIN") {
		t.Error(got)
	}
	press("907351")
	hops := r.seen()
	if len(hops) != 3 || hops[0].Op != dialog.Begin || !hops[0].Opened || hops[0].Code != "*334*7#" || hops[1].Session != hops[0].Session || hops[1].Modulo != hops[0].Modulo {
		t.Errorf("hops %+v", hops)
	}
	for _, event := range tap.Get(id, time.Now()).Report(0, time.Now()).Events {
		if strings.Contains(event.Text, "907351") {
			t.Error(event.Text)
		}
	}
	if err := e.Notify(t.Context(), "mtn", paul, "Paid."); err != nil {
		t.Error(err)
	}
	if note := <-far.got; note["messageType"] != "3" || note["ussdString"] != "Paid." {
		t.Errorf("notified %v", note)
	}
}

// TestOpenOverHTTPIsRefused: by the aggregator, by an answer that says nothing, where the
// dialect or the file has no such call; each leaves no dialogue.
func TestOpenOverHTTPIsRefused(t *testing.T) {
	for _, c := range []struct {
		operator, answer string
		status           int
		push             bool
		want             error
	}{
		{"mtn", `{"statusCode":"4001"}`, 200, true, errRefused}, {"mtn", `{"statusCode":"0000"}`, 500, true, errRefused},
		{"mtn", "", 200, true, errRefused}, {"mtn", "{", 200, true, errRefused}, {"mtn", `{"statusCode":"0000"}`, 302, true, errRefused},
		{"mtn", "", 200, false, dialog.ErrNoOpener}, {"hubtel", "", 200, true, dialog.ErrNoOpener},
	} {
		far, r := newMADAPI(t), &room{}
		far.status, far.answer = c.status, c.answer
		cfg := speaking(t, r)
		for i := range cfg.Operators {
			if c.push {
				cfg.Operators[i].Push = &Push{URL: far.URL, Key: "the key"}
			}
		}
		if err := New(cfg).Open(t.Context(), c.operator, paul, "*334#"); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if hops := r.seen(); len(hops) > 0 && hops[len(hops)-1].Op != dialog.Abort {
			t.Errorf("%+v: the dialogue stays open", c)
		}
	}
}
