package edge

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// TestReportsDoor: who may post delivery reports, what is answered, and that a body
// of a hundred reports passes where no hop of that size does.
func TestReportsDoor(t *testing.T) {
	var mu sync.Mutex
	got := map[string]int{}
	cfg := config(t, &room{})
	cfg.Operators = append(cfg.Operators, Operator{Name: "bulk", Reports: true}, Operator{Name: "far", Reports: true, ReportsFrom: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}})
	cfg.Reports = func(operator, contentType string, body []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got[operator+" "+contentType] += len(body)
		if string(body) == "bad" {
			return errors.New("not mine")
		}
		return nil
	}
	addr := door(t, cfg)
	post := func(path, body string) int {
		resp, err := http.Post("http://"+addr+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/dlr/bulk", "good", 200},
		{"/dlr/bulk", strings.Repeat("x", 60<<10), 200},
		{"/dlr/bulk", strings.Repeat("x", 70<<10), 413},
		{"/dlr/bulk", "bad", 400},
		{"/dlr/far", "good", 403},
		{"/dlr/at", "good", 404}, // speaks USSD, reports nothing
		{"/dlr/nobody", "good", 404},
		{"/dlr/", "good", 404},
		{"/dlr/bulk/more", "good", 404},
	} {
		if status := post(c.path, c.body); status != c.want {
			t.Errorf("%s with %d octets: %d, want %d", c.path, len(c.body), status, c.want)
		}
	}
	for path, want := range map[string]string{"/ussd/at": "413", "/dlr/at": "413", "/dlr/nobody": "413", "/dlr/../ussd/at": "413", "/dlr/bulk": "400"} {
		if got := status(t, addr, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"); got != want {
			t.Errorf("%s with 60,000 octets announced: %s, want %s", path, got, want)
		}
	}
	resp, err := http.Get("http://" + addr + "/dlr/bulk")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 405 || resp.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", resp.StatusCode)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 1 || got["bulk application/json"] != 4+60<<10+3 {
		t.Errorf("%v", got)
	}
}
