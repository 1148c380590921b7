// Package trace is a bounded record of what crossed each wire, by session: PDUs,
// hops, journal places, SMS. Callers mask what they add: no PIN and no whole
// MSISDN belongs in a text.
package trace

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of a recorder.
const (
	MaxSessions = 4096 // the oldest goes first
	MaxEvents   = 160  // of one session; later ones are dropped
	MaxText     = 512  // bytes of one event's text
)

// Event is one thing that crossed a wire.
type Event struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // pdu, http, hop, order, sms, …
	Text string    `json:"text"`
}

// Recorder keeps the events of the latest sessions. A nil Recorder keeps
// nothing.
type Recorder struct {
	mu       sync.Mutex
	sessions map[string][]Event
	order    []string // a ring of the sessions' names
	next     int
}

// New makes an empty recorder.
func New() *Recorder {
	return &Recorder{sessions: make(map[string][]Event), order: make([]string, MaxSessions)}
}

// Session is the name a dialogue is recorded under. It is a key to ask by, never
// printed: it holds the whole MSISDN.
func Session(operator, msisdn, session string) string {
	return operator + "/" + msisdn + "/" + session
}

// Add records one event of a session.
func (r *Recorder) Add(session, kind, text string) {
	if r == nil {
		return
	}
	e := Event{At: time.Now(), Kind: kind, Text: cut(text)}
	r.mu.Lock()
	defer r.mu.Unlock()
	events, known := r.sessions[session]
	if !known {
		r.room(session)
	}
	if len(events) < MaxEvents {
		r.sessions[session] = append(events, e)
	}
}

// room makes place for a new session by dropping the oldest.
func (r *Recorder) room(session string) {
	delete(r.sessions, r.order[r.next])
	r.order[r.next] = session
	r.next = (r.next + 1) % MaxSessions
}

// Events is what is known of a session, oldest first.
func (r *Recorder) Events(session string) []Event {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.sessions[session]...)
}

// ServeHTTP answers GET /trace?session=… with the session's events as JSON.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	events := r.Events(req.URL.Query().Get("session"))
	if events == nil {
		events = []Event{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(events) // the reader went away: nothing to mend
}

// cut shortens a text to the limit, never inside a character.
func cut(s string) string {
	if len(s) <= MaxText {
		return s
	}
	n := MaxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
