package conform

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/smpp"
)

// menu is a small USSD service as people write them: it shows what the keys so far lead
// to.
func menu(keys string) string {
	switch {
	case keys == "":
		return "CON Karibu\n1 Prices\n2 Leave"
	case keys == "2":
		return "END Kwaheri"
	case strings.HasPrefix(keys, "1"):
		return "CON Which crop?\n1 Maize\n2 Beans"
	}
	return "END No such choice"
}

// posted reads an Africa's Talking call as frameworks do: 400 when it is none.
func posted(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, 100<<10)
	if err := r.ParseForm(); err != nil || r.Form.Get("sessionId") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return false
	}
	return true
}

// only answers other methods with a status.
func only(status int, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(status)
			return
		}
		then(w, r)
	}
}

func plain(w http.ResponseWriter, r *http.Request) {
	if posted(w, r) {
		_, _ = io.WriteString(w, menu(r.Form.Get("text")))
	}
}

// everything looks at no method.
func everything(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		_, _ = io.WriteString(w, menu(""))
		return
	}
	plain(w, r)
}

// clocked is plain with the time and a balance on its screens.
func clocked() http.HandlerFunc {
	n := 0
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		if !posted(w, r) {
			return
		}
		mu.Lock()
		n++
		balance := "" // on the first screen, and each dial may find another
		if r.Form.Get("text") == "" {
			balance = fmt.Sprintf(", Ksh%d.50", n)
		}
		fmt.Fprintf(w, "%s\n%s%s", menu(r.Form.Get("text")), time.Unix(int64(n)*61, 0).Format("15:04:05"), balance)
		mu.Unlock()
	}
}

// remembers keeps the keys of a dialogue itself, by a field of the call, and takes only
// the newest from it; resets says whether an empty text begins anew.
func remembers(field string, resets bool) http.HandlerFunc {
	var mu sync.Mutex
	keys := map[string]string{}
	return func(w http.ResponseWriter, r *http.Request) {
		if !posted(w, r) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		key, text := r.Form.Get(field), r.Form.Get("text")
		if text == "" && resets {
			keys[key] = ""
		}
		if text != "" {
			keys[key] += text[strings.LastIndexByte(text, '*')+1:]
		}
		shown := menu(keys[key])
		if len(keys[key]) > 1 {
			shown = fmt.Sprintf("CON Step %s", strings.Repeat("I", len(keys[key])))
		}
		_, _ = io.WriteString(w, shown)
	}
}

// fragile falls over keys that are no digits.
func fragile(w http.ResponseWriter, r *http.Request) {
	if !posted(w, r) {
		return
	}
	if strings.Trim(r.Form.Get("text"), "0123456789*") != "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, menu(r.Form.Get("text")))
}

// inTurn reads and answers one call after the other, as a development server does.
func inTurn() http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		plain(w, r)
	}
}

// hubtel is a service in another dialect, with words of its own; stray names a wrong
// session.
func hubtel(stray bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SessionId, Type, Message string }
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in) != nil || in.SessionId == "" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		out := map[string]string{"SessionId": in.SessionId, "Type": "response", "Message": "Karibu\n1 Prices", "Label": "Main menu", "DataType": "input", "FieldType": "number"}
		if in.Type == "Response" {
			out["Type"], out["Message"], out["DataType"] = "release", "Kwaheri", "display"
		}
		if stray {
			out["SessionId"] = "1"
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

// guarded takes calls with a token in the URL only.
func guarded(door http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		door(w, r)
	}
}

