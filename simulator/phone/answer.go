package phone

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"

	"mlango/simulator/operator"
)

// tableTrouble says how the API words what a network may answer.
var tableTrouble = []struct {
	err     error
	trouble trouble
}{
	{operator.ErrNumber, trouble{status: http.StatusBadRequest, what: "this is not a subscriber number", mend: "use E.164 digits, such as 254722000001"}},
	{operator.ErrInput, trouble{status: http.StatusBadRequest, what: "the input is empty or too long", mend: "send 1 to 160 bytes"}},
	{operator.ErrNoSession, trouble{status: http.StatusConflict, what: "no session is open on this phone", mend: "dial first"}},
	{operator.ErrNoSignal, trouble{status: http.StatusServiceUnavailable, what: "the phone has no signal", mend: "POST /api/faults with kind signal and the phone as target brings it back"}},
	{operator.ErrBusy, trouble{status: http.StatusConflict, what: "the phone waits for a screen", mend: "wait for the answer of the last call"}},
	{operator.ErrFull, trouble{status: http.StatusServiceUnavailable, what: "the network has no room for another phone", mend: "use one of the numbers of GET /api/phones"}},
	{operator.ErrNoService, trouble{status: http.StatusServiceUnavailable, what: "the USSD service cannot be reached", mend: "is it running, and connected to this network? try again in a second"}},
	{operator.ErrRefused, trouble{status: http.StatusBadGateway, what: "the USSD service refused the hop", mend: "look at its log and at GET /api/trace"}},
	{operator.ErrNoAnswer, trouble{status: http.StatusGatewayTimeout, what: "no screen came in time; the network closed the session", mend: "look at the service's log and at GET /api/trace, then dial again"}},
}

// asTrouble finds the words for an error.
func asTrouble(err error) *trouble {
	if t := (*trouble)(nil); errors.As(err, &t) {
		return t
	}
	for i := range tableTrouble {
		if errors.Is(err, tableTrouble[i].err) {
			return &tableTrouble[i].trouble
		}
	}
	slog.Error("phone api", "err", err)
	return &trouble{status: http.StatusInternalServerError, what: "the simulator could not do it", mend: "look at its log"}
}

// serveJSON runs a call and writes what it returns.
func serveJSON(w http.ResponseWriter, r *http.Request, h handler) {
	v, err := h(r)
	if err != nil {
		writeTrouble(w, asTrouble(err))
		return
	}
	writeJSON(w, http.StatusOK, v)
}

// writeJSON writes one value; a caller who left is not an error of ours.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

func writeTrouble(w http.ResponseWriter, t *trouble) {
	if t.allow != "" {
		w.Header().Set("Allow", t.allow)
	}
	writeJSON(w, t.status, map[string]string{"error": t.what, "mend": t.mend})
}

// guard refuses what a page of another site could make a browser send: a Host
// that is not loopback (DNS rebinding), or an Origin that is not this very host.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopback(r.Host):
			writeTrouble(w, &trouble{status: http.StatusForbidden, what: "this Host is not served", mend: "use http://127.0.0.1 or http://localhost; from afar, ssh -L"})
		case !sameOrigin(r):
			writeTrouble(w, &trouble{status: http.StatusForbidden, what: "another site may not press keys here", mend: "send no Origin, or this address's own"})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopback tells whether a Host header names this machine.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// sameOrigin tells whether a request came from no page or from our own.
func sameOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && u.Scheme == "http" && u.Host == r.Host
}

// bounded caps the body and answers unknown paths and wrong methods in JSON.
func bounded(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if allow := allowed(mux, r); allow != "" {
			writeTrouble(w, &trouble{status: http.StatusMethodNotAllowed, allow: allow, what: "this path does not take " + r.Method, mend: "use " + allow})
			return
		}
		writeTrouble(w, &trouble{status: http.StatusNotFound, what: "there is nothing at this path", mend: "GET /api/phones lists the phones"})
	})
}

// allowed is the one method a path takes, or nothing.
func allowed(mux *http.ServeMux, r *http.Request) string {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(probe); pattern != "" {
			return method
		}
	}
	return ""
}
