package phone

import (
	"context"
	"net/http"
	"slices"
	"time"

	"mlango/simulator/operator"
)

// faultJSON is what POST /api/faults takes.
type faultJSON struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	ForMS  int64  `json:"for_ms"`
	N      int    `json:"n"`
}

func (f faultJSON) lasts() time.Duration { return time.Duration(f.ForMS) * time.Millisecond }

// apiState is GET /api/faults: what is broken now.
func (s *Server) apiState(*http.Request) (any, error) { return s.world.state(), nil }

// apiFaults breaks something. A killed program comes back after for_ms; with 0
// it stays down until kind restart. A network fault ends after for_ms; with 0 it
// stays until kind none, and a phone out of reach until kind signal.
func (s *Server) apiFaults(r *http.Request) (any, error) {
	var f faultJSON
	if err := readJSON(r, &f); err != nil {
		return nil, err
	}
	if f.ForMS < 0 || f.ForMS > maxForMS {
		return nil, &trouble{status: http.StatusBadRequest, what: "for_ms is out of bounds", mend: "use 0 to 600000"}
	}
	switch f.Kind {
	case "kill", "restart":
		return struct{}{}, s.keep(r.Context(), f)
	case "no_signal", "signal":
		return struct{}{}, s.world.reach(f.Target, f.Kind == "signal", f.lasts())
	case "drop_binds":
		s.cfg.Network.DropBinds()
		return struct{}{}, nil
	case "none":
		s.world.misbehave("", operator.Faults{}, 0)
		return struct{}{}, nil
	}
	faults, ok := f.network()
	if !ok {
		return nil, &trouble{status: http.StatusBadRequest, what: "no such kind of fault, or its n is missing or too much", mend: "use kill or restart (with target), no_signal or signal (target is a phone), drop_binds, none, or with an n above 0: duplicate (at most 64), drop_resp, throttle (SMS) or throttle_all (screens too), busy, full, cut, delay_resp (n in ms, at most 60000)"}
	}
	s.world.misbehave(f.Kind, faults, f.lasts())
	return struct{}{}, nil
}

// network is the network fault a call asks for.
func (f faultJSON) network() (operator.Faults, bool) {
	switch f.Kind {
	case "duplicate":
		return operator.Faults{Duplicate: f.N}, f.N > 0 && f.N <= operator.MaxDuplicate
	case "drop_resp":
		return operator.Faults{RespDrop: f.N}, f.N > 0
	case "throttle":
		return operator.Faults{Throttle: f.N}, f.N > 0
	case "throttle_all":
		return operator.Faults{Throttle: f.N, ThrottleUSSD: true}, f.N > 0
	case "delay_resp":
		return operator.Faults{RespDelay: time.Duration(f.N) * time.Millisecond}, f.N > 0 && f.N <= int(operator.MaxDelay.Milliseconds())
	case "busy":
		return operator.Faults{Busy: f.N}, f.N > 0
	case "full":
		return operator.Faults{Full: f.N}, f.N > 0
	case "cut":
		return operator.Faults{Cut: f.N}, f.N > 0
	}
	return operator.Faults{}, false
}

// keep kills or restarts one of the programs behind the network.
func (s *Server) keep(ctx context.Context, f faultJSON) error {
	if s.cfg.Keeper == nil || !slices.Contains(tableTarget, f.Target) {
		return &trouble{status: http.StatusBadRequest, what: "no such target here", mend: "use ledgerd or gateway, on a running demo"}
	}
	if f.Kind == "restart" {
		return s.world.restart(ctx, f.Target)
	}
	return s.world.kill(ctx, f.Target, f.lasts())
}
