package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"mlango/internal/msisdn"
	"mlango/internal/trace"
)

// Bounds of asking the gateway for its own trace.
const (
	maxTraceBody  = 1 << 20
	tracePatience = time.Second
)

// tableOp names a hop in traces.
var tableOp = map[hopOp]string{opBegin: "begin", opInput: "input", opAbort: "abort", opNotified: "notified"}

// traceName is the name under which both sides record a dialogue.
func (o *Operator) traceName(number, session string) string {
	return trace.Session(o.cfg.Name, number, session)
}

// traceHop notes a hop that leaves, never a PIN.
func (o *Operator) traceHop(p *hop) {
	if o.trace == nil {
		return
	}
	text := p.text
	if p.hidden {
		text = "****"
	}
	o.trace.Add(o.traceName(p.msisdn, p.session), o.wire(),
		fmt.Sprintf("%s %s, unit %d: %q", tableOp[p.op], msisdn.Mask(p.msisdn), p.unit, text))
}

// traceScreen notes a screen that is shown. The caller holds h.mu.
func (o *Operator) traceScreen(h *handset, a answer) {
	if o.trace == nil {
		return
	}
	what := "screen"
	if a.end {
		what = "last screen"
	}
	o.trace.Add(o.traceName(h.msisdn, h.dial.session), o.wire(), fmt.Sprintf("%s: %q", what, a.text))
}

// wire says what the hops travel in.
func (o *Operator) wire() string {
	if o.cfg.Aggregator != "" {
		return "http"
	}
	return "pdu"
}

// events joins what we saw with what the gateway saw, in order of time.
func (o *Operator) events(ctx context.Context, session string) []trace.Event {
	all := append([]trace.Event{}, o.trace.Events(session)...)
	all = append(all, o.gatewayEvents(ctx, session)...)
	slices.SortStableFunc(all, func(a, b trace.Event) int { return a.At.Compare(b.At) })
	return all
}

// gatewayEvents asks the gateway's admin address; a gateway that is down has
// nothing to add.
func (o *Operator) gatewayEvents(ctx context.Context, session string) []trace.Event {
	if o.cfg.GatewayTrace == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tracePatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.cfg.GatewayTrace+"?session="+url.QueryEscape(session), nil)
	if err != nil {
		return nil
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var events []trace.Event
	_ = json.NewDecoder(io.LimitReader(resp.Body, maxTraceBody)).Decode(&events)
	return events
}
