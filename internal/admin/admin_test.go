package admin

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestPages(t *testing.T) {
	s := New(Config{})
	s.Counter("mlango_hops_total", "Hops.", "operator").Add(2, "safari")
	s.Gauge("mlango_orders", "Orders.").Set(3)
	s.Histogram("mlango_screen_seconds", "Screens.").Observe(.01)
	s.Func("mlango_binds", "Binds.", func() float64 { return 4 })
	s.Handle("GET /bundle", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "hash") }))

	if code, body := get(t, s, "/readyz"); code != 503 || !strings.Contains(body, "starting") {
		t.Errorf("before Ready: %d %s", code, body)
	}
	s.Ready(func() (bool, []string) { return true, []string{"ledger: unreachable"} })
	for path, want := range map[string]string{
		"/healthz": "alive", "/readyz": `{"degraded":["ledger: unreachable"],"pid":`, "/bundle": `"hash"`,
		"/metrics": `mlango_hops_total{operator="safari"} 2`, "/debug/pprof/": "goroutine",
	} {
		if code, body := get(t, s, path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %q, want %q in it", path, code, body, want)
		}
	}
	s.Ready(func() (bool, []string) { return false, nil })
	if code, body := get(t, s, "/readyz"); code != 503 || !strings.Contains(body, `"degraded":[]`) {
		t.Errorf("draining: %d %s", code, body)
	}
}

// TestForeignPage: a page elsewhere cannot have a browser change anything here.
func TestForeignPage(t *testing.T) {
	s := New(Config{})
	s.Handle("POST /change", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "done") }))
	for site, want := range map[string]int{"": 200, "same-origin": 200, "cross-site": 403} {
		r := httptest.NewRequest("POST", "/change", nil)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		if s.Handler().ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: %d", site, w.Code)
		}
	}
}

// TestForeignName: nor can one whose name points to this machine.
func TestForeignName(t *testing.T) {
	s := New(Config{})
	s.Handle("POST /change", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "done") }))
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	for host, want := range map[string]int{"": 200, "localhost:8081": 200, "localhost": 200, "127.0.0.1": 200, "[::1]:8081": 200, "evil.example:8081": 403, "evil.example": 403} {
		r, err := http.NewRequest("POST", web.URL+"/change", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%q: %d", host, resp.StatusCode)
		}
	}
}

func TestServe(t *testing.T) {
	s := New(Config{Addr: "127.0.0.1:0"})
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	resp, err := http.Get("http://" + addr.String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(body) != "alive\n" {
		t.Errorf("got %q", body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDiscard(t *testing.T) {
	r := Discard()
	r.Counter("a", "").Add(1)
	r.Gauge("b", "").Set(1)
	r.Histogram("c", "").Observe(1)
	r.Func("d", "", nil)
}
