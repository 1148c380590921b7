package operator

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// faultJSON is what POST /api/faults takes.
type faultJSON struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	ForMS  int64  `json:"for_ms"`
	N      int    `json:"n"`
}

// tableTarget is what may be killed.
var tableTarget = map[string]bool{"ledgerd": true, "gateway": true}

// apiFaults breaks something. A killed program comes back after for_ms; with 0
// it stays down until kind restart. A network fault ends after for_ms; with 0 it
// stays until kind none.
func (o *Operator) apiFaults(r *http.Request) (any, error) {
	var f faultJSON
	if err := readJSON(r, &f); err != nil {
		return nil, err
	}
	if f.ForMS < 0 || f.ForMS > maxForMS {
		return nil, &trouble{status: http.StatusBadRequest, what: "for_ms is out of bounds", mend: "use 0 to 600000"}
	}
	switch f.Kind {
	case "kill", "restart":
		return struct{}{}, o.keep(r.Context(), f)
	case "drop_binds":
		o.DropBinds()
		return struct{}{}, nil
	}
	faults, ok := f.network()
	if !ok {
		return nil, &trouble{status: http.StatusBadRequest, what: "no such kind of fault, or its n is missing", mend: "use kill or restart (with target), drop_binds, none, or with an n above 0: duplicate, drop_resp, throttle, busy, full, cut, delay_resp (n in ms)"}
	}
	if f.ForMS > 0 {
		o.SetFaultsFor(faults, time.Duration(f.ForMS)*time.Millisecond)
	} else {
		o.SetFaults(faults)
	}
	return struct{}{}, nil
}

// network is the network fault a call asks for.
func (f faultJSON) network() (Faults, bool) {
	switch f.Kind {
	case "none":
		return Faults{}, true
	case "duplicate":
		return Faults{Duplicate: f.N}, f.N > 0
	case "drop_resp":
		return Faults{RespDrop: f.N}, f.N > 0
	case "throttle":
		return Faults{Throttle: f.N}, f.N > 0
	case "delay_resp":
		return Faults{RespDelay: time.Duration(f.N) * time.Millisecond}, f.N > 0
	case "busy":
		return Faults{Busy: f.N}, f.N > 0
	case "full":
		return Faults{Full: f.N}, f.N > 0
	case "cut":
		return Faults{Cut: f.N}, f.N > 0
	}
	return Faults{}, false
}

// keep kills or restarts one of the programs behind the network.
func (o *Operator) keep(ctx context.Context, f faultJSON) error {
	if o.cfg.Keeper == nil || !tableTarget[f.Target] {
		return &trouble{status: http.StatusBadRequest, what: "no such target here", mend: "use ledgerd or gateway, on a running demo"}
	}
	if f.Kind == "restart" {
		return o.cfg.Keeper.Restart(ctx, f.Target)
	}
	if err := o.cfg.Keeper.Kill(ctx, f.Target); err != nil {
		return err
	}
	if f.ForMS > 0 {
		time.AfterFunc(time.Duration(f.ForMS)*time.Millisecond, func() { o.revive(f.Target) })
	}
	return nil
}

// revive starts a killed program again, long after the call that killed it.
func (o *Operator) revive(target string) {
	if err := o.cfg.Keeper.Restart(context.Background(), target); err != nil {
		slog.Error("restart after a fault", "target", target, "err", err)
	}
}

// apiTrace tells what crossed each wire for a session.
func (o *Operator) apiTrace(r *http.Request) (any, error) {
	session := r.URL.Query().Get("session")
	if session == "" {
		return nil, &trouble{status: http.StatusBadRequest, what: "which session?", mend: "add ?session= with the session of a dial's answer"}
	}
	return o.events(r.Context(), session), nil
}
