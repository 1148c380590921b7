package phone

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

// tablePage holds the page as it is written: no build step stands between.
//
//go:embed page
var tablePage embed.FS

// policy lets the page load its own files and talk to its own server, no more.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// tableHeaders go with every answer.
var tableHeaders = map[string]string{
	"Content-Security-Policy":      policy,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// hardened puts the headers on every answer, refusals too.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range tableHeaders {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// servePage serves the page's files.
func servePage() http.Handler {
	files := http.FileServerFS(tablePage)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page/" || strings.HasSuffix(r.URL.Path, ".html") { // the page itself is at /
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}

// front is the page for a browser, and for curl what can be called.
func (s *Server) front(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		b, err := s.first(r)
		if err != nil { // it is embedded
			http.Error(w, "no page", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	number := "254722000001"
	if len(s.cfg.People) > 0 {
		number = s.cfg.People[0].MSISDN
	}
	fmt.Fprintf(w, frontText, number, r.Host)
}

// firstPlace is where in the page the first state stands.
const firstPlace = `<script type="application/json" id="first">`

// first is the page with what it shows before it has asked for anything: who there is,
// and what is broken. Every < in it is escaped.
func (s *Server) first(r *http.Request) ([]byte, error) {
	b, err := fs.ReadFile(tablePage, "page/index.html")
	if err != nil {
		return nil, fmt.Errorf("phone page: %w", err)
	}
	state, err := json.Marshal(struct {
		World  worldJSON `json:"world"`
		Phones []Person  `json:"phones"`
		State  stateJSON `json:"state"`
	}{s.where(), s.people(r.Context()), s.world.state()})
	if err != nil {
		return nil, fmt.Errorf("phone page: %w", err)
	}
	return bytes.Replace(b, []byte(firstPlace), append([]byte(firstPlace), state...), 1), nil
}

// frontText is what curl reads at /.
const frontText = `mlango simulator: an operator with phones to dial on.

In a browser this address is two phones. In a terminal:

  go run ./simulator dial '*334#' --msisdn %[1]s --operator http://%[2]s

Or with curl:

  curl http://%[2]s/api/phones
  curl -d '{"code":"*334#"}' http://%[2]s/api/phones/%[1]s/dial
  curl -d '{"input":"1"}' http://%[2]s/api/phones/%[1]s/press
  curl -X POST http://%[2]s/api/phones/%[1]s/hangup
  curl http://%[2]s/api/phones/%[1]s/screen          # of an open dialogue
  curl http://%[2]s/api/phones/%[1]s/sms
  curl -d '{"language":"sw"}' http://%[2]s/api/phones/%[1]s/language
  curl 'http://%[2]s/api/trace?session=SESSION'     # of a dial's answer: what crossed each wire
  curl -N http://%[2]s/api/events                   # SMS and screens as they come

Break something, and see what the screens say:

  curl -d '{"kind":"kill","target":"ledgerd","for_ms":8000}' http://%[2]s/api/faults
  curl -d '{"kind":"no_signal","target":"%[1]s","for_ms":8000}' http://%[2]s/api/faults
  curl -d '{"kind":"drop_resp","n":3,"for_ms":60000}' http://%[2]s/api/faults
  curl -d '{"kind":"none"}' http://%[2]s/api/faults
  curl http://%[2]s/api/faults                      # what is broken now

kill and restart take a target, ledgerd or gateway; no_signal and signal a phone; drop_binds takes nothing; throttle (SMS a second),
delay_resp (ms), and of so many one: drop_resp, busy, full, cut take n, as does duplicate (copies).
`
