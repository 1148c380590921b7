package main

import (
	"fmt"
	"slices"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/health"
	"mlango/gateway/incident"
)

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
