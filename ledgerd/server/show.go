package server

import (
	"strings"

	"mlango/ledgerd/ledger"
)

// Show tells all about an id of 32 hexadecimal digits or a receipt number.
func Show(book *ledger.Book, text string) (ledger.Shown, bool) {
	if id, err := ledger.ParseID(text); err == nil {
		return book.Show(id)
	}
	var r ledger.Receipt
	if len(text) != len(r) {
		return ledger.Shown{}, false
	}
	copy(r[:], strings.ToUpper(text)) // as people type it
	return book.ShowReceipt(r)
}

// Show tells all about an id or a receipt from the applied books.
func (s *Server) Show(text string) (ledger.Shown, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return Show(s.book, text)
}
