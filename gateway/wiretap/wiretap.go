// Package wiretap keeps what crossed the wires for one subscriber, on demand and
// for a while: every PDU and HTTP call with that number, numbers masked, what was
// typed blanked where it may be a secret. It can be read as lines and as a capture
// for a dissector; both are made of the same masked octets, nothing else is kept.
package wiretap

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mlango/internal/msisdn"
)

// Limits of the room.
const (
	MaxTime     = time.Hour // of one trace
	DefaultTime = 5 * time.Minute
	MaxTraces   = 4       // that run or are kept; those that ended make room, the oldest first
	MaxPieces   = 5000    // PDUs and calls of one trace; then it is full
	MaxOctets   = 4 << 20 // of them together
	keptAfter   = 15 * time.Minute
	maxWaits    = 1024 // requests of one trace whose answers are awaited
	maxDialogs  = 64   // dialogues of one trace of which the last screen is known
	secretFor   = 2    // screens: the input to one that asks for a secret may be sent again behind the next
)

// Why a trace does not begin.
var (
	ErrNumber = errors.New("wiretap: not a subscriber's number")
	ErrTime   = errors.New("wiretap: a trace lasts from a second to an hour")
	ErrMany   = errors.New("wiretap: as many traces as there may be are running")
)

// piece is one PDU, or one HTTP message, as it is kept.
type piece struct {
	at             time.Time
	operator, bind string
	client, server netip.AddrPort
	byClient, in   bool // who said it; whether it came to us
	http           bool
	octets         []byte        // masked
	took           time.Duration // an answer: since its request
}

// Trace is one subscriber's.
type Trace struct {
	number string

	mu      sync.Mutex
	id      string
	from    time.Time
	until   time.Time
	pieces  []piece
	octets  int
	full    bool
	waits   map[wait]time.Time // requests without an answer: when they crossed
	screens map[string]screens // dialogues whose last screen left
}

// screens are the last ones of a dialogue.
type screens struct {
	secret int    // so many of the last two ask for a secret, or did before: what is typed next, or typed again, may be one
	plain  uint64 // which of the first inputs were typed at screens that did not
	typed  int    // inputs that are judged
}

// Wiretap holds the traces. The zero value has none, and costs a look at a pointer
// for each PDU.
type Wiretap struct {
	mu  sync.Mutex
	all []*Trace
	on  atomic.Pointer[[]*Trace] // those that take in; nil or empty: none
}

// Start begins a trace of a number (E.164 digits) for so long; its id is how it is
// asked for. A number that is traced already goes on under its old id.
func (w *Wiretap) Start(number string, length time.Duration, now time.Time) (id string, err error) {
	switch {
	case !msisdn.Valid(number):
		return "", ErrNumber
	case length < time.Second || length > MaxTime:
		return "", ErrTime
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep(now)
	for _, t := range w.all {
		if t.number == number && t.runs(now) {
			t.extend(now.Add(length))
			return t.id, nil
		}
	}
	if len(w.all) >= MaxTraces && !w.makeRoom(now) {
		return "", ErrMany
	}
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // it never fails
	t := &Trace{number: number, id: hex.EncodeToString(raw[:]), from: now, until: now.Add(length),
		waits: map[wait]time.Time{}, screens: map[string]screens{}}
	w.all = append(w.all, t)
	w.publish(now)
	return t.id, nil
}

// Stop ends a trace; what it holds is kept a while. false: there is none.
func (w *Wiretap) Stop(id string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.all {
		if t.id == id {
			t.end(now)
			w.publish(now)
			return true
		}
	}
	return false
}

// Get finds a trace that runs or is kept; nil when there is none.
func (w *Wiretap) Get(id string, now time.Time) *Trace {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep(now)
	for _, t := range w.all {
		if t.id == id {
			return t
		}
	}
	return nil
}

// makeRoom forgets the trace that ended first; false when all run. w.mu is held.
func (w *Wiretap) makeRoom(now time.Time) bool {
	first := -1
	for i, t := range w.all {
		if !t.runs(now) && (first < 0 || t.ends().Before(w.all[first].ends())) {
			first = i
		}
	}
	if first < 0 {
		return false
	}
	w.all = slices.Delete(w.all, first, first+1)
	return true
}

// sweep forgets what was kept long enough; w.mu is held.
func (w *Wiretap) sweep(now time.Time) {
	w.all = slices.DeleteFunc(w.all, func(t *Trace) bool { return now.Sub(t.ends()) > keptAfter })
	w.publish(now)
}

// publish is who takes in from now on; w.mu is held.
func (w *Wiretap) publish(now time.Time) {
	var on []*Trace
	for _, t := range w.all {
		if t.runs(now) {
			on = append(on, t)
		}
	}
	w.on.Store(&on)
}

// Idle tells that nothing is traced. A nil Wiretap is.
func (w *Wiretap) Idle() bool {
	if w == nil {
		return true
	}
	on := w.on.Load()
	return on == nil || len(*on) == 0
}

// each calls f for every trace that takes in. One whose time is up costs a look at
// the clock until somebody asks for it.
func (w *Wiretap) each(f func(t *Trace, now time.Time)) {
	if w.Idle() {
		return
	}
	now := time.Now()
	for _, t := range *w.on.Load() {
		if t.runs(now) {
			f(t, now)
		}
	}
}

func (t *Trace) runs(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return now.Before(t.until)
}

func (t *Trace) ends() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until
}

func (t *Trace) extend(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.After(t.until) {
		t.until = until
	}
}

func (t *Trace) end(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.until) {
		t.until = now
	}
}

// keep adds a piece, whose octets are masked, unless the trace is full; t.mu is
// held.
func (t *Trace) keep(p piece) {
	if t.full = t.full || len(t.pieces) >= MaxPieces || t.octets+len(p.octets) > MaxOctets; t.full {
		return
	}
	t.octets += len(p.octets)
	t.pieces = append(t.pieces, p)
}

// Screen hears of every screen before it leaves: whether it asks for a secret, and
// whether it ends the dialogue. What is typed next is blanked where it does, and
// where no screen is known.
func (w *Wiretap) Screen(number, session string, secret, end bool) {
	w.each(func(t *Trace, _ time.Time) {
		if t.number != number {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.screen(session, secret, end)
	})
}

// screen notes the one that leaves now; t.mu is held.
func (t *Trace) screen(session string, secret, end bool) {
	if _, known := t.screens[session]; end || !known && len(t.screens) >= maxDialogs {
		delete(t.screens, session)
		return
	}
	s := t.screens[session]
	if s.secret = max(s.secret-1, 0); secret {
		s.secret = secretFor
	}
	t.screens[session] = s
}

// hushed tells whether what the subscriber types now may be a secret: a handset has
// one dialogue, but networks mix them up, so all that are open must allow it; t.mu
// is held.
func (t *Trace) hushed() bool {
	for _, s := range t.screens {
		if s.secret > 0 {
			return true
		}
	}
	return len(t.screens) == 0
}
