package phone

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestPageIsServedHardened asks for the page as a browser does.
func TestPageIsServedHardened(t *testing.T) {
	h := New(Config{Network: newStub()}).Handler()
	for _, c := range []struct {
		path, host, kind string
		status           int
	}{
		{"/", "127.0.0.1:8090", "text/html; charset=utf-8", 200},
		{"/page/app.js", "127.0.0.1:8090", "text/javascript; charset=utf-8", 200},
		{"/page/base.css", "localhost:8090", "text/css; charset=utf-8", 200},
		{"/page/icon.svg", "localhost:8090", "image/svg+xml", 200},
		{"/page/none.js", "localhost:8090", "", 404},
		{"/page/", "localhost:8090", "", 404},
		{"/page/index.html", "localhost:8090", "", 404},
		{"/", "evil.example", "application/json", 403},
		{"/page/app.js", "evil.example", "application/json", 403},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Host = c.host
		r.Header.Set("Accept", "text/html,*/*")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || c.kind != "" && w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s at %s: %d %s", c.path, c.host, w.Code, w.Header().Get("Content-Type"))
		}
		for name, value := range tableHeaders {
			if w.Header().Get(name) != value {
				t.Errorf("%s at %s: %s is %q", c.path, c.host, name, w.Header().Get(name))
			}
		}
	}
}

// TestPageKnowsItsFirstState: the page says who there is and what is broken before it
// asks for anything, and a name in it stays a name.
func TestPageKnowsItsFirstState(t *testing.T) {
	h := New(Config{Network: newStub(), PIN: "4826", People: []Person{{MSISDN: "254722000001", Name: "</script><b>"}}}).Handler()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "127.0.0.1:8090"
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), firstPlace)
	text, after, _ := strings.Cut(rest, "</script>")
	var first struct {
		World  worldJSON
		Phones []Person
		State  stateJSON
	}
	if err := json.Unmarshal([]byte(text), &first); err != nil || first.World.Code != "*334#" || len(first.Phones) != 1 || first.Phones[0].Name != "</script><b>" || first.State.Away == nil {
		t.Errorf("%v %+v", err, first)
	}
	if !strings.HasPrefix(strings.TrimSpace(after), "</body>") {
		t.Errorf("behind it is %.80q", after)
	}
}

// TestPageStandsAlone holds the page's source to the house's rules: it refers to nothing
// outside, has no code or style inside its HTML, and each file is short and says first
// what it is for.
func TestPageStandsAlone(t *testing.T) {
	outside := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]{2,}|@import|\bstyle="|\bon[a-z]+="|innerHTML|eval\(`)
	names, err := fs.Glob(tablePage, "page/*")
	if err != nil || len(names) < 10 {
		t.Fatalf("%v %v", names, err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(tablePage, name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if found := outside.FindString(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "")); found != "" {
			t.Errorf("%s has %s", name, found)
		}
		if lines := strings.Count(text, "\n"); lines > 500 {
			t.Errorf("%s has %d lines", name, lines)
		}
		opens := map[string]string{".js": "/**", ".css": "/*"}[path.Ext(name)]
		if !strings.HasPrefix(text, opens) {
			t.Errorf("%s does not begin with what it is for", name)
		}
		for _, export := range regexp.MustCompile(`(?m)^(?:.*\n)?export (?:async )?(?:function|class) (\w+)`).FindAllString(text, -1) {
			if before, _, _ := strings.Cut(export, "\n"); !strings.HasSuffix(before, "*/") {
				t.Errorf("%s: no comment above %s", name, export)
			}
		}
	}
}
