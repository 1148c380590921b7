package main

import (
	"slices"
	"time"

	"mlango/gateway/edge"
	"mlango/gateway/health"
	"mlango/internal/dialect"
)

// dials is what came by a bind.
type dials struct {
	screens, aborts uint64
	tried           health.Counts
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
