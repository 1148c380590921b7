package binds

import (
	"maps"
	"sync"
	"time"

	"mlango/smpp"
)

// Phase is where a bind is in its life.
type Phase string

// The phases of a bind.
const (
	Waiting   Phase = "waiting" // down, before the next attempt
	Binding   Phase = "binding" // connecting, or the bind is not answered yet
	Bound     Phase = "bound"
	Unbinding Phase = "unbinding" // we stop: answers come in, nothing new is sent
)

// BindState is one connection as metrics, `gateway top` and `gateway doctor` see
// it. The counters began with the process.
type BindState struct {
	Operator, Bind, Addr    string
	Set                     Set
	Mode                    string // trx, tx or rx; http where an aggregator's API stands in place of a bind
	Standby                 bool
	Phase                   Phase
	Up                      bool      // Phase is Bound
	Since                   time.Time // of this phase
	LastError               string
	Window, InFlight        int
	WaitingUSSD, WaitingSMS int           // senders that wait for a place in the window
	Resting                 time.Duration // SMS rest so long yet, after a throttled answer
	Stalled                 bool          // what is in flight gets no answers
	Breaker                 string        // closed, half-open, open
	Enquired                time.Time     // an enquire_link was last answered, by either side; zero: never on this link
	RoundTrip               time.Duration // from a submit to its answer: a mean that forgets
	Took                    time.Duration // all answers together; there are Sent - Unknown of them
	Congestion              uint8         // what an SMPP 5.0 peer says of its load, in percent
	Sent, Received          uint64
	Throttled               uint64                 // answers ESME_RTHROTTLED and ESME_RMSGQFUL
	Refused                 map[smpp.Status]uint64 // every answer but ESME_ROK, those too
	Unknown                 uint64                 // sent without an answer
	Lost                    uint64                 // connections
}

// State is a snapshot of every bind, in the order of the configuration.
func (p *Pool) State() []BindState {
	links := p.table.Load().links
	all := make([]BindState, len(links))
	for i, l := range links {
		all[i] = l.state()
	}
	return all
}

func (l *link) state() BindState {
	b := BindState{
		Operator: l.operator, Bind: l.name, Addr: l.conf.Addr, Set: l.set, Mode: l.conf.Mode.String(), Standby: l.standby,
		Window: l.window, Stalled: l.stalled(), Breaker: l.broken(), Received: l.received.Load(), Lost: l.lost.Load(),
	}
	if l.api != nil {
		b.Mode = "http"
	}
	b.InFlight, b.WaitingUSSD, b.WaitingSMS, b.Resting = l.gate.counts()
	l.tally.Into(&b)
	l.mu.Lock()
	defer l.mu.Unlock()
	b.Phase, b.Up, b.Since, b.LastError = l.phase, l.phase == Bound, l.since, l.lastErr
	if s, ok := l.session.(*smpp.Session); ok {
		b.Enquired, b.Congestion = s.Enquired(), s.Congestion()
	}
	return b
}

// Tally counts what became of what is sent over a bind; the zero value is ready.
type Tally struct {
	mu                       sync.Mutex
	sent, throttled, unknown uint64
	refused                  map[smpp.Status]uint64
	roundTrip                time.Duration
	took                     time.Duration
	answered                 time.Time // the last answer
}

// Answer counts an answer that took so long.
func (t *Tally) Answer(status smpp.Status, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	t.took += took
	t.answered = time.Now()
	if t.roundTrip == 0 {
		t.roundTrip = took
	}
	t.roundTrip += (took - t.roundTrip) / roundTrips
	if status == smpp.StatusOK {
		return
	}
	if throttled(status) {
		t.throttled++
	}
	if t.refused == nil {
		t.refused = map[smpp.Status]uint64{}
	}
	if _, known := t.refused[status]; !known && len(t.refused) >= maxStatuses {
		status = smpp.StatusUnknownErr
	}
	t.refused[status]++
}

// Silence counts what was sent without an answer.
func (t *Tally) Silence() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	t.unknown++
}

// last is when the last answer came, and how long answers take.
func (t *Tally) last() (answered time.Time, roundTrip time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answered, t.roundTrip
}

// Into writes the counts into a bind's state.
func (t *Tally) Into(b *BindState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b.Sent, b.Throttled, b.Unknown, b.RoundTrip, b.Refused = t.sent, t.throttled, t.unknown, t.roundTrip, maps.Clone(t.refused)
	b.Took = t.took
}
