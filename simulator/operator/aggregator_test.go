package operator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"mlango/internal/dialect"
)

func TestHTTPDoor(t *testing.T) {
	d, err := dialect.OverHTTP("africastalking")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var texts []string
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h, _, err := d.DecodeHop(dialect.Request{Method: r.Method, Type: r.Header.Get("Content-Type"), Body: body})
		if err != nil || h.MSISDN != anna {
			t.Errorf("the door got %s: %v", body, err)
		}
		mu.Lock()
		texts = append(texts, h.Text)
		mu.Unlock()
		_, _ = w.Write(d.AppendReply(nil, nil, dialect.Reply{Text: "seen " + h.Text, End: h.Position == 2}))
	}))
	defer door.Close()
	o, err := New(Config{Name: "test", Aggregator: door.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	first := must(t)(o.Dial(ctx, anna, "*334#"))
	must(t)(o.Press(ctx, anna, "1"))
	last := must(t)(o.Press(ctx, anna, "500"))
	if !first.Open || last.Open || last.Text != "seen 1*500" || first.Session != last.Session {
		t.Errorf("first %+v, last %+v", first, last)
	}
	if again := must(t)(o.Dial(ctx, anna, "*334#")); again.Session == first.Session {
		t.Error("two dials have one session key")
	}
	if err := o.Hangup(ctx, anna); err != nil {
		t.Error(err)
	}
	want := []string{"", "1", "1*500", "", ""}
	saw := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(texts)
	}
	for deadline := time.Now().Add(30 * time.Second); len(saw()) < len(want) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // nobody waits long for the answer to a goodbye
	}
	if got := saw(); !slices.Equal(got, want) {
		t.Errorf("the door saw %q", got)
	}
}

func TestHTTPDoorThatFails(t *testing.T) {
	for _, c := range []struct {
		name string
		door http.HandlerFunc
		want error
	}{
		{"an error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, ErrRefused},
		{"no dialect", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, ErrRefused},
		{"a broken link", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrNoAnswer},
		{"silence", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server sees the caller leave
			<-r.Context().Done()
		}, ErrNoAnswer},
	} {
		door := httptest.NewServer(c.door)
		cfg := Config{Name: "test", Aggregator: door.URL}
		if c.name == "silence" {
			cfg.Reply = 200 * time.Millisecond
		}
		o, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		door.CloseClientConnections()
		door.Close()
		o.http.CloseIdleConnections()
		if _, err := o.Dial(context.Background(), ben, "*334#"); !errors.Is(err, ErrNoService) {
			t.Errorf("nobody at the door: %v", err)
		}
	}
}

// TestHTTPDoorNamesItsDialect: in its URL, which wins.
func TestHTTPDoorNamesItsDialect(t *testing.T) {
	o, err := New(Config{Name: "test", Aggregator: "https://gateway.example/ussd/safari?dialect=hubtel", HTTPDialect: "nalo"})
	if err != nil {
		t.Fatal(err)
	}
	if a := o.carrier.(*aggregator); a.dialect.Name != "hubtel" || a.door != "https://gateway.example/ussd/safari" {
		t.Errorf("%s at %s", a.dialect.Name, a.door)
	}
	for _, bad := range []string{"https://gateway.example/?dialect=tata", "gateway.example", "https://gateway.example/?a=1", "http://%zz"} {
		if _, err := New(Config{Name: "test", Aggregator: bad}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// TestHTTPDoorThatSendsOn: a redirect is a refused hop. Where it leads, nobody allowed us to
// dial, and what was typed does not go there.
func TestHTTPDoorThatSendsOn(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("somebody else was dialled")
	}))
	defer elsewhere.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		door := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		o, err := New(Config{Name: "test", Aggregator: door.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, ErrRefused) {
			t.Errorf("%d: %v, want %v", status, err, ErrRefused)
		}
		door.Close()
	}
}
