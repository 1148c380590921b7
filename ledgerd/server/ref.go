package server

import "mlango/ledgerd/ledger"

// ref is the reference of a payment as it was typed; of a payer who was forgotten
// there is none. The books must not be locked.
func (s *Server) ref(id ledger.ID, kind ledger.Kind) string {
	if kind != ledger.KindPaybill {
		return ""
	}
	s.mu.RLock()
	of, payer, sealed := s.book.Ref(id)
	s.mu.RUnlock()
	return s.openRef(of, payer, sealed)
}

// openRef opens what the judge sealed.
func (s *Server) openRef(of ledger.ID, payer ledger.Account, sealed []byte) string {
	if len(sealed) == 0 {
		return ""
	}
	ref, err := s.vault.OpenRef(uint64(payer), of, sealed)
	if err != nil {
		s.log.Debug("a reference does not open", "account", payer, "error", err)
	}
	return ref
}
