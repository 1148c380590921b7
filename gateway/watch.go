package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"mlango/gateway/edge"
	"mlango/internal/admin"
	"mlango/menus"
)

// watchEach is how often what is only a state becomes a metric.
const watchEach = time.Second

// hopMetrics counts what the doors see.
func (g *gateway) hopMetrics() func(edge.Seen) {
	hops := g.admin.Counter("mlango_hops_total", "Hops that came in.", "operator", "door")
	refused := g.admin.Counter("mlango_refused_total", "Hops that no menu answered, by word.", "operator", "door", "word")
	screens := g.admin.Histogram("mlango_screen_seconds", "From a hop's arrival to its screen.", "operator", "door")
	return func(s edge.Seen) {
		hops.Add(1, s.Operator, s.Door)
		if s.Refused != "" {
			refused.Add(1, s.Operator, s.Door, s.Refused)
		}
		if s.Took > 0 {
			screens.Observe(s.Took.Seconds(), s.Operator, s.Door)
		}
	}
}

// smsMetrics counts what becomes of SMS.
func (g *gateway) smsMetrics() func(operator, what string) {
	sms := g.admin.Counter("mlango_sms_total", "SMS by what became of a try.", "operator", "what")
	return func(operator, what string) { sms.Add(1, operator, what) }
}

// watch turns states into metrics until ctx ends.
func (g *gateway) watch(ctx context.Context) error {
	up := g.admin.Gauge("mlango_bind_up", "1 while the bind is up.", "operator", "bind")
	flight := g.admin.Gauge("mlango_bind_in_flight", "Submits without an answer.", "operator", "bind")
	throttled := g.admin.Gauge("mlango_bind_throttled", "Answers THROTTLED or queue full so far.", "operator", "bind")
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	for {
		for _, b := range g.pool.State() {
			up.Set(number(b.Up), b.Operator, b.Bind)
			flight.Set(float64(b.InFlight), b.Operator, b.Bind)
			throttled.Set(float64(b.Throttled), b.Operator, b.Bind)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// pages adds the gateway's own pages and the metrics that are read when asked.
func (g *gateway) pages() {
	a := g.admin
	a.Func("mlango_hops_running", "Hops under way.", func() float64 { return float64(g.edge.Running()) })
	a.Func("mlango_orders_waiting", "Orders without an answer.", func() float64 { return float64(g.orders.Depth()) })
	a.Func("mlango_orders_oldest_seconds", "How long the oldest of them waits.", func() float64 { return g.orders.Oldest().Seconds() })
	a.Func("mlango_promises", "Promises not kept yet.", func() float64 { return float64(g.orders.Promised()) })
	a.Func("mlango_sms_waiting", "Notices in memory that no SMSC took yet.", func() float64 { return float64(g.confirm.Waiting()) })
	a.Func("mlango_sms_dead", "SMS that were given up.", func() float64 { return float64(g.confirm.DeadLetters()) })
	a.Func("mlango_ledger_retries", "Calls to the ledger sent once more, under the same id.", func() float64 { return float64(g.ledger.Counts().Retries) })
	a.Func("mlango_ledger_retries_spent", "Calls that would have been sent once more, had the budget of a tenth not been used up.", func() float64 { return float64(g.ledger.Counts().Spent) })
	a.Func("mlango_ledger_shut", "Calls that an open breaker refused unsent.", func() float64 { return float64(g.ledger.Counts().Shut) })
	a.Func("mlango_ledger_breaker_open", "1 while calls to the ledger are refused unsent.", func() float64 { return number(g.ledger.Open()) })
	a.Handle("GET /trace", g.trace)
	a.Handle("GET /bundle", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeBundle(w, g.bundles.Active()) }))
	a.Handle("GET /bundles/{hash}", http.HandlerFunc(g.bundleByHash))
}

func (g *gateway) bundleByHash(w http.ResponseWriter, r *http.Request) {
	raw, err := hex.DecodeString(r.PathValue("hash"))
	var hash [32]byte
	if err != nil || copy(hash[:], raw) != len(hash) || len(raw) != len(hash) {
		admin.JSON(w, http.StatusBadRequest, map[string]string{"error": "no hash of a bundle", "mend": "64 hexadecimal digits, as GET /bundle shows"})
		return
	}
	writeBundle(w, g.bundles.Get(hash))
}

func writeBundle(w http.ResponseWriter, b *menus.Bundle) {
	if b == nil {
		admin.JSON(w, http.StatusNotFound, map[string]string{"error": "no such bundle here", "mend": "GET /bundle shows the active one"})
		return
	}
	admin.JSON(w, http.StatusOK, map[string]string{"hash": fmt.Sprintf("%x", b.Hash()), "name": b.Name(), "source": string(b.Source())})
}

// ready is what /readyz says: a gateway can answer truthfully whatever limps
// behind it, so only draining is not ready.
func (g *gateway) ready() (bool, []string) {
	var degraded []string
	if g.draining.Load() {
		return false, []string{"draining: no new sessions"}
	}
	if g.ledger.Open() {
		degraded = append(degraded, "ledger: not reachable, payments wait")
	}
	if g.degraded != nil {
		degraded = append(degraded, g.degraded()...)
	}
	for _, b := range g.pool.State() {
		if !b.Up {
			degraded = append(degraded, fmt.Sprintf("bind %s/%s to %s is down: %s", b.Operator, b.Bind, b.Addr, b.LastError))
		}
	}
	for i := range g.cfg.Operators {
		if o := &g.cfg.Operators[i]; o.Role == roleSMSC && g.edge.Bound(o.Name) == 0 {
			degraded = append(degraded, fmt.Sprintf("operator %s: its USSD centre is not bound to us", o.Name))
		}
	}
	return true, degraded
}
