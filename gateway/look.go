package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/health"
	"mlango/gateway/incident"
	"mlango/internal/admin"
)

// states are all binds: those we make and those that are made to us.
func (g *gateway) states() []binds.BindState {
	return append(g.pool.State(), g.edge.Inbound()...)
}

// watch looks at binds, orders and SMS until ctx ends: it judges, makes metrics of
// what is only a state, and takes down what changed.
func (g *gateway) watch(ctx context.Context) error {
	m := g.newBindMetrics()
	glance, look := time.NewTicker(glanceEach), time.NewTicker(lookEach)
	defer glance.Stop()
	defer look.Stop()
	g.note("gateway", fmt.Sprintf("%s starts, operators version %d", g.cfg.Name, g.operators.number()), false)
	for {
		select {
		case <-ctx.Done():
			g.note("gateway", "it stops", false)
			return nil
		case <-glance.C:
			g.observer.glance(g.states())
		case now := <-look.C:
			was := g.observer.board()
			next := g.look(now)
			m.set(was, next)
			g.changes(was, next)
		}
	}
}

// look makes the next board.
func (g *gateway) look(now time.Time) board {
	b := board{
		Gateway: g.cfg.Name, At: now, Started: g.started, Version: g.operators.number(), Hops: g.edge.Running(), Orders: g.orders.Depth(),
		OldestMS: g.orders.Oldest().Milliseconds(), SMS: g.confirm.Waiting(), Dead: g.confirm.DeadLetters(),
	}
	b.Binds, b.Operators = g.observer.look(now, g.config(), g.states())
	b.Degraded = []string{}
	if g.ledger.Open() {
		b.Degraded = append(b.Degraded, ledgerAway)
	}
	if g.degraded != nil {
		b.Degraded = append(b.Degraded, g.degraded()...)
	}
	g.observer.keep(&b)
	return b
}

// keep makes a board the newest one.
func (v *observer) keep(b *board) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if seconds := b.At.Sub(v.last.At).Seconds(); !v.last.At.IsZero() && seconds > 0 {
		b.HopRate = float64(v.hops-v.hopsWas) / seconds
	}
	v.hopsWas = v.hops
	v.last = *b
}

