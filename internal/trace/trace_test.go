package trace

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRecorder(t *testing.T) {
	r := New()
	r.Add("a", "hop", "*334#")
	r.Add("a", "screen", strings.Repeat("é", MaxText))
	got := r.Events("a")
	if len(got) != 2 || got[0].Kind != "hop" || len(got[1].Text) > MaxText || !strings.HasSuffix(got[1].Text, "é") {
		t.Fatalf("got %+v", got)
	}
	for range MaxEvents * 2 {
		r.Add("a", "hop", "x")
	}
	if n := len(r.Events("a")); n != MaxEvents {
		t.Errorf("%d events, want %d", n, MaxEvents)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/trace?session=a", nil))
	if !strings.Contains(w.Body.String(), `"text":"*334#"`) {
		t.Errorf("page: %s", w.Body)
	}
}

func TestOldestGoes(t *testing.T) {
	r := New()
	for i := range MaxSessions + 10 {
		r.Add(fmt.Sprint(i), "hop", "x")
	}
	if len(r.sessions) != MaxSessions || r.Events("9") != nil || r.Events("10") == nil {
		t.Errorf("%d sessions kept", len(r.sessions))
	}
}

func TestNil(t *testing.T) {
	var r *Recorder
	r.Add("a", "b", "c")
	if r.Events("a") != nil {
		t.Error("a nil recorder keeps nothing")
	}
}

func BenchmarkAdd(b *testing.B) {
	r := New()
	names := make([]string, 8192)
	for i := range names {
		names[i] = Session("safari", fmt.Sprint(254722000000+i), "1f")
	}
	b.ReportAllocs()
	for i := range b.N {
		r.Add(names[i%len(names)], "hop", "*334#")
	}
}
