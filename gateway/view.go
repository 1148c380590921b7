package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/edge"
	"mlango/gateway/health"
	"mlango/internal/dialect"
	"mlango/smpp"
)

// How often the binds are looked at: windows often, so that shares of time come out,
// the rest each second.
const (
	glanceEach = 50 * time.Millisecond
	lookEach   = time.Second
	mostDials  = 4096 // binds whose hops are counted, gone ones among them
)

// httpBind stands for an operator's calls over HTTP among binds; it is always open.
const (
	httpBind  = "http"
	stateOpen = "open"
)

// bindView is one bind as people and programs see it: GET /view, `gateway top`.
type bindView struct {
	Operator    string    `json:"operator"`
	Bind        string    `json:"bind"`
	Addr        string    `json:"addr"`
	Set         string    `json:"set"`
	Mode        string    `json:"mode"`
	State       string    `json:"state"` // waiting, binding, bound, unbinding; over HTTP: open
	Since       time.Time `json:"since"`
	LastError   string    `json:"last_error,omitempty"`
	Health      string    `json:"health"`
	Why         string    `json:"why"` // the health is so
	HealthSince time.Time `json:"health_since"`
	FailedShare float64   `json:"failed_share"`
	Window      int       `json:"window"`
	InFlight    int       `json:"in_flight"`
	Used        float64   `json:"window_used"` // share, of the last 10 s
	Full        float64   `json:"window_full"` // share of the time
	Waiting     int       `json:"waiting"`
	Rate        float64   `json:"per_second"`
	TripMS      float64   `json:"round_trip_ms"`
	UsualMS     float64   `json:"round_trip_usual_ms"`
	Sent        uint64    `json:"sent"`
	Received    uint64    `json:"received"`
	Throttled   uint64    `json:"throttled"`
	Refused     uint64    `json:"refused"`
	Unknown     uint64    `json:"unknown"`
	Lost        uint64    `json:"lost"`
	Enquired    float64   `json:"enquire_link_age_s"` // -1: none was answered yet
	Screens     uint64    `json:"screens"`
	Aborts      uint64    `json:"aborts"`
	Breaker     string    `json:"breaker,omitempty"`
	Throughput  string    `json:"throughput"` // what holds it down, in a sentence
	Limits      bool      `json:"limits"`     // and it does
}

// operatorView is one operator.
type operatorView struct {
	Operator    string    `json:"operator"`
	Health      string    `json:"health"`
	Why         string    `json:"why"`
	HealthSince time.Time `json:"health_since"`
}

// board is everything at one instant.
type board struct {
	Gateway   string         `json:"gateway"`
	At        time.Time      `json:"at"`
	Started   time.Time      `json:"started"`
	Version   int            `json:"operators_version"`
	Hops      int            `json:"hops_running"`
	HopRate   float64        `json:"hops_per_second"`
	Orders    int            `json:"orders_waiting"`
	OldestMS  int64          `json:"orders_oldest_ms"`
	SMS       int            `json:"sms_waiting"`
	Dead      int            `json:"sms_dead"`
	Degraded  []string       `json:"degraded"`
	Operators []operatorView `json:"operators"`
	Binds     []bindView     `json:"binds"`
}

// tend is what is remembered of a bind from look to look.
type tend struct {
	judge health.Judge
	meter health.Meter
	tried health.Counts // over HTTP, what its hops came to
	was   health.Counts // at the last look
	total health.Counts // of an operator: what all its binds came to, those that are gone too
}

