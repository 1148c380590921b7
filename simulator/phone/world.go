package phone

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// How a program behind the network stands.
const (
	stateUp       = "up"
	stateDown     = "down"
	stateStarting = "starting"
)

// tableTarget is what may be killed, in the order in which it is shown.
var tableTarget = []string{"gateway", "ledgerd"}

// programJSON is one program as the API tells it.
type programJSON struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	BackMS int64  `json:"back_ms,omitempty"` // until it is started again; 0: not by itself
}

// faultStateJSON is what the network does wrong now.
type faultStateJSON struct {
	Kind   string `json:"kind"`
	BackMS int64  `json:"back_ms,omitempty"`
}

// stateJSON is how everything stands.
type stateJSON struct {
	Programs []programJSON   `json:"programs"`
	Network  *faultStateJSON `json:"network"` // null: it is a good one
	Away     []string        `json:"away"`    // phones without signal
}

// spell is something broken for a while. turn grows with each change, so that an old
// timer does not end a newer spell.
type spell struct {
	state string
	until time.Time // zero: until somebody mends it
	turn  int
}

func (s *spell) set(state string, lasts time.Duration) (turn int) {
	s.turn++
	s.state, s.until = state, time.Time{}
	if lasts > 0 {
		s.until = time.Now().Add(lasts)
	}
	return s.turn
}

func (s *spell) leftMS() int64 {
	if s.until.IsZero() {
		return 0
	}
	return max(1, time.Until(s.until).Milliseconds())
}

// world breaks and mends what is behind the phones, and knows what is broken.
type world struct {
	network Network
	keeper  Keeper
	hub     *Hub

	telling sync.Mutex // held from looking at the state to telling it

	mu       sync.Mutex // guards what follows
	programs map[string]*spell
	wire     spell             // of the network; its state is the kind of fault
	away     map[string]*spell // by number: phones that lost the network once; its state tells whether they are still away
}

func newWorld(n Network, k Keeper, h *Hub) *world {
	w := &world{network: n, keeper: k, hub: h, programs: map[string]*spell{}, away: map[string]*spell{}}
	if k != nil {
		for _, name := range tableTarget {
			w.programs[name] = &spell{state: stateUp}
		}
	}
	return w
}

// state is a snapshot.
func (w *world) state() stateJSON {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := stateJSON{Programs: []programJSON{}, Away: []string{}}
	for _, name := range tableTarget {
		if p := w.programs[name]; p != nil {
			s.Programs = append(s.Programs, programJSON{Name: name, State: p.state, BackMS: p.leftMS()})
		}
	}
	if w.wire.state != "" {
		s.Network = &faultStateJSON{Kind: w.wire.state, BackMS: w.wire.leftMS()}
	}
	for number, a := range w.away {
		if a.state == stateDown {
			s.Away = append(s.Away, number)
		}
	}
	slices.Sort(s.Away)
	return s
}

// changed tells every page. The last word is the latest state's.
func (w *world) changed() {
	w.telling.Lock()
	defer w.telling.Unlock()
	w.hub.tell("state", w.state())
}

// listen opens a page's stream, and how everything stood when it began; false when
// there are too many.
func (w *world) listen() (c chan []byte, began stateJSON, ok bool) {
	w.telling.Lock()
	defer w.telling.Unlock()
	c, ok = w.hub.join()
	return c, w.state(), ok
}

// kill takes a program away; after a while that is not zero it is started again.
func (w *world) kill(ctx context.Context, target string, lasts time.Duration) error {
	if err := w.keeper.Kill(ctx, target); err != nil {
		return err
	}
	w.mu.Lock()
	p := w.programs[target]
	turn := p.set(stateDown, lasts)
	w.mu.Unlock()
	w.changed()
	if lasts > 0 {
		time.AfterFunc(lasts, func() { w.revive(target, turn) })
	}
	return nil
}

// revive starts a killed program, unless somebody did or killed it again.
func (w *world) revive(target string, turn int) {
	w.mu.Lock()
	stale := w.programs[target].turn != turn
	w.mu.Unlock()
	if stale {
		return
	}
	if err := w.restart(context.Background(), target); err != nil {
		slog.Error("start again after a fault", "target", target, "err", err)
	}
}

// restart starts a program and returns once it works. Who asked may leave meanwhile.
func (w *world) restart(ctx context.Context, target string) error {
	w.mu.Lock()
	p := w.programs[target]
	turn := p.set(stateStarting, 0)
	w.mu.Unlock()
	w.changed()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startPatience)
	defer cancel()
	err := w.keeper.Restart(ctx, target)
	w.mu.Lock()
	if p.turn == turn {
		p.state = stateUp
		if err != nil {
			p.state = stateDown
		}
	}
	w.mu.Unlock()
	w.changed()
	return err
}

// misbehave sets the network's fault of a kind; with none it is a good one again.
func (w *world) misbehave(kind string, f operator.Faults, lasts time.Duration) {
	w.mu.Lock()
	turn := w.wire.set(kind, lasts)
	if lasts > 0 {
		w.network.SetFaultsFor(f, lasts)
		time.AfterFunc(lasts, func() { w.behave(turn) })
	} else {
		w.network.SetFaults(f)
	}
	w.mu.Unlock()
	w.changed()
}

// behave notes that a fault ended by itself.
func (w *world) behave(turn int) {
	w.mu.Lock()
	if w.wire.turn == turn {
		w.wire.set("", 0)
	}
	w.mu.Unlock()
	w.changed()
}

// reach takes a phone out of reach for a while, or for good; or brings it back.
func (w *world) reach(number string, on bool, lasts time.Duration) error {
	if err := w.network.SetSignal(number, on); err != nil {
		return err
	}
	w.mu.Lock()
	a := w.away[number]
	if a == nil {
		a = &spell{}
		w.away[number] = a
	}
	if on {
		a.set(stateUp, 0)
	} else if turn := a.set(stateDown, lasts); lasts > 0 {
		time.AfterFunc(lasts, func() { w.returned(number, turn) })
	}
	w.mu.Unlock()
	w.changed()
	return nil
}

// returned brings a phone back whose while is over, unless somebody did, or took it away
// again.
func (w *world) returned(number string, turn int) {
	w.mu.Lock()
	stale := w.away[number].turn != turn
	w.mu.Unlock()
	if !stale {
		_ = w.reach(number, true, 0) // the number is good
	}
}
