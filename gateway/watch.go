package main

import (
	"encoding/hex"
	"fmt"
	"net/http"

	"mlango/gateway/edge"
	"mlango/internal/admin"
	"mlango/menus"
)

// ledgerAway is what limps while the ledger does not answer.
const ledgerAway = "ledger: not reachable, payments wait"

// hopMetrics counts what the doors see.
func (g *gateway) hopMetrics() func(edge.Seen) {
	hops := g.admin.Counter("mlango_hops_total", "Hops that came in.", "operator", "door")
	refused := g.admin.Counter("mlango_refused_total", "Hops that no menu answered, by word.", "operator", "door", "word")
	screens := g.admin.Histogram("mlango_screen_seconds", "From a hop's arrival to its screen.", "operator", "door")
	return func(s edge.Seen) {
		g.observer.seen(s)
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
	a.Handle("GET /view", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { admin.JSON(w, http.StatusOK, g.observer.board()) }))
	a.Handle("GET /incidents", http.HandlerFunc(g.incidentsPage))
	g.wirePages(a)
	g.versionPages(a)
	g.menuPages(a)
	a.Handle("GET /bundle", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { g.bundlePage(w) }))
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

// bundlePage tells the running bundle, and why a menu that was saved does not run.
func (g *gateway) bundlePage(w http.ResponseWriter) {
	b := g.bundles.Active()
	if b == nil {
		writeBundle(w, nil)
		return
	}
	out := bundleOut(b)
	if g.draft != nil {
		out["refused"] = g.draft.Refused()
	}
	admin.JSON(w, http.StatusOK, out)
}

func bundleOut(b *menus.Bundle) map[string]string {
	return map[string]string{"hash": fmt.Sprintf("%x", b.Hash()), "name": b.Name(), "source": string(b.Source())}
}

func writeBundle(w http.ResponseWriter, b *menus.Bundle) {
	if b == nil {
		admin.JSON(w, http.StatusNotFound, map[string]string{"error": "no such bundle here", "mend": "GET /bundle shows the active one"})
		return
	}
	admin.JSON(w, http.StatusOK, bundleOut(b))
}

// ready is what /readyz says: a gateway can answer truthfully whatever limps
// behind it, so only draining is not ready.
func (g *gateway) ready() (bool, []string) {
	var degraded []string
	if g.draining.Load() {
		return false, []string{"draining: no new sessions"}
	}
	if g.ledger.Open() {
		degraded = append(degraded, ledgerAway)
	}
	if g.degraded != nil {
		degraded = append(degraded, g.degraded()...)
	}
	degraded = append(degraded, g.menusDegraded()...)
	for _, b := range g.states() {
		if !b.Up {
			degraded = append(degraded, fmt.Sprintf("bind %s/%s to %s is down: %s", b.Operator, b.Bind, b.Addr, b.LastError))
		}
	}
	return true, degraded
}
