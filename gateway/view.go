package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/health"
	"mlango/smpp"
)

// How often the binds are looked at: windows often, so that shares of time come out,
// the rest each second.
const (
	glanceEach = 50 * time.Millisecond
	lookEach   = time.Second
	stuck      = 3    // messages in flight that say something when none of them is answered
	mostDials  = 4096 // binds whose hops are counted, gone ones among them
)

// httpBind stands for an operator's calls over HTTP among binds; it is always open.
const (
	httpBind  = "http"
	stateOpen = "open"
)

// tend is what is remembered of a bind from look to look.
type tend struct {
	judge health.Judge
	meter health.Meter
	tried health.Counts // over HTTP, what its hops came to
	was   health.Counts // at the last look
	total health.Counts // of an operator: what all its binds came to, those that are gone too
}

// observer looks at every bind and makes opinions of what it sees.
type observer struct {
	mu        sync.Mutex
	binds     map[string]*tend
	operators map[string]*tend
	hops      uint64
	hopsWas   uint64
	dials     map[string]*dials
	last      board
}

func newObserver() *observer {
	return &observer{binds: map[string]*tend{}, operators: map[string]*tend{}, dials: map[string]*dials{}}
}

// glance looks at the windows.
func (v *observer) glance(states []binds.BindState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range states {
		b := &states[i]
		if !b.Up || b.Window == 0 {
			continue
		}
		v.of(b.Operator+"/"+b.Bind).meter.Look(full(b), float64(b.InFlight)/float64(b.Window))
	}
}

// full tells whether a message finds no place in the window: SMS may not have all of
// one that is USSD's too.
func full(b *binds.BindState) bool {
	waits := b.WaitingUSSD+b.WaitingSMS > 0
	return b.InFlight >= b.Window || waits && b.InFlight > 0 && b.InFlight >= b.Window-(b.Window+9)/10
}

func (v *observer) of(name string) *tend {
	t := v.binds[name]
	if t == nil {
		t = &tend{}
		v.binds[name] = t
	}
	return t
}

// counts is what a bind is judged by: a message that only its own recipient's number
// made fail says nothing of the bind.
func counts(b *binds.BindState) health.Counts {
	c := health.Counts{Done: b.Sent, Failed: b.Unknown, Trips: b.Sent - min(b.Unknown, b.Sent), Took: b.Took}
	for status, n := range b.Refused {
		if status != smpp.StatusInvDstAddr {
			c.Failed += n
		}
	}
	return c
}

// down is why nothing can be sent by a bind; empty while something can.
func down(b *binds.BindState) string {
	switch {
	case b.Breaker == "open":
		return "it answers with errors only, and is asked again soon"
	case b.Up && b.Stalled && b.InFlight >= min(stuck, b.Window): // one slow answer is none
		return "nothing that is in flight gets an answer"
	case b.Up:
		return ""
	case b.LastError != "":
		return b.LastError
	}
	return "not bound yet"
}

// look judges every bind and operator.
func (v *observer) look(now time.Time, cfg *Config, states []binds.BindState) (out []bindView, operators []operatorView) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range states {
		out = append(out, v.bind(now, cfg, &states[i]))
	}
	for i := range cfg.Operators {
		if o := &cfg.Operators[i]; o.USSD.HTTP != "" {
			out = append(out, v.http(now, o))
		}
	}
	v.forget(out)
	slices.SortStableFunc(out, func(a, b bindView) int { return cfg.place(a.Operator) - cfg.place(b.Operator) })
	for i := range cfg.Operators {
		operators = append(operators, v.operator(now, &cfg.Operators[i], out))
	}
	return out, operators
}

// place is where an operator stands in the configuration.
func (c *Config) place(name string) int {
	return slices.IndexFunc(c.Operators, func(o Operator) bool { return o.Name == name })
}

func (v *observer) bind(now time.Time, cfg *Config, b *binds.BindState) bindView {
	t := v.of(b.Operator + "/" + b.Bind)
	t.meter.Tick(health.Totals{Sent: b.Sent, Unknown: b.Unknown, Throttled: b.Throttled, Took: b.Took})
	sum := counts(b)
	v.add(b.Operator, t, sum)
	flow, o := t.meter.Flow(), t.judge.Look(now, sum, down(b))
	flow.Down, flow.Window, flow.PerSecond, flow.Waiting = down(b), b.Window, cfg.perSecond(b), b.WaitingUSSD+b.WaitingSMS
	out := bindView{
		Operator: b.Operator, Bind: b.Bind, Addr: b.Addr, Set: string(b.Set), Mode: b.Mode, State: string(b.Phase), Since: b.Since,
		LastError: b.LastError, Window: b.Window, InFlight: b.InFlight, Used: flow.Used, Full: flow.Full, Waiting: flow.Waiting,
		Rate: flow.Rate, TripMS: millis(flow.Trip), Sent: b.Sent, Received: b.Received, Throttled: b.Throttled, Unknown: b.Unknown,
		Lost: b.Lost, Enquired: -1, Breaker: b.Breaker, Throughput: flow.Why(), Limits: flow.Limits(),
	}
	for _, n := range b.Refused {
		out.Refused += n
	}
	if !b.Enquired.IsZero() {
		out.Enquired = max(now.Sub(b.Enquired), 0).Seconds()
	}
	if d := v.dials[b.Operator+"/"+b.Bind]; d != nil {
		out.Screens, out.Aborts = d.screens, d.aborts
	}
	out.opinion(o)
	return out
}

// perSecond is the limit that the file sets a bind: binds are named set-entry.copy.
func (c *Config) perSecond(b *binds.BindState) int {
	at := c.place(b.Operator)
	if at < 0 {
		return 0
	}
	for i := range c.Operators[at].Binds {
		if it := &c.Operators[at].Binds[i]; strings.HasPrefix(b.Bind, fmt.Sprintf("%s-%d.", it.Set, i+1)) {
			return it.PerSecond
		}
	}
	return 0
}

// forget drops what is remembered of binds that are gone.
func (v *observer) forget(there []bindView) {
	for name := range v.binds {
		if !slices.ContainsFunc(there, func(b bindView) bool { return b.Operator+"/"+b.Bind == name }) {
			delete(v.binds, name)
		}
	}
}