// dials is what came by a bind.
type dials struct {
	screens, aborts uint64
	tried           health.Counts
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

// seen counts a hop for the bind it came by.
func (v *observer) seen(s edge.Seen) {
	if s.Operator == "" {
		return
	}
	name := s.Bind
	if name == "" {
		name = httpBind
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hops++
	d := v.dials[s.Operator+"/"+name]
	if d == nil {
		if len(v.dials) >= mostDials {
			clear(v.dials) // binds that come and go by the thousand
		}
		d = &dials{}
		v.dials[s.Operator+"/"+name] = d
	}
	d.tried.Done++
	switch {
	case s.Op == dialect.Abort:
		d.aborts++
	case s.Took > 0 && s.Refused != edge.RefusedSend && s.Refused != edge.RefusedGone:
		d.screens++ // that of a refusal is one too
	}
	if slices.Contains(tableHopFails, s.Refused) {
		d.tried.Failed++
	}
	if s.Took > 0 {
		d.tried.Trips++
		d.tried.Took += s.Took
	}
}

// tableHopFails are the words for hops that an HTTP operator's subscribers got
// nothing useful for.
var tableHopFails = []string{edge.RefusedFull, edge.RefusedLate, edge.RefusedLong, edge.RefusedFormat, edge.RefusedSource, edge.RefusedSend}

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
	case b.Up && b.Stalled:
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

func (b *bindView) opinion(o health.Opinion) {
	b.Health, b.Why, b.HealthSince, b.FailedShare, b.UsualMS = o.Verdict.String(), o.Why, o.Since, o.Failed, millis(o.Usual)
	if b.TripMS == 0 {
		b.TripMS = millis(o.Trip)
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

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

// http is an operator's calls as if they were a bind.
func (v *observer) http(now time.Time, o *Operator) bindView {
	t := v.of(o.Name + "/" + httpBind)
	out := bindView{Operator: o.Name, Bind: httpBind, Set: "ussd", Mode: "http", State: stateOpen, Breaker: "closed", Enquired: -1}
	if d := v.dials[o.Name+"/"+httpBind]; d != nil {
		t.tried, out.Screens, out.Aborts, out.Received = d.tried, d.screens, d.aborts, d.tried.Done
	}
	v.add(o.Name, t, t.tried)
	t.meter.Tick(health.Totals{Sent: t.tried.Trips, Took: t.tried.Took})
	flow := t.meter.Flow()
	out.Rate, out.TripMS = flow.Rate, millis(flow.Trip)
	out.Throughput = "it calls us: how much comes is its own"
	out.opinion(t.judge.Look(now, t.tried, ""))
	return out
}

// forget drops what is remembered of binds that are gone.
func (v *observer) forget(there []bindView) {
	for name := range v.binds {
		if !slices.ContainsFunc(there, func(b bindView) bool { return b.Operator+"/"+b.Bind == name }) {
			delete(v.binds, name)
		}
	}
}

// whole is what is remembered of an operator.
func (v *observer) whole(operator string) *tend {
	t := v.operators[operator]
	if t == nil {
		t = &tend{}
		v.operators[operator] = t
	}
	return t
}

// add makes what a bind came to since the last look part of its operator's.
func (v *observer) add(operator string, t *tend, sum health.Counts) {
	o := v.whole(operator)
	o.total = o.total.Add(sum.Since(t.was))
	t.was = sum
}

// operator judges all that goes by an operator together, and no better than the best
// bind of each of its sets.
func (v *observer) operator(now time.Time, o *Operator, all []bindView) operatorView {
	t := v.whole(o.Name)
	opinion := t.judge.Look(now, t.total, "")
	out := operatorView{Operator: o.Name, Health: opinion.Verdict.String(), Why: opinion.Why, HealthSince: opinion.Since}
	worst := opinion.Verdict
	for _, set := range []string{"ussd", "sms"} {
		var verdicts []health.Verdict
		var culprit *bindView
		for i := range all {
			if b := &all[i]; b.Operator == o.Name && (b.Set == set || b.Set == "both") {
				verdicts = append(verdicts, verdictOf(b.Health))
				if culprit == nil || verdictOf(b.Health) > verdictOf(culprit.Health) {
					culprit = b
				}
			}
		}
		if w := health.Worst(verdicts); w > max(worst, health.Good) {
			worst = w
			out.Health, out.Why, out.HealthSince = w.String(), culprit.Bind+" is "+culprit.Health+": "+culprit.Why, culprit.HealthSince
		}
	}
	return out
}

func verdictOf(word string) health.Verdict {
	for _, v := range []health.Verdict{health.Good, health.Degraded, health.Bad} {
		if v.String() == word {
			return v
		}
	}
	return health.Unproven
}
