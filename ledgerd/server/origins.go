package server

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
)

// Bounds of the names of gateways that one certificate brings and the books never heard.
// A gateway has one name; it says another's, which they know, when it works that one's
// orders off.
const (
	maxBrought  = 16      // since the start; for ever the books hold ledger.MaxGateways
	maxBringers = 1 << 16 // certificates that brought one
)

// origins are those names, by the certificate's key.
type origins struct {
	mu      sync.Mutex
	by      map[[32]byte]map[string]bool
	refused uint64
}

// tell counts a refusal and tells whether the log says so: of many fewer and fewer, or
// whoever asks all day fills the disk with lines.
func (o *origins) tell() bool {
	o.refused++
	return o.refused&(o.refused-1) == 0
}

// mayBring tells whether a caller may say a wish from a gateway.
func (s *Server) mayBring(who caller, gateway string) bool {
	s.mu.RLock()
	known := s.book.KnowsGateway(gateway)
	s.mu.RUnlock()
	if known {
		return true
	}
	s.origins.mu.Lock()
	defer s.origins.mu.Unlock()
	names := s.origins.by[who.key]
	switch {
	case names[gateway]:
		return true
	case len(names) >= maxBrought, names == nil && len(s.origins.by) >= maxBringers:
		if s.origins.tell() {
			s.log.Warn("a wish was refused: its certificate names too many gateways", "who", who.name, "gateway", gateway, "refused", s.origins.refused)
		}
		return false
	case names == nil:
		if s.origins.by == nil {
			s.origins.by = map[[32]byte]map[string]bool{}
		}
		names = map[string]bool{}
		s.origins.by[who.key] = names
	}
	names[gateway] = true
	return true
}

// mayBringAll refuses an administrator's call that names too many gateways.
func (s *Server) mayBringAll(who caller, records []any) error {
	for _, r := range records {
		cmd, _ := r.(ledger.Command)
		if o := ledger.OriginOf(cmd); o != nil && !s.mayBring(who, o.Gateway) {
			return status.Errorf(codes.PermissionDenied, "%s named %d gateways that nobody knows, and %.16q is one more", who.name, maxBrought, o.Gateway)
		}
	}
	return nil
}

// nameGauges tell how full the books' tables of names are: past 1 what is named anew is
// refused.
func (s *Server) nameGauges() (list []Gauge) {
	for i, what := range []string{"gateways", "operators", "bundles"} {
		list = append(list, Gauge{"ledger_names_" + what, "Part of the names of " + what + " that the books can hold; at 1 a new one is refused.", func() float64 {
			s.mu.RLock()
			defer s.mu.RUnlock()
			n := s.book.Names()[i]
			return float64(n.Held) / float64(n.Most)
		}})
	}
	return list
}