// board is the newest one.
func (v *observer) board() board {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// bindMetrics are the figures of a bind by name, and of an operator.
type bindMetrics struct {
	binds     []bindMetric
	operators admin.Gauge
}

// bindMetric is one of them.
type bindMetric struct {
	gauge admin.Gauge
	value func(b *bindView) float64
}

func (g *gateway) newBindMetrics() *bindMetrics {
	m := &bindMetrics{operators: g.admin.Gauge("mlango_operator_health", "0 unproven, 1 good, 2 degraded, 3 bad.", "operator")}
	add := func(name, help string, value func(b *bindView) float64) {
		m.binds = append(m.binds, bindMetric{g.admin.Gauge("mlango_bind_"+name, help, "operator", "bind"), value})
	}
	add("up", "1 while the bind is up.", func(b *bindView) float64 { return number(b.State == string(binds.Bound) || b.State == stateOpen) })
	add("health", "0 unproven, 1 good, 2 degraded, 3 bad: by errors and round trip.", func(b *bindView) float64 { return float64(verdictOf(b.Health)) })
	add("failed_share", "Share of the messages of the last 30 s that failed.", func(b *bindView) float64 { return b.FailedShare })
	add("window", "Messages that may be in flight.", func(b *bindView) float64 { return float64(b.Window) })
	add("in_flight", "Messages without an answer.", func(b *bindView) float64 { return float64(b.InFlight) })
	add("waiting", "Messages that wait for a place in the window.", func(b *bindView) float64 { return float64(b.Waiting) })
	add("window_used", "Mean share of the window in use, of the last 10 s.", func(b *bindView) float64 { return b.Used })
	add("window_full", "Share of the time without a place in the window, of the last 10 s.", func(b *bindView) float64 { return b.Full })
	add("per_second", "Messages a second, of the last 10 s.", func(b *bindView) float64 { return b.Rate })
	add("round_trip_seconds", "Mean time from a message to its answer, of the last 10 s.", func(b *bindView) float64 { return b.TripMS / 1000 })
	add("round_trip_usual_seconds", "What it usually is; 0 while not known.", func(b *bindView) float64 { return b.UsualMS / 1000 })
	add("sent", "Messages sent so far.", func(b *bindView) float64 { return float64(b.Sent) })
	add("received", "Messages received so far.", func(b *bindView) float64 { return float64(b.Received) })
	add("throttled", "Answers THROTTLED or queue full so far.", func(b *bindView) float64 { return float64(b.Throttled) })
	add("refused", "Answers that were no ESME_ROK so far, throttled ones among them.", func(b *bindView) float64 { return float64(b.Refused) })
	add("unknown", "Messages without an answer in time so far.", func(b *bindView) float64 { return float64(b.Unknown) })
	add("lost", "Connections lost so far.", func(b *bindView) float64 { return float64(b.Lost) })
	add("enquire_link_age_seconds", "Since an enquire_link was last answered, by either side; -1 when none was.", func(b *bindView) float64 { return b.Enquired })
	add("screens", "Hops by this bind that were answered by a screen so far.", func(b *bindView) float64 { return float64(b.Screens) })
	add("aborts", "Dialogues that the other side aborted so far.", func(b *bindView) float64 { return float64(b.Aborts) })
	add("breaker_open", "1 while nothing is sent because it answers with errors only.", func(b *bindView) float64 { return number(b.Breaker == "open") })
	return m
}

// set writes the newest figures and forgets those of binds that are gone.
func (m *bindMetrics) set(was, next board) {
	for i := range next.Binds {
		b := &next.Binds[i]
		for _, it := range m.binds {
			it.gauge.Set(it.value(b), b.Operator, b.Bind)
		}
	}
	for i := range was.Binds {
		if next.bind(was.Binds[i].name()) == nil {
			for _, it := range m.binds {
				it.gauge.Forget(was.Binds[i].Operator, was.Binds[i].Bind)
			}
		}
	}
	for i := range next.Operators {
		m.operators.Set(float64(verdictOf(next.Operators[i].Health)), next.Operators[i].Operator)
	}
	for i := range was.Operators {
		if next.operator(was.Operators[i].Operator) == nil {
			m.operators.Forget(was.Operators[i].Operator)
		}
	}
}

func (b *bindView) name() string { return b.Operator + "/" + b.Bind }

func (b *board) bind(name string) *bindView {
	if i := slices.IndexFunc(b.Binds, func(it bindView) bool { return it.name() == name }); i >= 0 {
		return &b.Binds[i]
	}
	return nil
}

func (b *board) operator(name string) *operatorView {
	if i := slices.IndexFunc(b.Operators, func(it operatorView) bool { return it.Operator == name }); i >= 0 {
		return &b.Operators[i]
	}
	return nil
}

// Ages of the oldest order that are worth a line in the record.
var tableAges = []time.Duration{10 * time.Second, 30 * time.Second, 60 * time.Second}

// step is how many of them an age has passed.
func step(oldest int64) (n int) {
	for _, age := range tableAges {
		if oldest >= age.Milliseconds() {
			n++
		}
	}
	return n
}

// changed is what changed state from one board to the next.
func changed(was, next board) (out []incident.Change) {
	say := func(what, text string, bad bool) {
		out = append(out, incident.Change{At: next.At, What: what, Text: text, Bad: bad})
	}
	for i := range next.Binds {
		b := &next.Binds[i]
		before := was.bind(b.name())
		if before == nil {
			before = &bindView{State: string(binds.Waiting), Health: health.Unproven.String(), Breaker: "closed"}
		}
		b.changed(before, func(text string, bad bool) { say("bind "+b.name(), text, bad) })
	}
	for i := range was.Binds {
		if b := &was.Binds[i]; next.bind(b.name()) == nil && b.State == string(binds.Bound) {
			say("bind "+b.name(), "gone", false)
		}
	}
	for i := range next.Operators {
		o := &next.Operators[i]
		before := was.operator(o.Operator)
		if before == nil {
			before = &operatorView{Health: health.Unproven.String()}
		}
		if before.Health != o.Health {
			say("operator "+o.Operator, before.Health+" → "+o.Health+": "+o.Why, verdictOf(o.Health) > max(verdictOf(before.Health), health.Good))
		}
	}
	for _, d := range next.Degraded {
		if !slices.Contains(was.Degraded, d) {
			say("gateway", d, true)
		}
	}
	for _, d := range was.Degraded {
		if !slices.Contains(next.Degraded, d) {
			say("gateway", "over: "+d, false)
		}
	}
	if a, b := step(was.OldestMS), step(next.OldestMS); a != b {
		say("orders", fmt.Sprintf("the oldest of %d waits %s", next.Orders, health.Age(time.Duration(next.OldestMS)*time.Millisecond)), b > a)
	}
	if next.Dead > was.Dead && !was.At.IsZero() {
		say("sms", fmt.Sprintf("%d given up, %d so far", next.Dead-was.Dead, next.Dead), true)
	}
	return out
}

// changed says what changed of a bind.
func (b *bindView) changed(was *bindView, say func(text string, bad bool)) {
	up, wasUp := b.State == string(binds.Bound), was.State == string(binds.Bound)
	switch {
	case up && (!wasUp || !b.Since.Equal(was.Since)):
		say("up at "+b.Addr, false)
	case wasUp && !up:
		say("down: "+b.LastError, true)
	}
	if b.Breaker != was.Breaker && b.Breaker != "half-open" && was.Breaker != "half-open" {
		say("breaker "+b.Breaker, b.Breaker == "open")
	}
	if b.Health != was.Health {
		say(was.Health+" → "+b.Health+": "+b.Why, verdictOf(b.Health) > max(verdictOf(was.Health), health.Good))
	}
}

// changes takes down what changed.
func (g *gateway) changes(was, next board) {
	for _, c := range changed(was, next) {
		g.record(c)
	}
}

// note takes one change down, now.
func (g *gateway) note(what, text string, bad bool) {
	g.record(incident.Change{At: time.Now(), What: what, Text: text, Bad: bad})
}

// record takes a change down. A full disk stops no dial.
func (g *gateway) record(c incident.Change) {
	if err := g.incidents.Note(c); err != nil {
		g.log.Warn("a change was not taken down", "what", c.What, "err", err)
	}
}
