package menus

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// Limits of a Recorder: about a megabyte.
const (
	MaxRecorded     = 500 // sessions, the newest
	MaxRecordedHops = 40  // events of a session
)

// Recorder keeps the newest sessions of a gateway, masked, for Replay. Any number
// of sessions may note their events at once. A nil Recorder keeps nothing.
type Recorder struct {
	cat      Catalogue
	mu       sync.Mutex
	sessions map[uint32]*strings.Builder
	hops     map[uint32]int
	order    []uint32 // oldest first
}

// NewRecorder makes an empty one.
func NewRecorder(cat Catalogue) *Recorder {
	return &Recorder{cat: cat, sessions: map[uint32]*strings.Builder{}, hops: map[uint32]int{}}
}

// Note keeps an event that a session is about to step by; session is a number
// drawn for it, that tells nobody who it is.
func (r *Recorder) Note(b *Bundle, session uint32, st *State, ev Event, facts Facts) {
	if r == nil {
		return
	}
	command := b.Masked(r.cat, st, ev)
	r.mu.Lock()
	defer r.mu.Unlock()
	if ev.Kind == EventBegin {
		r.begin(session, fmt.Sprintf("# %s %.6x\n%s", b.name, b.hash, facts.masked()))
	}
	if out := r.sessions[session]; out != nil && r.hops[session] < MaxRecordedHops {
		r.hops[session]++
		out.WriteString(command + "\n\n")
	}
}

// begin makes place for a session.
func (r *Recorder) begin(session uint32, subscriber string) {
	if r.sessions[session] == nil {
		r.order = append(r.order, session)
	}
	if len(r.order) > MaxRecorded {
		delete(r.sessions, r.order[0])
		delete(r.hops, r.order[0])
		r.order = r.order[1:]
	}
	r.sessions[session], r.hops[session] = &strings.Builder{}, 0
	r.sessions[session].WriteString(subscriber)
}

// masked is what is known of a subscriber as a transcript's command, without who
// it is.
func (f *Facts) masked() string {
	out := "subscriber"
	for _, one := range []struct {
		name string
		is   bool
	}{{"known", f.Known}, {"locked", f.Locked}, {"no_pin", f.NoPIN}, {"frozen", f.Frozen}, {"agent", f.Agent}, {"till", f.Till}, {"delayed", f.Delayed}, {"unseen", f.Unseen}} {
		if one.is {
			out += " " + one.name
		}
	}
	return fmt.Sprintf("%s language=%s msisdn=254722000001 today=%s septets=%d ucs2=%d\n", out, f.Language, appendDate(nil, f.Today), f.Septets, f.UCS2)
}

// WriteTo writes the sessions, oldest first, as Replay reads them.
func (r *Recorder) WriteTo(w io.Writer) (n int64, err error) {
	r.mu.Lock()
	all := make([]string, len(r.order))
	for i, session := range r.order {
		all[i] = r.sessions[session].String()
	}
	r.mu.Unlock()
	for _, one := range all {
		wrote, err := io.WriteString(w, one)
		if n += int64(wrote); err != nil {
			return n, fmt.Errorf("menus: write the recording: %w", err)
		}
	}
	return n, nil
}