// TestServicesOfOthers takes services as people write them: what is right in them holds,
// and each fault fails its own clause and no other.
func TestServicesOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		door    http.HandlerFunc
		dialect string
		failed  []string
		most    int // of failed clauses, where one fault shows in several
	}{
		"405":                          {only(http.StatusMethodNotAllowed, plain), "", nil, 0},
		"404 for other methods":        {only(http.StatusNotFound, plain), "", nil, 0},
		"501 for other methods":        {only(http.StatusNotImplemented, plain), "", nil, 0},
		"a server's error for others":  {only(http.StatusInternalServerError, plain), "", []string{"a method that is not the dialect's"}, 0},
		"any method":                   {everything, "", []string{"a method that is not the dialect's"}, 0},
		"a clock and a balance":        {only(405, clocked()), "", nil, 0},
		"keys by session":              {only(405, remembers("sessionId", true)), "", []string{"a key that comes twice"}, 0},
		"keys of one for all":          {only(405, remembers("serviceCode", true)), "", []string{"a key that comes twice", "does not move another"}, 0},
		"keys by number, never let go": {only(405, remembers("phoneNumber", false)), "", []string{"go on in a new session", "a key that comes twice"}, 8},
		"falls over letters":           {only(405, fragile), "", []string{"control characters"}, 0},
		"one call at a time":           {only(405, inTurn()), "", []string{"stands still half sent"}, 0},
		"another dialect":              {only(405, hubtel(false)), "hubtel", nil, 0},
		"names another session":        {only(405, hubtel(true)), "hubtel", []string{"names the session"}, 0},
		"JSON for text": {only(405, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message":"Karibu"}`) }), "",
			[]string{"a dial is answered with a screen", "not of the dialect", "nothing in it", "never began", "number that is none", "1 MiB"}, 0},
		"too long": {only(405, func(w http.ResponseWriter, r *http.Request) {
			if posted(w, r) {
				_, _ = io.WriteString(w, "CON "+strings.Repeat("long ", 40))
			}
		}), "", []string{"the first screen fits"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := httptest.NewServer(guarded(c.door))
			defer v.Close()
			at := &Target{Name: v.URL, URL: v.URL, Dialect: c.dialect, Code: "*384#", Numbers: []string{"254722000001", "254722000002", "254722000003"}, Patience: 2 * time.Second}
			if at.Dialect == "" {
				at.Dialect = "africastalking"
			}
			at.Query = "token=secret"
			r, err := HTTP(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			failed := fates(r)
			all := strings.Join(failed, "\n")
			for _, want := range c.failed {
				if !strings.Contains(all, want) {
					t.Errorf("%q did not fail", want)
				}
			}
			if len(failed) > max(c.most, len(c.failed)) || t.Failed() {
				t.Errorf("failed:\n%s", all)
			}
		})
	}
}

// lingering is a connection that is closed a while after its end says so.
type lingering struct{ net.Conn }

func (c lingering) Close() error {
	time.AfterFunc(300*time.Millisecond, func() { _ = c.Conn.Close() })
	return nil
}

// TestSMSCsOfOthers: an SMSC that does not say who it is, that allows one bind at a time
// and leaves the closing to its ESMEs holds every clause.
func TestSMSCsOfOthers(t *testing.T) {
	at := anSMSCOf(t, func(c net.Conn) net.Conn { return lingering{c} }, smpp.ServerConfig{MaxBinds: 1})
	at.Password = "right"
	r, err := SMPP(t.Context(), at)
	if err != nil || len(fates(r)) > 0 || r.Count(NotAsked) > 3 {
		t.Error(err, fates(r))
	}
}

// TestARedirectIsNotFollowed: its owner's word was for the target alone.
func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("somebody else was dialled")
	}))
	defer elsewhere.Close()
	door := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer door.Close()
	r, err := HTTP(t.Context(), &Target{Name: "sends on", URL: door.URL, Dialect: "africastalking", Code: "*334#", Numbers: []string{"254722000001", "254722000002"}})
	if err != nil {
		t.Fatal(err)
	}
	if failed := strings.Join(fates(r), "\n"); !strings.Contains(failed, "HTTP 307") {
		t.Errorf("failed:\n%s", failed)
	}
}

// TestServicesThatLookAlike: the answers are the same but for figures, and those figures say
// that a repeated key was done twice, or whose screen it is.
func TestServicesThatLookAlike(t *testing.T) {
	var mu sync.Mutex
	done, before := 0, ""
	for name, c := range map[string]struct {
		says   func(number, keys string) string
		clause string
	}{
		"a key is charged each time": {func(_, keys string) string {
			if keys == "" {
				return "CON Karibu\n1 Pay"
			}
			done++
			return fmt.Sprintf("END charged %d times", done)
		}, "a key that comes twice"},
		"the screen of whoever came before": {func(number, keys string) string {
			prev := before
			before = number
			if keys == "" {
				return "CON Karibu\n1 Balance"
			}
			return "END balance of " + prev
		}, "a key of one session"},
	} {
		door := httptest.NewServer(only(http.StatusMethodNotAllowed, func(w http.ResponseWriter, r *http.Request) {
			if posted(w, r) {
				mu.Lock()
				defer mu.Unlock()
				_, _ = io.WriteString(w, c.says(strings.TrimPrefix(r.Form.Get("phoneNumber"), "+"), r.Form.Get("text")))
			}
		}))
		r, err := HTTP(t.Context(), &Target{Name: name, URL: door.URL, Dialect: "africastalking", Code: "*334#", Numbers: []string{"254722000001", "254722000002", "254722000003"}})
		door.Close()
		if err != nil {
			t.Fatal(err)
		}
		if failed := fates(r); len(failed) != 1 || !strings.Contains(failed[0], c.clause) {
			t.Errorf("%s: failed\n%s", name, strings.Join(failed, "\n"))
		}
	}
	for a, b := range map[string]string{"It is 14:02:11": "It is 14:02:12", "22/11/2026 9.14": "22/11/2026 9.15", "The same": "The same"} {
		if !equal(a, b) {
			t.Errorf("%q and %q differ", a, b)
		}
	}
}
